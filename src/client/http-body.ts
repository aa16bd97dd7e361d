import { EdgeError } from '../errors.ts'
import type { HttpAnswer } from './http-answer.ts'

/** The body of an answer, read once. */
export class HttpBody {
  /** Bytes that the storage announced. */
  readonly length: number
  readonly #answer: HttpAnswer
  readonly #host: string
  readonly #timeoutMs: number

  constructor(
    answer: HttpAnswer,
    { length, host, timeoutMs }: { length: number; host: string; timeoutMs: number },
  ) {
    this.length = length
    this.#answer = answer
    this.#host = host
    this.#timeoutMs = timeoutMs
  }

  /** The chunks are the reader's to keep. @throws EdgeError timeout, connection_lost, aborted */
  get chunks(): AsyncIterable<Buffer> {
    return this.#read()
  }

  /** Gives the body up. An unread rest costs the connection. */
  cancel(): void {
    this.#answer.giveUp()
  }

  async *#read(): AsyncGenerator<Buffer, void, undefined> {
    let left = this.length
    try {
      for (;;) {
        const chunk = await this.#answer.read(this.#timeoutMs)
        if (chunk === undefined) break
        left -= chunk.length
        yield chunk
      }
    } finally {
      this.cancel()
    }
    if (left === 0) return
    const message = `${this.#host} ended ${left} bytes before the end`
    throw new EdgeError('connection_lost', message, { host: this.#host })
  }
}
