export interface RateWatchOptions {
  /** Bytes per second. */
  readonly minRate: number
  /** How long it is waited for before it is judged; a second where not said. */
  readonly windowMs?: number
  onSlow(): void
}

const WINDOW_MS = 1000
const CHECKS_PER_WINDOW = 2

/**
 * Watches how fast a replica sends while it is being waited for; the time that the client takes
 * does not count.
 */
export class RateWatch {
  readonly #options: RateWatchOptions
  readonly #windowMs: number
  readonly #timer: NodeJS.Timeout
  #bytes = 0
  #waitedMs = 0
  #waitingSince: number | undefined

  constructor(options: RateWatchOptions) {
    this.#options = options
    this.#windowMs = options.windowMs ?? WINDOW_MS
    this.#timer = setInterval(() => this.#check(), this.#windowMs / CHECKS_PER_WINDOW)
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
    if (this.#waitedMs < this.#windowMs) return
    const isSlow = this.#bytes < (this.#options.minRate * this.#waitedMs) / 1000
    this.#bytes = 0
    this.#waitedMs = 0
    if (isSlow) this.#options.onSlow()
  }
}
