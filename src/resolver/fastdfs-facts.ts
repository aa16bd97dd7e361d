import type { FileId } from '../wire/fastdfs/file-id.ts'
import type { FileInfo } from '../wire/fastdfs/storage-messages.ts'
import type { Facts } from './resolver.ts'

/** nginx's ETag of the same file on disk: `"hex(mtime)-hex(size)"`. */
function etag(modified: number, size: number): string {
  return `"${modified.toString(16)}-${size.toString(16)}"`
}

/**
 * What the id of a normal or trunk file says: its mtime on every disk is the create time. Null for
 * a slave or an appender, whose ids do not speak of their content.
 */
export function factsOfId({ size, crc32, createTimestamp }: FileId): Facts | null {
  if (size === null || crc32 === null) return null
  return {
    size,
    modified: createTimestamp,
    etag: etag(createTimestamp, size),
    isImmutable: true,
    isPermanent: true,
    checksum: { algorithm: 'crc32', value: crc32 },
  }
}

/** What a storage says of a file that may change under its name. */
export function factsOfInfo({ size, modified }: Pick<FileInfo, 'size' | 'modified'>): Facts {
  return {
    size,
    modified,
    etag: etag(modified, size),
    isImmutable: false,
    isPermanent: false,
    checksum: null,
  }
}

/**
 * Every replica holds another size than the id says, and all the same one: the name is a slave's
 * that looks like a normal file's (its prefix is digits). From a single replica it could as well be a
 * cut file, and so could an empty one from all: nobody stores empty slaves, but a disk that lost what
 * was written leaves them. Nothing that a storage tells sets a slave apart from a file that was cut
 * before it was copied: its name, its crc32 and, within a second, its time are the master's.
 */
export function agreedInfo(infos: readonly FileInfo[]): FileInfo | undefined {
  const [first] = infos
  if (first === undefined || first.size === 0 || infos.length < 2) return undefined
  return infos.every(({ size }) => size === first.size) ? first : undefined
}
