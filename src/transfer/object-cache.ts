import { LRUCache } from 'lru-cache'
import type { Facts } from '../resolver/resolver.ts'

export interface ObjectCacheOptions {
  /** Bytes of content and their overhead; 0 switches the cache off. */
  readonly maxBytes: number
  readonly maxObjectBytes: number
  readonly now: () => number
}

export interface CachedObject {
  readonly facts: Facts
  readonly content: Buffer
  readonly expiresAt: number
}

export interface ObjectCacheState {
  readonly entries: number
  readonly bytes: number
  readonly maxBytes: number
}

/** What an entry costs beside its content. */
const ENTRY_BYTES = 512

/** Small files as they were verified, least recently used out first. */
export class ObjectCache {
  readonly #options: ObjectCacheOptions
  readonly #objects: LRUCache<string, CachedObject> | undefined

  constructor(options: ObjectCacheOptions) {
    this.#options = options
    if (options.maxBytes === 0) return
    this.#objects = new LRUCache({
      maxSize: options.maxBytes,
      sizeCalculation: ({ content }) => content.length + ENTRY_BYTES,
    })
  }

  get state(): ObjectCacheState {
    const entries = this.#objects?.size ?? 0
    return { entries, bytes: this.size, maxBytes: this.#options.maxBytes }
  }

  /** Bytes held. */
  get size(): number {
    return this.#objects?.calculatedSize ?? 0
  }

  get(key: string): CachedObject | undefined {
    const cached = this.#objects?.get(key)
    if (cached === undefined || this.#options.now() < cached.expiresAt) return cached
    this.#objects?.delete(key)
    return undefined
  }

  /** Keeps the content for `keepMs`, if there is any sense in it. */
  set(key: string, object: { facts: Facts; content: Buffer }, keepMs: number): void {
    if (keepMs <= 0 || object.content.length > this.#options.maxObjectBytes) return
    this.#objects?.set(key, { ...object, expiresAt: this.#options.now() + keepMs })
  }

  /** False: there was none. */
  delete(key: string): boolean {
    return this.#objects?.delete(key) ?? false
  }

  /** How many there were. */
  deletePrefix(prefix: string): number {
    const keys = [...(this.#objects?.keys() ?? [])]
    return keys.filter((key) => key.startsWith(prefix) && this.delete(key)).length
  }
}
