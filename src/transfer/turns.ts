/**
 * Lets what many want to do at once take turns. A thousand long answers that could all go on would else go on all at
 * once, each time before anybody else is listened to, and a picture, which takes the event loop some ten rounds,
 * would wait for ten thousand chunks.
 */
export class Turns {
  readonly #perRound: number
  readonly #waiting: (() => void)[] = []
  #left: number
  #isScheduled = false

  /** @param perRound how much is done before the loop looks at what has come in: bytes, or whatever is taken */
  constructor(perRound: number) {
    this.#perRound = perRound
    this.#left = perRound
  }

  /** Undefined: it may be done now. A promise: when that resolves. First come, first served. */
  take(amount: number): Promise<void> | undefined {
    if (!this.#isScheduled) {
      this.#isScheduled = true
      setImmediate(this.#next)
    }
    if (this.#left > 0) {
      this.#left -= amount
      return undefined
    }
    return new Promise((resolve) => {
      this.#waiting.push(() => {
        this.#left -= amount
        resolve()
      })
    })
  }

  readonly #next = (): void => {
    this.#left = this.#perRound
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
