import { u32 } from '../struct.ts'
import type { FileName } from './tracker-messages.ts'

/**
 * `normal` and `trunk` never change and their ids hold size and crc32. An `appender` may grow. A
 * `slave` (thumbnail) carries its master's id: nothing in it is about the slave itself.
 */
export type FileKind = 'normal' | 'slave' | 'appender' | 'trunk'

/** Where a trunk file lies inside `data/HH/HH/<id as 6 digits>` of its store path, in bytes. */
export interface TrunkSlot {
  readonly id: number
  readonly offset: number
  readonly allocSize: number
}

/** Everything that a file id says by itself. Unknown is null. An id is written by a client. */
export interface FileId extends FileName {
  readonly kind: FileKind
  readonly storePathIndex: number
  /** `00/00/name` below the `data` folder of the store path. */
  readonly dataPath: string
  readonly sourceIp: string | null
  readonly sourceId: number | null
  /** Unix seconds; the master's for a slave. */
  readonly createTimestamp: number
  readonly size: number | null
  readonly crc32: number | null
  readonly trunk: TrunkSlot | null
}

/** A tracker refuses longer names (`FDFS_TRUNK_LOGIC_FILENAME_LENGTH` and its buffers). */
const FILENAME_MAX_BYTES = 127
const BASE64_CHARS = 27
const TRUNK_TAIL_CHARS = 16
const MAX_SERVER_ID = 2 ** 24 - 1

// The store path is missing in names of FastDFS before 1.12. What follows the base64 part is short.
const FILENAME =
  /^(?:M([0-9A-Fa-f]{2})\/)?(([0-9A-F]{2}\/[0-9A-F]{2})\/([A-Za-z0-9_-]{27})([^/\\\p{Cc}]*))$/u

/** Random digits and the extension, seven bytes in all (`storage_format_ext_name`). */
const SUFFIX = /^(?=[!-~]{7}$)[0-9]*(?:\.[^.].*)?$/

const APPENDER_BIT = 1 << 26
const TRUNK_BIT = 1 << 27

/** `group1/M00/00/00/..` as one path. */
export function formatFileId({ groupName, filename }: FileName): string {
  return `${groupName}/${filename}`
}

/** Splits `group1/M00/00/00/..`, a leading slash allowed; undefined when there is no group. */
export function splitFileId(path: string): FileName | undefined {
  const [, groupName, filename] = /^\/?([^/]+)\/(.+)$/s.exec(path) ?? []
  return groupName === undefined || filename === undefined ? undefined : { groupName, filename }
}

export function isGroupName(name: string): boolean {
  return /^(?!\.{1,2}$)[A-Za-z0-9_.-]{1,16}$/.test(name)
}

/** Metadata lies beside its file under the name `<filename>-m` and is not public. */
export function isMetadataName(filename: string): boolean {
  return filename.endsWith('-m')
}

/** What the id of a file says, or undefined where no FastDFS can have made it. */
export function parseFileId({ groupName, filename }: FileName): FileId | undefined {
  const match = FILENAME.exec(filename)
  if (match === null || !isGroupName(groupName)) return undefined
  if (Buffer.byteLength(filename) > FILENAME_MAX_BYTES) return undefined
  const [, storePath = '00', dataPath = '', , encoded = '', after = ''] = match
  const raw = Buffer.from(encoded, 'base64url')
  const sizeWord = { high: u32.read(raw, 8), low: u32.read(raw, 12) }
  const kind = kindOf(sizeWord.high, after)
  return {
    groupName,
    filename,
    kind,
    storePathIndex: Number.parseInt(storePath, 16),
    dataPath,
    ...sourceOf(raw),
    createTimestamp: u32.read(raw, 4),
    ...contentOf(kind, sizeWord, u32.read(raw, 16)),
    trunk: kind === 'trunk' ? decodeTrunkSlot(after.slice(0, TRUNK_TAIL_CHARS)) : null,
  }
}

/**
 * A slave has no mark: its name is its master's, up to the extension, with a prefix and its own
 * extension. What does not have the exact form of a name that a storage made is a slave, even at
 * 44 characters, where upstream takes `733_abc` for digits and extension.
 */
