import { constants } from 'node:fs'
import { access, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'

export interface CacheDiskOptions {
  /** `nginx_cache_path`: nginx makes it, in a folder that is there. */
  readonly path: string
  readonly everyMs?: number
}

/** Less than this may be used up by slices on their way before anybody looks again. */
const LEFT_BYTES = 64 * 1024 * 1024
/** Of a small disk no more than this part of it is asked for. */
const LEFT_PART = 0.1
const EVERY_MS = 1000

/**
 * The disk of nginx's cache. nginx cuts every answer that it means to keep and cannot write: when there
 * is no room, the edge tells it not to. Where nginx runs on another host nothing is known.
 */
export class CacheDisk {
  readonly #path: string
  readonly #timer: NodeJS.Timeout
  #isUsable = true

  private constructor({ path, everyMs = EVERY_MS }: CacheDiskOptions) {
    this.#path = path
    this.#timer = setInterval(() => void this.#look(), everyMs)
    this.#timer.unref()
  }

  /** Resolves when it has looked once. */
  static async watch(options: CacheDiskOptions): Promise<CacheDisk> {
    const disk = new CacheDisk(options)
    await disk.#look()
    return disk
  }

  /** False while nginx had better keep nothing. */
  get isUsable(): boolean {
    return this.#isUsable
  }

  close(): void {
    clearInterval(this.#timer)
  }

  async #look(): Promise<void> {
    this.#isUsable = (await canBeUsed(this.#path)) ?? (await canBeUsed(dirname(this.#path))) ?? true
  }
}

/** Undefined where there is no such folder, or none that may be looked at. */
async function canBeUsed(path: string): Promise<boolean | undefined> {
  try {
    const { bavail, blocks, bsize } = await statfs(path)
    const isRoomy = bavail * bsize >= Math.min(LEFT_BYTES, blocks * bsize * LEFT_PART)
    return isRoomy && !(await isReadOnly(path))
  } catch {
    return undefined
  }
}

async function isReadOnly(path: string): Promise<boolean> {
  try {
    await access(path, constants.W_OK)
    return false
  } catch (error) {
    // Another user's folder is no matter here: it is nginx that writes.
    return error instanceof Error && 'code' in error && error.code === 'EROFS'
  }
}
