import { EdgeError } from '../errors.ts'
import type { Connection } from './connection.ts'

/** A body that holds no file content is no longer than this. */
const MAX_SHORT_BODY_BYTES = 64 * 1024

/** The rest of a refused upload is read to keep the connection, unless it is longer than this. */
export const MAX_SKIPPED_BYTES = 16 * 1024 * 1024

/** The body of one request, as far as it has not been read. It never reads into the next request. */
export class RequestBody {
  readonly #connection: Connection
  #remaining: number

  constructor(connection: Connection, length: number) {
    this.#connection = connection
    this.#remaining = length
  }

  get remaining(): number {
    return this.#remaining
  }

  /** @throws EdgeError protocol_error when the body is too long for a request without content */
  whole(): Promise<Buffer> {
    return this.read(this.#remaining)
  }

  /** @throws EdgeError protocol_error when the body is shorter than that */
  async read(size: number): Promise<Buffer> {
    if (size > this.#remaining || size > MAX_SHORT_BODY_BYTES) {
      throw new EdgeError('protocol_error', `${size} bytes of a body of ${this.#remaining}`)
    }
    const bytes = await this.#connection.read(size)
    if (bytes === undefined) throw endedInBody()
    this.#remaining -= size
    return bytes
  }

  /** The rest of the body, chunk by chunk as it arrives. */
  async *content(): AsyncGenerator<Buffer> {
    while (this.#remaining > 0) {
      const chunk = await this.#connection.readSome(this.#remaining)
      if (chunk === undefined) throw endedInBody()
      this.#remaining -= chunk.length
      yield chunk
    }
  }

  /** Reads the rest and forgets it, within the time of a request. */
  async skip(): Promise<void> {
    if (this.#remaining === 0) return
    this.#connection.startDeadline()
    for await (const _ of this.content());
    this.#connection.clearDeadline()
  }
}

function endedInBody(): EdgeError {
  return new EdgeError('connection_lost', 'the peer ended in the middle of a body')
}
