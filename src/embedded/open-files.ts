import { close, constants, fstatSync, open, read, readSync, type Stats } from 'node:fs'
import { promisify } from 'node:util'
import { EdgeError } from '../errors.ts'

const openFile = promisify(open)
const closeFile = promisify(close)

/** A descriptor that several downloads may share. */
export interface OpenFile {
  readonly path: string
  readonly descriptor: number
  /** Downloads that read it now. */
  readers: number
  /** To be closed by its last reader. */
  isRetired: boolean
  /** A small file that was read whole moments ago: its bytes are in the kernel's memory. */
  isWarm: boolean
}

/** A warm file up to this size is read without a trip through the thread pool. */
const MAX_WARM_BYTES = 64 * 1024

/** Already counted among the readers of `file`. */
interface Found {
  readonly file: OpenFile
  readonly stats: Stats
}

/** Descriptors of the files that were read last, so that a popular file is not opened each time. */
export class OpenFiles {
  readonly #maxFiles: number
  readonly #files = new Map<string, OpenFile>()

  constructor(maxFiles: number) {
    this.#maxFiles = maxFiles
  }

  /**
   * Calls `use` with an open file and its present state. Files that were deleted or replaced
   * meanwhile, be it by another program, are opened anew.
   * @throws ENOENT and the like; EdgeError invalid_ref for what is no regular file
   */
  async use<T>(path: string, use: (file: OpenFile, stats: Stats) => Promise<T>): Promise<T> {
    const { file, stats } = this.#current(path) ?? (await this.#open(path))
    try {
      return await use(file, stats)
    } finally {
      file.readers--
      this.#closeIfUnused(file)
    }
  }

  /** Forgets a file that is about to be deleted or replaced. Its readers read on to the end. */
  retire(path: string): void {
    const file = this.#files.get(path)
    if (file === undefined) return
    this.#files.delete(path)
    file.isRetired = true
    this.#closeIfUnused(file)
  }

  retireAll(): void {
    for (const path of [...this.#files.keys()]) this.retire(path)
  }

  // fstat of an open descriptor reads the kernel's memory and no disk: a trip through the thread
  // pool would take ten times as long.
  #current(path: string): Found | undefined {
    const file = this.#files.get(path)
    if (file === undefined) return undefined
    const stats = fstatSync(file.descriptor)
    this.#files.delete(path)
    this.#files.set(path, file)
    if (stats.nlink === 0) {
      this.retire(path)
      return undefined
    }
    file.readers++
    return { file, stats }
  }

  async #open(path: string): Promise<Found> {
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
    const descriptor = await openFile(path, flags)
    const stats = fstatSync(descriptor)
    if (!stats.isFile()) {
      await closeFile(descriptor)
      throw new EdgeError('invalid_ref', `${path} is no regular file`)
    }
    const file = { path, descriptor, readers: 1, isRetired: false, isWarm: false }
    this.retire(path)
    this.#files.set(path, file)
    this.#retireOldest()
    return { file, stats }
  }

  #retireOldest(): void {
    for (const oldest of this.#files.keys()) {
      if (this.#files.size <= this.#maxFiles) return
      this.retire(oldest)
    }
  }

  #closeIfUnused(file: OpenFile): void {
    // A descriptor that cannot be closed is lost; nobody could do anything about it.
    if (file.isRetired && file.readers === 0) closeFile(file.descriptor).catch(() => undefined)
  }
}

/** Reads `size` bytes at `position` into `buffer` at `offset`; fewer where the file ends. */
export async function readAt(
  file: OpenFile,
  buffer: Buffer,
  { offset = 0, size, position }: { offset?: number; size: number; position: number },
): Promise<number> {
  const { descriptor } = file
  if (file.isWarm && size <= MAX_WARM_BYTES) {
    return readSync(descriptor, buffer, offset, size, position)
  }
  let total = 0
  while (total < size) {
    const count = await readOnce(descriptor, buffer, [
      offset + total,
      size - total,
      position + total,
    ])
    if (count === 0) break
    total += count
  }
  file.isWarm = position === 0 && total <= MAX_WARM_BYTES && total === fstatSync(descriptor).size
  return total
}

function readOnce(
  descriptor: number,
  buffer: Buffer,
  [offset, size, position]: readonly [number, number, number],
): Promise<number> {
  return new Promise((resolve, reject) => {
    read(descriptor, buffer, offset, size, position, (error, count) =>
      error === null ? resolve(count) : reject(error),
    )
  })
}
