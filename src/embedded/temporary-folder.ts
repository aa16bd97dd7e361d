import { randomBytes } from 'node:crypto'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { TemporaryFile } from './temporary-file.ts'

/** Where files are written before they get their names: on the disk of these names, beside them. */
export class TemporaryFolder {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  /** Makes the folder and removes what a killed process left half written. */
  async prepare(): Promise<void> {
    await mkdir(this.#path, { recursive: true })
    for (const name of await readdir(this.#path)) await rm(join(this.#path, name), { force: true })
  }

  /** Calls `write` with a temporary file, which is removed if that fails before it commits. */
  async withFile<T>(write: (file: TemporaryFile) => Promise<T>): Promise<T> {
    const name = randomBytes(12).toString('hex')
    const file = await TemporaryFile.create(join(this.#path, name))
    try {
      return await write(file)
    } catch (error) {
      await file.discard()
      throw error
    }
  }
}
