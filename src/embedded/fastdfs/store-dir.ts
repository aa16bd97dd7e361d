import { randomInt } from 'node:crypto'
import { access, mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { EdgeError } from '../../errors.ts'
import { createFilename, type NewFilename, parseFileId } from '../../wire/fastdfs/file-id.ts'
import { type DiskSpace, diskSpaceOf } from '../disk-space.ts'
import { DurableFolders } from '../durable-folders.ts'
import { FileLocks } from '../file-locks.ts'
import { OpenFiles } from '../open-files.ts'
import type { TemporaryFile } from '../temporary-file.ts'
import { TemporaryFolder } from '../temporary-folder.ts'
import { type StoredName, storedName } from './stored-name.ts'

export const SUBDIR_COUNT = 256

/** So many files go to one folder before the next is begun (`file_distribute_rotate_count`). */
const FILES_PER_TURN = 100

const MAX_OPEN_FILES = 512

/** `data/00/00`: two levels are made as they are needed. */
const SUBDIR_LEVELS = 2

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
  readonly #temporary: readonly TemporaryFolder[]
  readonly #folders = new DurableFolders(SUBDIR_LEVELS)
  #fileCount = 0

  /** `<groupDir>/path0`, `path1` .. */
  constructor(groupDir: string, storePathCount: number) {
    const indexes = [...Array(storePathCount).keys()]
    this.storePaths = indexes.map((index) => join(groupDir, `path${index}`))
    // Beside `data`, so that no half file is ever under a name that can be asked for.
    this.#temporary = this.storePaths.map((path) => new TemporaryFolder(join(path, 'tmp')))
  }

  /** Makes the store paths and removes what a killed process left half written. */
  async prepare(): Promise<void> {
    for (const path of this.storePaths) await mkdir(join(path, 'data'), { recursive: true })
    for (const folder of this.#temporary) await folder.prepare()
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
    const folder = this.#temporary[storePathIndex]
    if (folder === undefined) {
      throw new EdgeError('invalid_ref', `there is no store path ${storePathIndex}`)
    }
    return await folder.withFile(write)
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

  makeFolder(name: StoredName): Promise<void> {
    return this.#folders.make(dirname(name.path))
  }

  diskSpace(): Promise<DiskSpace> {
    return diskSpaceOf(this.storePaths[0] ?? '/')
  }

  #nextSubdirs(): string {
    const turn = Math.floor(this.#fileCount++ / FILES_PER_TURN)
    const hex = (value: number) =>
      (value % SUBDIR_COUNT).toString(16).toUpperCase().padStart(2, '0')
    return `${hex(Math.floor(turn / SUBDIR_COUNT))}/${hex(turn)}`
  }
}
