import { EdgeError } from '../../errors.ts'
import { byteCount, i64, type Struct, struct, text, u8 } from '../struct.ts'
import { type AddressWidth, type FileName, GROUP_NAME } from './tracker-messages.ts'

/**
 * Where a file's bytes begin and how many are wanted; `length` 0 is "to the end". A storage answers
 * a number below zero with EINVAL.
 */
export interface DownloadRequest extends FileName {
  readonly offset: number
  readonly length: number
}

const DOWNLOAD_HEAD = struct({ offset: i64, length: i64, groupName: GROUP_NAME })

/** DOWNLOAD_FILE (14) => offset[8] length[8] group_name[16] filename; the reply is the bytes alone */
export function encodeDownload(request: DownloadRequest): Buffer {
  return Buffer.concat([DOWNLOAD_HEAD.encode(request), Buffer.from(request.filename)])
}

export function decodeDownload(body: Buffer): DownloadRequest {
  const head = DOWNLOAD_HEAD.decode(body)
  return { ...head, filename: body.toString('utf8', DOWNLOAD_HEAD.size) }
}

/** What a storage says of a file on its disk. */
export interface FileInfo {
  readonly size: number
  /** The disk's mtime in unix seconds, though upstream's clients print it as the create time. */
  readonly modified: number
  /** Of the content, but of the master's content for a slave whose name has 44 characters. */
  readonly crc32: number
  readonly sourceIpAddr: string
}

const FILE_INFO = {
  16: struct({ size: byteCount, modified: i64, crc32: i64, sourceIpAddr: text(16) }),
  46: struct({ size: byteCount, modified: i64, crc32: i64, sourceIpAddr: text(46) }),
} as const

/** The status byte of a QUERY_FILE_INFO request carries flags. */
export const FILE_INFO_FLAG = { NOT_CALC_CRC32: 1, KEEP_SILENCE: 2 } as const

/** reply of QUERY_FILE_INFO (22) => size[8] mtime[8] crc32[8] source_ip[16|46] */
export function decodeFileInfo(body: Buffer): FileInfo {
  const form = [FILE_INFO[16], FILE_INFO[46]].find(({ size }) => size === body.length)
  if (form === undefined) {
    throw new EdgeError('protocol_error', `a file info reply of ${body.length} bytes`)
  }
  const info = form.decode(body)
  // A sign-extended int32 on the wire.
  return { ...info, crc32: info.crc32 >>> 0 }
}

export function encodeFileInfo(info: FileInfo, width: AddressWidth): Buffer {
  return FILE_INFO[width].encode({ ...info, crc32: info.crc32 | 0 })
}

/**
 * A request that ends in file content: fixed fields, a name whose length they hold, then `size`
 * bytes of content. A server reads it in these three steps and streams the last.
 */
export interface ContentRequest<T> {
  readonly head: Struct<T>
  /** Bytes of the name behind the head. */
  nameLength(head: T): number
  /** Bytes of content behind the name. */
  contentLength(head: T): number
}

function contentRequest<T extends { readonly size: number }>(
  head: Struct<T>,
  nameLength: (head: T) => number,
): ContentRequest<T> {
  return { head, nameLength, contentLength: ({ size }) => size }
}

const EXT_NAME = text(6)

/** UPLOAD_FILE (11), UPLOAD_APPENDER_FILE (23) => store_path_index[1] size[8] ext_name[6] content */
export const UPLOAD = contentRequest(
  struct({ storePathIndex: u8, size: byteCount, extName: EXT_NAME }),
  () => 0,
)

/** UPLOAD_SLAVE_FILE (21) => master_length[8] size[8] prefix[16] ext_name[6] master content */
export const UPLOAD_SLAVE = contentRequest(
  struct({ masterLength: byteCount, size: byteCount, prefix: text(16), extName: EXT_NAME }),
  ({ masterLength }) => masterLength,
)

/** APPEND_FILE (24) => filename_length[8] size[8] filename content: no group name */
export const APPEND = contentRequest(
  struct({ filenameLength: byteCount, size: byteCount }),
  ({ filenameLength }) => filenameLength,
)

/** MODIFY_FILE (34) => filename_length[8] offset[8] size[8] filename content */
export const MODIFY = contentRequest(
  struct({ filenameLength: byteCount, offset: byteCount, size: byteCount }),
  ({ filenameLength }) => filenameLength,
)

/** `storePathIndex` of an upload that leaves the choice to the storage. */
export const ANY_STORE_PATH = 255

const TRUNCATE_HEAD = struct({ filenameLength: byteCount, size: byteCount })

/** TRUNCATE_FILE (36) => filename_length[8] remaining_size[8] filename */
export function encodeTruncate(filename: string, size: number): Buffer {
  const name = Buffer.from(filename)
  return Buffer.concat([TRUNCATE_HEAD.encode({ filenameLength: name.length, size }), name])
}

export function decodeTruncate(body: Buffer): { filename: string; size: number } {
  const { filenameLength, size } = TRUNCATE_HEAD.decode(body)
  const name = body.subarray(TRUNCATE_HEAD.size)
  requireLength(name, filenameLength)
  return { filename: name.toString(), size }
}

/** `O` replaces all metadata of a file, `M` merges. */
export type SetMetadataFlag = 'O' | 'M'

export interface SetMetadataRequest extends FileName {
  readonly flag: SetMetadataFlag
  /** As `encodeMetadata` makes it. */
  readonly metadata: Buffer
}

const SET_METADATA_HEAD = struct({
  filenameLength: byteCount,
  metadataLength: byteCount,
  flag: text(1),
  groupName: GROUP_NAME,
})

/** SET_METADATA (13) => filename_length[8] metadata_length[8] flag[1] group_name[16] filename metadata */
export function encodeSetMetadata(request: SetMetadataRequest): Buffer {
  const { flag, groupName, metadata } = request
  const name = Buffer.from(request.filename)
  const lengths = { filenameLength: name.length, metadataLength: metadata.length }
  return Buffer.concat([SET_METADATA_HEAD.encode({ ...lengths, flag, groupName }), name, metadata])
}

export function decodeSetMetadata(body: Buffer): SetMetadataRequest {
  const { filenameLength, metadataLength, flag, groupName } = SET_METADATA_HEAD.decode(body)
  const rest = body.subarray(SET_METADATA_HEAD.size)
  requireLength(rest, filenameLength + metadataLength)
  if (flag !== 'O' && flag !== 'M') {
    throw new EdgeError('protocol_error', `the metadata flag "${flag}" is neither O nor M`)
  }
  const filename = rest.toString('utf8', 0, filenameLength)
  return { flag, groupName, filename, metadata: rest.subarray(filenameLength) }
}

function requireLength(bytes: Buffer, length: number): void {
  if (bytes.length !== length) {
    throw new EdgeError('protocol_error', `${bytes.length} bytes where ${length} were announced`)
  }
}
