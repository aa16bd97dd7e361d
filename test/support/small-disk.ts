import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'

/** A small file system of its own, as only root may make one, and not in every container. */
export class SmallDisk {
  readonly path: string

  /** @throws where mounting is not permitted */
  constructor(megabytes: number) {
    this.path = mkdtempSync('/tmp/dfs-edge-disk-')
    try {
      this.#mount(`size=${megabytes}m,mode=755`)
    } catch (error) {
      rmSync(this.path, { recursive: true })
      throw error
    }
  }

  setReadOnly(isReadOnly: boolean): void {
    this.#mount(`remount,${isReadOnly ? 'ro' : 'rw'}`)
  }

  remove(): void {
    execFileSync('umount', ['--lazy', this.path])
    rmSync(this.path, { recursive: true })
  }

  #mount(how: string): void {
    execFileSync('mount', ['-t', 'tmpfs', '-o', how, 'tmpfs', this.path], { stdio: 'ignore' })
  }
}

/** Why a test that needs a disk must be left out; false: it need not. */
export function whyNoDisk(): string | false {
  try {
    new SmallDisk(1).remove()
    return false
  } catch {
    return 'nothing can be mounted here'
  }
}
