import { constants } from 'node:fs'
import { access, readdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { inBatches } from './in-batches.ts'
import {
  type CacheFileHead,
  cacheFilePath,
  isMissing,
  type NginxContent,
  readCacheFileHead,
  removeFile,
} from './nginx-cache-file.ts'
import { contentKeyOf, sliceKey } from './nginx-cache-keys.ts'

export interface NginxCacheOptions {
  /** `nginx_cache_path`; need not be there. */
  readonly path: string
  readonly sliceBytes: number
}

/** What to remove. */
export interface NginxTargets {
  readonly contents: readonly NginxContent[]
  /** Entries whose keys begin so. To find them the whole cache has to be read. */
  readonly prefixes: readonly string[]
}

export interface NginxPurged {
  readonly removed: number
  /** Files that could not be removed, or folders not read, and why the first of them. */
  readonly failed: number
  readonly reason: string | undefined
}

/** Files under way at a time; Node has four threads for them. */
const FILES_AT_A_TIME = 64
/** Of so many slices the answers under way are removed too. */
const FLIGHTS_LOOKED_FOR = 16
/** What an id says of a size may be forged: beyond so many slices it is not relied upon. */
const SLICES_MAX = 65_536
/** More contents than these are found by reading all keys. */
const CONTENTS_COMPUTED = 1000
const CACHE_FILE = /^[0-9a-f]{32}(?:\.[0-9]{10})?$/

/**
 * nginx's cache on disk. Stock nginx asks upstream again as soon as the file of an entry is gone. A file
 * that nginx is still writing is removed as well: else an old answer would come into the cache late.
 */
export class NginxCache {
  readonly #options: NginxCacheOptions

  constructor(options: NginxCacheOptions) {
    this.#options = options
  }

  /** Never throws: what cannot be removed is counted. Content goes with the keys that name it. */
  async purge(targets: NginxTargets): Promise<NginxPurged> {
    const run = new Run(this.#options)
    await this.#purgeTargets(run, targets)
    const done = new Set(targets.contents.map(({ key }) => key))
    const contents = run.named.filter(({ key }) => !done.has(key))
    await this.#purgeTargets(run, { contents, prefixes: [] })
    return run.result
  }

  async #purgeTargets(run: Run, { contents, prefixes }: NginxTargets): Promise<void> {
    const isEachSought = prefixes.length > 0 || contents.length > CONTENTS_COMPUTED
    const sought = new Set(isEachSought ? contents.map(({ key }) => key) : [])
    for (const content of isEachSought ? [] : contents) {
      if (!(await this.#removeContent(run, content))) sought.add(content.key)
    }
    if (!isEachSought && sought.size === 0) return
    const isBelow = (key: string): boolean => prefixes.some((prefix) => key.startsWith(prefix))
    await run.removeWhere((key) => isBelow(key) || sought.has(contentKeyOf(key)))
  }

  /** False: there may be more slices of it. */
  async #removeContent(run: Run, { key, size }: NginxContent): Promise<boolean> {
    const isUsable = size !== null && size <= SLICES_MAX * this.#options.sliceBytes
    const isCertain = await run.removeContent({ key, size: isUsable ? size : null })
    return isUsable || isCertain
  }

  /** Why entries cannot be removed; undefined: they can, or there is no cache here. */
  async whyUnusable(): Promise<string | undefined> {
    const { path } = this.#options
    try {
      const folders = (await readdir(path)).filter((name) => /^[0-9a-f]$/.test(name))
      for (const folder of [path, ...folders.slice(0, 1).map((name) => join(path, name))]) {
        await access(folder, constants.R_OK | constants.W_OK | constants.X_OK)
      }
      return undefined
    } catch (error) {
      return isMissing(error) ? undefined : `cannot purge nginx's cache: ${error}`
    }
  }
}

/** One purge. */
class Run {
  readonly #options: NginxCacheOptions
  /** What removed entries named. */
  readonly named: NginxContent[] = []
  #removed = 0
  #failed = 0
  #reason: string | undefined

  constructor(options: NginxCacheOptions) {
    this.#options = options
  }

  get result(): NginxPurged {
    return { removed: this.#removed, failed: this.#failed, reason: this.#reason }
  }

  /**
   * The names of all files follow from the size: that of the id, or what a slice says, which goes before
   * it, for a slave can look like its master. @returns whether the number of slices is certain
   */
  async removeContent({ key, size }: NginxContent): Promise<boolean> {
    const { path, sliceBytes } = this.#options
    const fileAt = (index: number): string =>
      cacheFilePath(path, sliceKey(key, index * sliceBytes, sliceBytes))
    const countOf = (bytes: number): number => Math.max(1, Math.ceil(bytes / sliceBytes))
    let total: number | undefined
    let count = countOf(size ?? 0)
    await this.#removeFlights([
      cacheFilePath(path, key),
      ...range(0, Math.min(count, FLIGHTS_LOOKED_FOR)).map(fileAt),
    ])
    this.#noteNamed(await this.#headOf(cacheFilePath(path, key)))
    await this.#remove(cacheFilePath(path, key))
    for (let index = 0; index < count; ) {
      const files = range(index, Math.min(count, index + FILES_AT_A_TIME)).map(fileAt)
      if (total === undefined) {
        const heads = await Promise.all(files.map((file) => this.#headOf(file)))
        total = heads.find((head) => head?.totalBytes !== undefined)?.totalBytes
        count = Math.max(count, countOf(total ?? 0))
      }
      await Promise.all(files.map((file) => this.#remove(file)))
      index += files.length
    }
    return total !== undefined
  }

  /** Reads the key of every entry there is. */
  async removeWhere(isMeant: (key: string) => boolean): Promise<void> {
    const { path } = this.#options
    for (const outer of await this.#list(path, /^[0-9a-f]$/)) {
      for (const inner of await this.#list(outer, /^[0-9a-f]{2}$/)) {
        const files = await this.#list(inner, CACHE_FILE)
        await inBatches(files, FILES_AT_A_TIME, async (file) => {
          const head = await this.#headOf(file)
          if (head === undefined || !isMeant(head.key)) return
          this.#noteNamed(head)
          await this.#remove(file)
        })
      }
    }
  }

  /** An answer that nginx is about to keep lies beside its place, under its name and a number. */
  async #removeFlights(files: readonly string[]): Promise<void> {
    await inBatches(files, FILES_AT_A_TIME, async (file) => {
      const flights = await this.#list(dirname(file), CACHE_FILE)
      const own = flights.filter((flight) => basename(flight).startsWith(`${basename(file)}.`))
      await Promise.all(own.map((flight) => this.#remove(flight)))
    })
  }

  async #list(folder: string, pattern: RegExp): Promise<string[]> {
    const names = await this.#attempt(() => readdir(folder))
    return (names ?? []).filter((name) => pattern.test(name)).map((name) => join(folder, name))
  }

  #noteNamed(head: CacheFileHead | undefined): void {
    if (head?.named !== undefined) this.named.push(head.named)
  }

  #headOf(file: string): ReturnType<typeof readCacheFileHead> {
    return this.#attempt(() => readCacheFileHead(file))
  }

  async #remove(file: string): Promise<void> {
    if (await this.#attempt(() => removeFile(file))) this.#removed += 1
  }

  async #attempt<T>(act: () => Promise<T>): Promise<T | undefined> {
    try {
      return await act()
    } catch (error) {
      if (isMissing(error)) return undefined
      this.#failed += 1
      this.#reason ??= `${error}`
      return undefined
    }
  }
}

function range(start: number, end: number): number[] {
  return Array.from({ length: end - start }, (_, index) => start + index)
}
