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

export function encodeFileInfo(info: FileInfo): ArgumentsToSend {
  const { fid, length, devcount, checksum } = info
  return { fid, length, class: info.className, devcount, checksum: checksum ?? undefined }
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

/** What FILE_DEBUG finds in the primary database. */
export interface FileDebug {
  /** Null where a fid was asked for that no file has. */
  readonly file: (FileInfo & { readonly domain: string; readonly key: string }) | null
  /** URLs by device, of all copies there should be, readable or not. */
  readonly paths: readonly Destination[]
  /** All of the answer: it has rows of queues as well. */
  readonly fields: Arguments
}

/** `[fid_fid= fid_length= fid_dkey= ..] [devids=1,2 devpath_1= devpath_2=] checksum= ..` */
export function decodeFileDebug(args: Arguments): FileDebug {
  const paths: Destination[] = []
  for (const [name, path] of args) {
    const [, devid] = /^devpath_([0-9]{1,10})$/.exec(name) ?? []
    if (devid !== undefined) paths.push({ devid: Number(devid), path })
  }
  return { file: args.has('fid_fid') ? decodeFileRow(args) : null, paths, fields: args }
}

function decodeFileRow(args: Arguments): FileDebug['file'] {
  return {
    fid: countOf(args, 'fid_fid'),
    length: countOf(args, 'fid_length'),
    className: args.get('fid_class') ?? '',
    devcount: optionalCountOf(args, 'fid_devcount') ?? 0,
    checksum: args.get('checksum') ?? null,
    domain: args.get('fid_domain') ?? '',
    key: args.get('fid_dkey') ?? '',
  }
}

/** A file of LIST_FIDS. */
export interface ListedFid extends Omit<FileInfo, 'checksum'> {
  readonly domain: string
  readonly key: string
}

/** `fid_count=N fid_1_fid= fid_1_key= fid_1_length= fid_1_class= fid_1_domain= fid_1_devcount=` */
export function decodeFids(args: Arguments): readonly ListedFid[] {
  return listOf(args, 'fid_count', (n) => ({
    fid: countOf(args, `fid_${n}_fid`),
    length: countOf(args, `fid_${n}_length`),
    className: args.get(`fid_${n}_class`) ?? '',
    devcount: optionalCountOf(args, `fid_${n}_devcount`) ?? 0,
    domain: args.get(`fid_${n}_domain`) ?? '',
    key: textOf(args, `fid_${n}_key`),
  }))
}

/** A copy of a file, or where a new file may be put. */
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

export function encodeOpenedFile({ fid, destinations }: OpenedFile): ArgumentsToSend {
  const entries = destinations.flatMap(({ devid, path }, index) => [
    [`devid_${index + 1}`, devid] as const,
    [`path_${index + 1}`, path] as const,
  ])
  return { fid, dev_count: destinations.length, ...Object.fromEntries(entries) }
}

/** What a file without multi_dest is answered with. */
export function encodeSingleDestination(fid: number, destination: Destination): ArgumentsToSend {
  return { fid, devid: destination.devid, path: destination.path }
}
