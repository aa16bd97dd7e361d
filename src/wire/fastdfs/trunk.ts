import { type StructValue, struct, text, u8, u32 } from '../struct.ts'
import type { FileId } from './file-id.ts'

/**
 * header of a slot in a trunk file => type[1] alloc_size[4] file_size[4] crc32[4] mtime[4] ext_name[7]
 * The content follows it (`FDFS_TRUNK_FILE_HEADER_SIZE` is 24).
 */
export const TRUNK_HEADER = struct({
  type: u8,
  allocSize: u32,
  fileSize: u32,
  crc32: u32,
  /** Unix seconds. */
  modified: u32,
  extName: text(7),
})

export type TrunkHeader = StructValue<typeof TRUNK_HEADER>

/** `type` of a slot that holds a file of its own; `L` is a link, 0 a free slot. */
export const REGULAR_FILE = 'F'.charCodeAt(0)

/** `00/00/000001` below the `data` folder: the trunk file that holds a trunk id's content. */
export function trunkFilename({ dataPath, trunk }: FileId): string {
  const folder = dataPath.slice(0, dataPath.lastIndexOf('/'))
  return `${folder}/${`${trunk?.id ?? 0}`.padStart(6, '0')}`
}
