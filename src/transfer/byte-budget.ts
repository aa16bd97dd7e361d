export interface ByteBudgetState {
  /** Reservations. */
  readonly entries: number
  readonly bytes: number
  readonly maxBytes: number
  readonly hits: number
  readonly misses: number
}

/** A bound on the bytes that buffers may hold together. Nobody waits: what does not fit streams. */
export class ByteBudget {
  readonly maxBytes: number
  #usedBytes = 0
  #reservations = 0
  #granted = 0
  #refused = 0

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes
  }

  get usedBytes(): number {
    return this.#usedBytes
  }

  /** What is reserved, and how often there was room since the start, or none. */
  get state(): ByteBudgetState {
    const { maxBytes, usedBytes: bytes } = this
    const uses = { entries: this.#reservations, hits: this.#granted, misses: this.#refused }
    return { bytes, maxBytes, ...uses }
  }

  /** True when the bytes are reserved, to be given back once by `release`. */
  reserve(bytes: number): boolean {
    if (this.#usedBytes + bytes > this.maxBytes) {
      this.#refused += 1
      return false
    }
    this.#granted += 1
    this.#reservations += 1
    this.#usedBytes += bytes
    return true
  }

  release(bytes: number): void {
    this.#reservations -= 1
    this.#usedBytes -= bytes
  }
}
