import { createHash } from 'node:crypto'
import { type FileHandle, mkdir, open, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { EdgeError } from '../../errors.ts'
import { type FidPath, formatFidPath } from '../../wire/mogilefs/fid-path.ts'
import { type DiskSpace, diskSpaceOf } from '../disk-space.ts'
import { DurableFolders } from '../durable-folders.ts'
import { OpenFiles } from '../open-files.ts'
import type { TemporaryFile } from '../temporary-file.ts'
import { TemporaryFolder } from '../temporary-folder.ts'

const MAX_OPEN_FILES = 512
const CHUNK_BYTES = 512 * 1024

/** `0/000/000` below the folder of a device. */
const FID_LEVELS = 3

/** The devices: folders `dev1`, `dev2` .. with their files as MogileFS lays them out. */
export class DeviceDirs {
  readonly openFiles = new OpenFiles(MAX_OPEN_FILES)
  readonly #dataDir: string
  readonly #temporary = new Map<number, TemporaryFolder>()
  readonly #folders = new DurableFolders(FID_LEVELS)
  readonly #nowSeconds: () => number

  constructor(dataDir: string, nowSeconds: () => number) {
    this.#dataDir = dataDir
    this.#nowSeconds = nowSeconds
  }

  /** Makes a device that is not there yet, and removes what a killed process left half written. */
  async prepare(devid: number): Promise<void> {
    if (this.#temporary.has(devid)) return
    await mkdir(this.folderOf(devid), { recursive: true })
    const temporary = new TemporaryFolder(join(this.folderOf(devid), 'tmp'))
    await temporary.prepare()
    this.#temporary.set(devid, temporary)
  }

  close(): void {
    this.openFiles.retireAll()
  }

  folderOf(devid: number): string {
    return join(this.#dataDir, `dev${devid}`)
  }

  pathOf(copy: FidPath): string {
    return join(this.#dataDir, formatFidPath(copy))
  }

  /** Undefined when there is no such copy. */
  async sizeOf(copy: FidPath): Promise<number | undefined> {
    const stats = await stat(this.pathOf(copy)).catch(ignoreMissing)
    return stats?.size
  }

  /** A file under a temporary name: `write` commits it, or it is gone. */
  async withTemporary<T>(devid: number, write: (file: TemporaryFile) => Promise<T>): Promise<T> {
    const folder = this.#temporary.get(devid)
    if (folder === undefined) throw new EdgeError('local_file', `there is no device ${devid}`)
    return await folder.withFile(write)
  }

  async commit(file: TemporaryFile, copy: FidPath): Promise<void> {
    const path = this.pathOf(copy)
    await this.#folders.make(dirname(path))
    await file.commit(path, this.#nowSeconds())
    this.openFiles.retire(path)
  }

  async remove(copy: FidPath): Promise<void> {
    const path = this.pathOf(copy)
    await rm(path, { force: true })
    this.openFiles.retire(path)
  }

  /** False, and nothing copied, when it was no longer wanted before it was whole. */
  copy(from: FidPath, to: FidPath, isWanted: () => boolean): Promise<boolean> {
    return this.withTemporary(to.devid, async (file) => {
      const isWhole = await this.#readAll(from, async (chunk) => {
        await file.write(chunk)
        return isWanted()
      })
      if (isWhole && isWanted()) await this.commit(file, to)
      else await file.discard()
      return isWhole
    })
  }

  /** Undefined when it was no longer wanted before its end. */
  async digest(
    copy: FidPath,
    algorithm: 'md5' | 'sha1',
    isWanted: () => boolean,
  ): Promise<Buffer | undefined> {
    const hash = createHash(algorithm)
    const isWhole = await this.#readAll(copy, async (chunk) => {
      hash.update(chunk)
      return isWanted()
    })
    return isWhole ? hash.digest() : undefined
  }

  space(): Promise<DiskSpace> {
    return diskSpaceOf(this.#dataDir)
  }

  async #readAll(copy: FidPath, take: (chunk: Buffer) => Promise<boolean>): Promise<boolean> {
    const handle = await open(this.pathOf(copy), 'r')
    try {
      return await readChunks(handle, take)
    } finally {
      await handle.close()
    }
  }
}

async function readChunks(
  handle: FileHandle,
  take: (chunk: Buffer) => Promise<boolean>,
): Promise<boolean> {
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES)
  for (;;) {
    const { bytesRead } = await handle.read(buffer, 0, buffer.length)
    if (bytesRead === 0) return true
    if (!(await take(buffer.subarray(0, bytesRead)))) return false
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
  throw error
}
