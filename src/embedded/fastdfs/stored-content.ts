import type { Stats } from 'node:fs'
import { open } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import { type FileId, parseFileId, type TrunkSlot } from '../../wire/fastdfs/file-id.ts'
import { STATUS } from '../../wire/fastdfs/status.ts'
import { REGULAR_FILE, TRUNK_HEADER, trunkFilename } from '../../wire/fastdfs/trunk.ts'
import { type OpenFile, readAt } from '../open-files.ts'
import type { StorageContext } from './storage-context.ts'
import type { StoredName } from './stored-name.ts'

/** Where the bytes of a file are: a whole file, or a slot of a trunk file. */
export interface StoredContent {
  readonly file: OpenFile
  readonly start: number
  readonly size: number
  /** Unix seconds. */
  readonly modified: number
}

const TRUNK_NAME_CHARS = 60
const READ_BYTES = 512 * 1024

/** @throws ENOENT, EdgeError invalid_ref */
export function withContent<T>(
  { store, groupName }: StorageContext,
  name: StoredName,
  use: (content: StoredContent) => Promise<T>,
): Promise<T> {
  const trunk = trunkOf(groupName, name)
  if (trunk !== undefined) {
    return store.openFiles.use(trunk.path, async (file) =>
      use(await trunkContent(file, trunk.id, trunk.slot)),
    )
  }
  return store.openFiles.use(name.path, (file, stats) => use(plainContent(file, stats)))
}

/** @throws ENOENT */
export function requireContent(storage: StorageContext, name: StoredName): Promise<void> {
  return withContent(storage, name, async () => undefined)
}

function plainContent(file: OpenFile, stats: Stats): StoredContent {
  return { file, start: 0, size: stats.size, modified: Math.floor(stats.mtimeMs / 1000) }
}

function trunkOf(
  groupName: string,
  { filename, path, subdirs }: StoredName,
): { id: FileId; slot: TrunkSlot; path: string } | undefined {
  if (filename.length !== TRUNK_NAME_CHARS) return undefined
  const id = parseFileId({ groupName, filename })
  if (id === undefined || id.trunk === null) return undefined
  const data = path.slice(0, path.lastIndexOf(subdirs))
  return { id, slot: id.trunk, path: data + trunkFilename(id) }
}

async function trunkContent(file: OpenFile, id: FileId, slot: TrunkSlot): Promise<StoredContent> {
  const bytes = Buffer.alloc(TRUNK_HEADER.size)
  await readAt(file, bytes, { size: bytes.length, position: slot.offset })
  const header = TRUNK_HEADER.decode(bytes)
  if (header.type !== REGULAR_FILE || header.fileSize !== id.size) throw noEntry(id.filename)
  const start = slot.offset + TRUNK_HEADER.size
  return { file, start, size: header.fileSize, modified: header.modified }
}

function noEntry(filename: string): Error {
  return Object.assign(new Error(`no file ${filename}`), { errno: -STATUS.ENOENT })
}

/** Marks the slot of a trunk file as free; false for a file that lies in none. */
export async function freeTrunkSlot(storage: StorageContext, name: StoredName): Promise<boolean> {
  const trunk = trunkOf(storage.groupName, name)
  if (trunk === undefined) return false
  await requireContent(storage, name)
  const file = await open(trunk.path, 'r+')
  try {
    await file.write(Buffer.of(0), 0, 1, trunk.slot.offset)
  } finally {
    await file.close()
  }
  return true
}

export async function contentCrc32({ file, start, size }: StoredContent): Promise<number> {
  const buffer = Buffer.allocUnsafe(Math.min(READ_BYTES, size))
  let sum = 0
  for (let done = 0; done < size; ) {
    const wanted = Math.min(buffer.length, size - done)
    const count = await readAt(file, buffer, { size: wanted, position: start + done })
    if (count === 0) break
    sum = crc32(buffer.subarray(0, count), sum)
    done += count
  }
  return sum
}
