import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { syncFolder } from './temporary-file.ts'

/** Folders that were made and are remembered, at most. */
const MAX_REMEMBERED = 100_000

/** Makes the folders of a store and sees to it that they are still there after a crash. */
export class DurableFolders {
  readonly #depth: number
  readonly #made = new Set<string>()

  /** `depth`: so many levels of folders may have to be made. */
  constructor(depth: number) {
    this.#depth = depth
  }

  async make(folder: string): Promise<void> {
    if (this.#made.has(folder)) return
    await mkdir(folder, { recursive: true })
    let parent = folder
    for (let level = 0; level < this.#depth; level++) {
      parent = dirname(parent)
      await syncFolder(parent)
    }
    if (this.#made.size >= MAX_REMEMBERED) this.#made.clear()
    this.#made.add(folder)
  }
}
