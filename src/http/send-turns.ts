/** What all long answers of a process may send before its event loop looks at what has come in: some 3 ms. */
const BYTES_PER_TURN = 1024 * 1024

/**
 * Lets long answers take turns. A thousand of them that could all go on would else go on all at once,
 * each time before anybody else is listened to, and a picture, which takes the loop some ten rounds,
 * would wait for ten thousand chunks.
 */
export class SendTurns {
  readonly #bytesPerTurn: number
  readonly #waiting: (() => void)[] = []
  #left: number
  #isScheduled = false

  constructor(bytesPerTurn = BYTES_PER_TURN) {
    this.#bytesPerTurn = bytesPerTurn
    this.#left = bytesPerTurn
  }

  /** Undefined: it may be sent now. A promise: when that resolves. First come, first served. */
  take(bytes: number): Promise<void> | undefined {
    if (!this.#isScheduled) {
      this.#isScheduled = true
      setImmediate(this.#next)
    }
    if (this.#left > 0) {
      this.#left -= bytes
      return undefined
    }
    return new Promise((resolve) => {
      this.#waiting.push(() => {
        this.#left -= bytes
        resolve()
      })
    })
  }

  readonly #next = (): void => {
    this.#left = this.#bytesPerTurn
    let served = 0
    for (const give of this.#waiting) {
      if (this.#left <= 0) break
      give()
      served += 1
    }
    this.#waiting.splice(0, served)
    this.#isScheduled = this.#waiting.length > 0
    if (this.#isScheduled) setImmediate(this.#next)
  }
}
