export interface RefreshedOptions<T> {
  load(): Promise<T>
  /** How old a value may be before it is read again. */
  readonly refreshMs: number
  readonly now: () => number
}

/**
 * A small thing that daemons know and seldom change, read again in the background every so often.
 * What was read last serves while nobody answers.
 */
export class Refreshed<T> {
  readonly #options: RefreshedOptions<T>
  #value: T | undefined
  #readAt = Number.NEGATIVE_INFINITY
  #flight: Promise<T> | undefined

  constructor(options: RefreshedOptions<T>) {
    this.#options = options
  }

  /** Milliseconds since it was last asked for. */
  get ageMs(): number {
    return this.#options.now() - this.#readAt
  }

  /** What was read last, without waiting; undefined before the first time. */
  get last(): T | undefined {
    if (this.ageMs > this.#options.refreshMs) this.read().catch(() => undefined)
    return this.#value
  }

  /** What was read last, or now if that never happened. @throws what `load` throws */
  async get(): Promise<T> {
    return this.last ?? (await this.read())
  }

  /** What was asked for at most so long ago, or is being read. @throws what `load` throws */
  async newerThan(maxAgeMs: number): Promise<T> {
    const isNew = this.#flight === undefined && this.ageMs <= maxAgeMs
    return (isNew ? this.#value : undefined) ?? this.read()
  }

  /** Reads it now; one reading is under way at a time. @throws what `load` throws */
  read(): Promise<T> {
    if (this.#flight !== undefined) return this.#flight
    this.#readAt = this.#options.now()
    this.#flight = this.#options
      .load()
      .then((value) => {
        this.#value = value
        return value
      })
      .finally(() => {
        this.#flight = undefined
      })
    return this.#flight
  }
}
