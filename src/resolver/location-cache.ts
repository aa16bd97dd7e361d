import { LRUCache } from 'lru-cache'
import { EdgeError } from '../errors.ts'
import { Flights } from './flights.ts'

export interface LocationCacheOptions {
  readonly maxEntries: number
  readonly foundMs: number
  readonly notFoundMs: number
  /** How long a question waits before a location past its time is used instead. */
  readonly staleAfterMs: number
  readonly now: () => number
  /** A location past its time was used. */
  onStale(key: string): void
}

/** For so long a location past its time serves before another question is waited for. */
const STALE_MS = 1000

/** A tracker that has just been started knows no storage that is up until they have come back to it. */
const NO_ANSWER: ReadonlySet<string> = new Set(['no_tracker', 'no_replica'])

interface Entry<T> {
  /** Null is "not found". */
  readonly value: T | null
  readonly since: number
  readonly expiresAt: number
}

interface AskOptions<T> {
  readonly isFresh?: boolean
  readonly maxAgeMs?: number
  readonly fallback?: (() => T | undefined) | undefined
}

/** How full a cache of locations is, and how often it was of use since the start. */
export interface LocationCacheState {
  readonly entries: number
  readonly maxEntries: number
  readonly hits: number
  readonly misses: number
}

export interface Cached<T> {
  readonly value: T | null
  /** False when it was remembered. */
  readonly isFresh: boolean
}

/**
 * Where files are, remembered for a while, "not found" for less. One question per key is under way
 * at a time, and while nobody answers it, what was found before still serves.
 */
export class LocationCache<T> {
  readonly #options: LocationCacheOptions
  readonly #entries: LRUCache<string, Entry<T>>
  readonly #flights = new Flights<T | null>()
  #hits = 0
  #misses = 0

  constructor(options: LocationCacheOptions) {
    this.#options = options
    this.#entries = new LRUCache({ max: options.maxEntries })
  }

  get size(): number {
    return this.#entries.size
  }

  get state(): LocationCacheState {
    const { maxEntries } = this.#options
    return { entries: this.size, maxEntries, hits: this.#hits, misses: this.#misses }
  }

  /**
   * What is older than `maxAgeMs` is asked for again. `fallback` serves where nothing was found before
   * and `load` does not answer.
   * @throws what `load` throws, when there is neither
   */
  async get(
    key: string,
    load: () => Promise<T | null>,
    { isFresh = false, maxAgeMs = Number.POSITIVE_INFINITY, fallback }: AskOptions<T> = {},
  ): Promise<Cached<T>> {
    const entry = this.#entries.get(key)
    if (!isFresh && entry !== undefined && this.#isYoung(entry, maxAgeMs)) {
      this.#hits += 1
      return { value: entry.value, isFresh: false }
    }
    this.#misses += 1
    const flight = this.#flights.join(key, {
      load,
      isThorough: isFresh,
      remember: (value) => this.#set(key, value),
    })
    const stale = entry?.value ?? fallback?.()
    if (stale === undefined) return { value: await flight, isFresh: true }
    const useStale = (): Cached<T> => {
      const isDeleted = this.#entries.peek(key) !== entry
      return this.#useStale(key, stale, isFresh || isDeleted)
    }
    // What has just failed is no better for being had soon.
    const patienceMs = isFresh ? undefined : this.#options.staleAfterMs
    return this.#orStale(flight, useStale, patienceMs)
  }

  /** What is remembered and not past its time; undefined for "not found" too. */
  peek(key: string): T | undefined {
    const entry = this.#entries.get(key)
    const isKnown = entry !== undefined && this.#options.now() < entry.expiresAt
    return isKnown ? (entry.value ?? undefined) : undefined
  }

  has(key: string): boolean {
    return this.#entries.has(key)
  }

  /** Remembers that there is no such file. */
  setNotFound(key: string): void {
    this.#set(key, null)
  }

  /** A question under way still answers those who asked, and is not remembered. */
  delete(key: string): boolean {
    this.#flights.forget(key)
    return this.#entries.delete(key)
  }

  /** Everything remembered, past its time or not. */
  *entries(): Generator<readonly [key: string, value: T | null], void, undefined> {
    for (const [key, { value }] of this.#entries.entries()) yield [key, value]
  }

  /** Deletes what is remembered or asked for under the keys that are meant. @returns the former */
  deleteWhere(isMeant: (key: string) => boolean): string[] {
    const keys = new Set([...this.#entries.keys(), ...this.#flights.keys()])
    return [...keys].filter((key) => isMeant(key) && this.delete(key))
  }

  #isYoung({ since, expiresAt }: Entry<T>, maxAgeMs: number): boolean {
    const now = this.#options.now()
    return now < expiresAt && now - since < maxAgeMs
  }

  #set(key: string, value: T | null): void {
    const { now, foundMs, notFoundMs } = this.#options
    const since = now()
    const expiresAt = since + (value === null ? notFoundMs : foundMs)
    this.#entries.set(key, { value, since, expiresAt })
  }

  #useStale(key: string, value: T, isFresh: boolean): Cached<T> {
    this.#options.onStale(key)
    // Whoever comes next does not wait, unless this one knows that the location is wrong.
    const since = this.#options.now()
    if (!isFresh) this.#entries.set(key, { value, since, expiresAt: since + STALE_MS })
    return { value, isFresh: false }
  }

  /** @param patienceMs undefined: as long as the question takes */
  async #orStale(
    flight: Promise<T | null>,
    useStale: () => Cached<T>,
    patienceMs: number | undefined,
  ): Promise<Cached<T>> {
    let timer: NodeJS.Timeout | undefined
    const patience = new Promise<Cached<T>>((resolve) => {
      if (patienceMs === undefined) return
      timer = setTimeout(() => resolve(useStale()), patienceMs)
    })
    const answer = flight.then(
      (value) => ({ value, isFresh: true }),
      (error) => {
        if (error instanceof EdgeError && NO_ANSWER.has(error.code)) return useStale()
        throw error
      },
    )
    try {
      return await Promise.race([answer, patience])
    } finally {
      clearTimeout(timer)
    }
  }
}
