/**
 * A buffer whose memory is accounted for until it has been taken: read once, and given back when
 * its reader asks for more, stops, or goes away.
 */
export class LentBuffer implements AsyncIterable<Buffer> {
  readonly #bytes: Buffer
  readonly #release: () => void
  readonly #signal: AbortSignal
  #isReleased = false

  constructor(bytes: Buffer, release: () => void, signal: AbortSignal) {
    this.#bytes = bytes
    this.#release = release
    this.#signal = signal
    signal.addEventListener('abort', this.#giveBack)
    if (signal.aborted) this.#giveBack()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void, undefined> {
    try {
      yield this.#bytes
    } finally {
      this.#giveBack()
    }
  }

  readonly #giveBack = (): void => {
    if (this.#isReleased) return
    this.#isReleased = true
    this.#signal.removeEventListener('abort', this.#giveBack)
    this.#release()
  }
}