function kindOf(sizeHigh: number, after: string): FileKind {
  if ((sizeHigh & TRUNK_BIT) !== 0) {
    const isTrunkTail = /^[A-Za-z0-9_-]{16}$/.test(after.slice(0, TRUNK_TAIL_CHARS))
    return isTrunkTail && SUFFIX.test(after.slice(TRUNK_TAIL_CHARS)) ? 'trunk' : 'slave'
  }
  if (!SUFFIX.test(after)) return 'slave'
  return (sizeHigh & APPENDER_BIT) !== 0 ? 'appender' : 'normal'
}

/** An IPv4 address in its order, or a storage id as a little-endian number below 2^24. */
function sourceOf(raw: Buffer): Pick<FileId, 'sourceIp' | 'sourceId'> {
  const id = raw.readUInt32LE(0)
  if (id >= 1 && id <= MAX_SERVER_ID) return { sourceIp: null, sourceId: id }
  return { sourceIp: raw.subarray(0, 4).join('.'), sourceId: null }
}

/**
 * The size word: below 4 GiB bit 63 is set and bits 32 to 54 are random; from 4 GiB on it is the
 * plain size. Appenders and slaves say nothing of their own content.
 */
function contentOf(
  kind: FileKind,
  { high, low }: { high: number; low: number },
  crc32: number,
): Pick<FileId, 'size' | 'crc32'> {
  if (kind === 'slave' || kind === 'appender') return { size: null, crc32: null }
  const isBelow4GiB = high >= 2 ** 31 || kind === 'trunk'
  const size = isBelow4GiB ? low : high * 2 ** 32 + low
  return Number.isSafeInteger(size) ? { size, crc32 } : { size: null, crc32: null }
}

function decodeTrunkSlot(tail: string): TrunkSlot {
  const raw = Buffer.from(tail, 'base64url')
  return { id: u32.read(raw, 0), offset: u32.read(raw, 4), allocSize: u32.read(raw, 8) }
}

export interface NewFilename {
  readonly storePathIndex: number
  /** `00/00`, upper-case hex. */
  readonly subdirs: string
  /** IPv4 address of the storage that makes the file, or its id where names hold ids. */
  readonly source: { readonly ipAddr: string } | { readonly id: number }
  readonly createTimestamp: number
  readonly size: number
  readonly crc32: number
  readonly isAppender: boolean
  /** Without the dot, at most 6 bytes, may be empty. */
  readonly extName: string
  /** Two random words: one for the size word's free bits, one for the digits before the dot. */
  readonly random: readonly [number, number]
}

/** The name that a storage gives a new file (`storage_gen_filename`, storage_service.c). */
export function createFilename(file: NewFilename): string {
  const raw = Buffer.alloc(20)
  if ('id' in file.source) raw.writeUInt32LE(file.source.id)
  else Buffer.from(file.source.ipAddr.split('.').map(Number)).copy(raw)
  u32.write(raw, 4, file.createTimestamp)
  const randomBits = (file.random[0] & 0x007f_ffff) | (file.isAppender ? APPENDER_BIT : 0)
  // The plain size of a large file would leave no room for the mark of an appender.
  const size = file.isAppender ? 0 : file.size
  const isPlainSize = size >= 2 ** 32
  u32.write(raw, 8, isPlainSize ? Math.floor(size / 2 ** 32) : (randomBits | (2 ** 31)) >>> 0)
  u32.write(raw, 12, size % 2 ** 32)
  u32.write(raw, 16, file.crc32)
  const storePath = file.storePathIndex.toString(16).toUpperCase().padStart(2, '0')
  const suffix = createSuffix(file.extName, file.random[1])
  return `M${storePath}/${file.subdirs}/${raw.toString('base64url')}${suffix}`
}

function createSuffix(extName: string, random: number): string {
  const extension = extName === '' ? '' : `.${extName}`
  const digits = 7 - extension.length
  return digits <= 0 ? extension : `${random}`.padStart(digits, '0').slice(-digits) + extension
}

/** A slave's filename: the master's without its extension, the prefix, the slave's own extension. */
export function createSlaveFilename(master: FileName, prefix: string, extName: string): string {
  const extension = extName === '' ? '' : `.${extName}`
  const { filename } = master
  const nameStart = filename.lastIndexOf('/') + 1
  const suffixStart = Math.max(nameStart + BASE64_CHARS, filename.length - 7)
  const dot = filename.indexOf('.', suffixStart)
  return `${dot < 0 ? filename : filename.slice(0, dot)}${prefix}${extension}`
}
