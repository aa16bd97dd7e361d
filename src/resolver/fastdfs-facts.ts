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
