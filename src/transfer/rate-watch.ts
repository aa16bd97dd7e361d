export interface RateWatchOptions {
  /** Bytes per second. */
  readonly minRate: number
  onSlow(): void
}

const CHECK_MS = 500
const WINDOW_MS = 1000

/**
 * Watches how fast a replica sends while it is being waited for; the time that the client takes
 * does not count.
 */
export class RateWatch {
  readonly #options: RateWatchOptions
  readonly #timer: NodeJS.Timeout
  #bytes = 0
  #waitedMs = 0
  #waitingSince: number | undefined

  constructor(options: RateWatchOptions) {
    this.#options = options
    this.#timer = setInterval(() => this.#check(), CHECK_MS)
  }

  wait(): void {
    this.#waitingSince = performance.now()
  }

  received(bytes: number): void {
    this.#addWait()
    this.#waitingSince = undefined
    this.#bytes += bytes
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #addWait(): void {
    if (this.#waitingSince === undefined) return
    const now = performance.now()
    this.#waitedMs += now - this.#waitingSince
    this.#waitingSince = now
  }

  #check(): void {
    this.#addWait()
    if (this.#waitedMs < WINDOW_MS) return
    const isSlow = this.#bytes < (this.#options.minRate * this.#waitedMs) / 1000
    this.#bytes = 0
    this.#waitedMs = 0
    if (isSlow) this.#options.onSlow()
  }
}
