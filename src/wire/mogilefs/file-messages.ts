import {
  type Arguments,
  type ArgumentsToSend,
  countOf,
  listOf,
  optionalCountOf,
  textOf,
} from './arguments.ts'

/** `paths=N path1=URL .. pathN=URL`; none is an answer like any other. */
export function decodePaths(args: Arguments): readonly string[] {
  return listOf(args, 'paths', (n) => textOf(args, `path${n}`))
}

export function encodePaths(paths: readonly string[]): ArgumentsToSend {
  const entries = paths.map((path, index) => [`path${index + 1}`, path] as const)
  return { paths: paths.length, ...Object.fromEntries(entries) }
}

/** `fid= length= class= devcount= domain= key= [checksum=]`; `key` is echoed as it was asked. */
export interface FileInfo {
  readonly fid: number
  /** Bytes. */
  readonly length: number
  readonly className: string
  /** Copies, as far as the trackers have counted them. */
  readonly devcount: number
  /** `MD5:hex`, `SHA-1:hex`, `MISSING`; null for a class without a hash type. */
  readonly checksum: string | null
}

export function decodeFileInfo(args: Arguments): FileInfo {
  return {
    fid: countOf(args, 'fid'),
    length: countOf(args, 'length'),
    className: args.get('class') ?? '',
    devcount: optionalCountOf(args, 'devcount') ?? 0,
    checksum: args.get('checksum') ?? null,
  }
}

/** `key_count=N key_1= .. key_N= next_after=` */
export interface KeyPage {
  readonly keys: readonly string[]
  /** What to go on after. */
  readonly nextAfter: string | null
}

export function decodeKeyPage(args: Arguments): KeyPage {
  const keys = listOf(args, 'key_count', (n) => textOf(args, `key_${n}`))
  return { keys, nextAfter: args.get('next_after') ?? null }
}

export function encodeKeyPage(keys: readonly string[]): ArgumentsToSend {
  const entries = keys.map((key, index) => [`key_${index + 1}`, key] as const)
  return { key_count: keys.length, next_after: keys.at(-1), ...Object.fromEntries(entries) }
}

/** Where a new file may be put. */
export interface Destination {
  readonly devid: number
  /** A URL. */
  readonly path: string
}

export interface OpenedFile {
  readonly fid: number
  readonly destinations: readonly Destination[]
}

/** With multi_dest `fid= dev_count=N devid_1= path_1= ..`, without it `fid= devid= path=`. */
export function decodeOpenedFile(args: Arguments): OpenedFile {
  const fid = countOf(args, 'fid')
  if (!args.has('dev_count')) {
    return { fid, destinations: [{ devid: countOf(args, 'devid'), path: textOf(args, 'path') }] }
  }
  const destinations = listOf(args, 'dev_count', (n) => ({
    devid: countOf(args, `devid_${n}`),
    path: textOf(args, `path_${n}`),
  }))
  return { fid, destinations }
}
