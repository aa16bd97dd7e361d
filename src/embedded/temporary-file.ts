import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * A file that is being written under a temporary name and appears under its own, whole or not at
 * all. A process that is killed leaves only the temporary name.
 */
export class TemporaryFile {
  readonly #path: string
  readonly #handle: FileHandle
  #size = 0

  private constructor(path: string, handle: FileHandle) {
    this.#path = path
    this.#handle = handle
  }

  static async create(path: string): Promise<TemporaryFile> {
    return new TemporaryFile(path, await open(path, 'wx'))
  }

  get size(): number {
    return this.#size
  }

  async write(chunk: Buffer): Promise<void> {
    await writeAll(this.#handle, chunk, this.#size)
    this.#size += chunk.length
  }

  /** On disk before its name is, and the name before this returns: an answered id survives. */
  async commit(path: string, modifiedSeconds: number): Promise<void> {
    await this.#handle.utimes(modifiedSeconds, modifiedSeconds)
    await this.#handle.sync()
    await this.#handle.close()
    await rename(this.#path, path)
    await syncFolder(dirname(path))
  }

  async discard(): Promise<void> {
    await this.#handle.close().catch(() => undefined)
    await rm(this.#path, { force: true })
  }
}

/** Writes every byte: one call may write fewer than it was given. */
export async function writeAll(handle: FileHandle, bytes: Buffer, position: number): Promise<void> {
  let written = 0
  while (written < bytes.length) {
    const { bytesWritten } = await handle.write(bytes, written, undefined, position + written)
    written += bytesWritten
  }
}

export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
