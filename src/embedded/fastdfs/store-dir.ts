import { randomBytes, randomInt } from 'node:crypto'
import { access, mkdir, readdir, rm, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { EdgeError } from '../../errors.ts'
import { createFilename, type NewFilename, parseFileId } from '../../wire/fastdfs/file-id.ts'
import { FileLocks } from './file-locks.ts'
import { OpenFiles } from './open-files.ts'
import { type StoredName, storedName } from './stored-name.ts'
import { syncFolder, TemporaryFile } from './temporary-file.ts'

export const SUBDIR_COUNT = 256

/** So many files go to one folder before the next is begun (`file_distribute_rotate_count`). */
const FILES_PER_TURN = 100

const MAX_OPEN_FILES = 512

export interface DiskSpace {
  readonly totalBytes: number
  readonly freeBytes: number
}

/** A new file, but for what the store decides itself. */
export type NewFile = Omit<NewFilename, 'subdirs' | 'random' | 'storePathIndex'>

/**
 * The files of one group on disk, in FastDFS's own layout: `<store path>/data/HH/HH/<name>`. All
 * storages of the group share it. One process at a time may write to it.
 */
export class StoreDir {
  readonly storePaths: readonly string[]
  readonly openFiles = new OpenFiles(MAX_OPEN_FILES)
  /** By path: appends, metadata and deletes of one file wait for each other. */
  readonly locks = new FileLocks()
  readonly #madeFolders = new Set<string>()
  #fileCount = 0

  /** `<groupDir>/path0`, `path1` .. */
  constructor(groupDir: string, storePathCount: number) {
    const indexes = [...Array(storePathCount).keys()]
    this.storePaths = indexes.map((index) => join(groupDir, `path${index}`))
  }

  /** Makes the store paths and removes what a killed process left half written. */
  async prepare(): Promise<void> {
    for (const storePath of this.storePaths) await prepareStorePath(storePath)
  }

  close(): void {
    this.openFiles.retireAll()
  }

  /** @throws EdgeError invalid_ref */
  nameOf(filename: string): StoredName {
    return storedName(this.storePaths, filename)
  }

  async exists(name: StoredName): Promise<boolean> {
    return await access(name.path).then(
      () => true,
      () => false,
    )
  }

  /** Calls `write` with a temporary file, which is removed if that fails before it commits. */
  async withTemporary<T>(
    storePathIndex: number,
    write: (file: TemporaryFile) => Promise<T>,
  ): Promise<T> {
    const storePath = this.storePaths[storePathIndex]
    if (storePath === undefined) {
      throw new EdgeError('invalid_ref', `there is no store path ${storePathIndex}`)
    }
    const name = randomBytes(12).toString('hex')
    const file = await TemporaryFile.create(join(temporaryFolder(storePath), name))
    try {
      return await write(file)
    } catch (error) {
      await file.discard()
      throw error
    }
  }

  /** The next store path for an upload that leaves the choice to the storage. */
  nextStorePath(): number {
    return this.#fileCount % this.storePaths.length
  }

  /** Gives a written file a name of its own and makes it visible under it. */
  async commitNew(content: TemporaryFile, storePathIndex: number, file: NewFile): Promise<string> {
    const name = await this.unusedName({ ...file, storePathIndex, subdirs: this.#nextSubdirs() })
    const isCommitted = await this.commitIfNew(content, name, file.createTimestamp)
    return isCommitted ? name.filename : this.commitNew(content, storePathIndex, file)
  }

  /** False, and nothing done, when there is a file of that name. */
  commitIfNew(content: TemporaryFile, name: StoredName, modifiedSeconds: number): Promise<boolean> {
    return this.locks.run(name.path, async () => {
      if (await this.exists(name)) return false
      await this.makeFolder(name)
      await content.commit(name.path, modifiedSeconds)
      return true
    })
  }

  /** @throws EdgeError invalid_ref when the extension makes no name that a storage gives */
  async unusedName(file: Omit<NewFilename, 'random'>): Promise<StoredName> {
    const random = [randomInt(2 ** 31), randomInt(10 ** 7)] as const
    const filename = createFilename({ ...file, random })
    const id = parseFileId({ groupName: 'any', filename })
    if (id === undefined || id.kind === 'slave') {
      throw new EdgeError('invalid_ref', `"${file.extName}" is no extension`)
    }
    const name = this.nameOf(filename)
    return (await this.exists(name)) ? this.unusedName(file) : name
  }

  /** Makes the folder of a name and sees to it that it is still there after a crash. */
  async makeFolder(name: StoredName): Promise<void> {
    const folder = dirname(name.path)
    if (this.#madeFolders.has(folder)) return
    await mkdir(folder, { recursive: true })
    await syncFolder(dirname(folder))
    await syncFolder(dirname(dirname(folder)))
    this.#madeFolders.add(folder)
  }

  async diskSpace(): Promise<DiskSpace> {
    const { blocks, bavail, bsize } = await statfs(this.storePaths[0] ?? '/')
    return { totalBytes: blocks * bsize, freeBytes: bavail * bsize }
  }

  #nextSubdirs(): string {
    const turn = Math.floor(this.#fileCount++ / FILES_PER_TURN)
    const hex = (value: number) =>
      (value % SUBDIR_COUNT).toString(16).toUpperCase().padStart(2, '0')
    return `${hex(Math.floor(turn / SUBDIR_COUNT))}/${hex(turn)}`
  }
}

// Beside `data`, so that no half file is ever under a name that can be asked for.
function temporaryFolder(storePath: string): string {
  return join(storePath, 'tmp')
}

async function prepareStorePath(storePath: string): Promise<void> {
  await mkdir(join(storePath, 'data'), { recursive: true })
  const folder = temporaryFolder(storePath)
  await mkdir(folder, { recursive: true })
  for (const name of await readdir(folder)) await rm(join(folder, name), { force: true })
}
