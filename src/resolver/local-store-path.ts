import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { EdgeError } from '../errors.ts'
import type { FileId } from '../wire/fastdfs/file-id.ts'
import { REGULAR_FILE, TRUNK_HEADER, trunkFilename } from '../wire/fastdfs/trunk.ts'
import type { ByteRange, Replica, ReplicaBody } from './resolver.ts'

/** The store paths of one group on this host, in the order of their M numbers. */
export interface LocalGroup {
  readonly groupName: string
  /** Folders that hold `data/HH/HH/..`. */
  readonly storePaths: readonly string[]
}

/** What lies on the disk: where the content begins, how long it is, and its mtime. */
interface OnDisk {
  readonly path: string
  readonly offset: number
  readonly size: number
  /** Unix seconds. */
  readonly modified: number
}

export interface LocalFile {
  readonly size: number
  readonly modified: number
  readonly replica: Replica
}

const CHUNK_BYTES = 256 * 1024

/** Store paths on this host: a file there needs no tracker and no storage. */
export class LocalStorePaths {
  readonly #groups: ReadonlyMap<string, readonly string[]>

  constructor(groups: readonly LocalGroup[]) {
    this.#groups = new Map(groups.map(({ groupName, storePaths }) => [groupName, storePaths]))
  }

  /**
   * A file that is here whole. Null where it is not, or not in the size that its id says: it may be
   * on its way. An appender is left to the storages, for this copy may lag behind.
   */
  async find(id: FileId): Promise<LocalFile | null> {
    const storePath = this.#groups.get(id.groupName)?.[id.storePathIndex]
    if (storePath === undefined || id.kind === 'appender') return null
    const onDisk = await look(storePath, id)
    if (onDisk === null || (id.size !== null && id.size !== onDisk.size)) return null
    const path = id.trunk === null ? pathOf(id) : undefined
    const elsewhere = path === undefined ? {} : ({ elsewhere: { kind: 'file', path } } as const)
    const replica = { ...localReplica(storePath, onDisk), ...elsewhere }
    return { size: onDisk.size, modified: onDisk.modified, replica }
  }
}

function pathOf({ groupName, storePathIndex, dataPath }: FileId): string {
  const number = storePathIndex.toString(16).toUpperCase().padStart(2, '0')
  return `/${groupName}/M${number}/${dataPath}`
}

async function look(storePath: string, id: FileId): Promise<OnDisk | null> {
  const path = join(storePath, 'data', id.trunk === null ? id.dataPath : trunkFilename(id))
  const file = await openIfThere(path)
  if (file === null) return null
  try {
    const stats = await file.stat()
    if (id.trunk !== null) return await lookInTrunkFile(file, path, id)
    const modified = Math.floor(stats.mtimeMs / 1000)
    return stats.isFile() ? { path, offset: 0, size: stats.size, modified } : null
  } finally {
    await file.close()
  }
}

/** A slot holds a header in front of the content; a freed or reused slot holds another file's. */
async function lookInTrunkFile(file: FileHandle, path: string, id: FileId): Promise<OnDisk | null> {
  const { trunk } = id
  if (trunk === null) return null
  const bytes = Buffer.alloc(TRUNK_HEADER.size)
  const { bytesRead } = await file.read(bytes, 0, TRUNK_HEADER.size, trunk.offset)
  if (bytesRead < TRUNK_HEADER.size) return null
  const header = TRUNK_HEADER.decode(bytes)
  const isThisFile =
    header.type === REGULAR_FILE &&
    header.allocSize === trunk.allocSize &&
    header.crc32 === id.crc32 &&
    header.fileSize === id.size
  if (!isThisFile) return null
  const offset = trunk.offset + TRUNK_HEADER.size
  return { path, offset, size: header.fileSize, modified: header.modified }
}

async function openIfThere(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, 'r')
  } catch {
    // Not there, or not ours to read: the storages are asked.
    return null
  }
}

function localReplica(storePath: string, { path, offset, size }: OnDisk): Replica {
  const openRange = async (range: ByteRange | null): Promise<ReplicaBody | null> => {
    const file = await openIfThere(path)
    if (file === null) return null
    const { start, end } = range ?? { start: 0, end: size }
    const chunks = readSpan(file, { start: offset + start, end: offset + end, path })
    return { length: end - start, chunks, cancel: () => void file.close().catch(() => undefined) }
  }
  return { host: storePath, place: storePath, open: openRange }
}

async function* readSpan(
  file: FileHandle,
  { start, end, path }: { start: number; end: number; path: string },
): AsyncGenerator<Buffer, void, undefined> {
  try {
    for (let position = start; position < end; ) {
      const chunk = await readChunk(file, { position, end, path })
      position += chunk.length
      yield chunk
    }
  } finally {
    await file.close()
  }
}

async function readChunk(
  file: FileHandle,
  { position, end, path }: { position: number; end: number; path: string },
): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, end - position))
  const { bytesRead } = await file.read(buffer, 0, buffer.length, position).catch((cause) => {
    throw new EdgeError('connection_lost', `cannot read ${path}`, { cause })
  })
  if (bytesRead === 0) throw new EdgeError('connection_lost', `${path} became shorter`)
  return buffer.subarray(0, bytesRead)
}
