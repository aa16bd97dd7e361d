import { EdgeError } from '../../errors.ts'
import type { Connection } from '../connection.ts'
import { MAX_SKIPPED_BYTES, RequestBody } from '../request-body.ts'
import type { HttpHead } from './http-head.ts'

/** The body of a request, chunk by chunk as it arrives. It never reads into the next request. */
export interface HttpBody {
  content(): AsyncGenerator<Buffer>
}

/** Undefined for a length that is none. Without one, and not chunked, a body is empty. */
export function bodyOf(connection: Connection, { headers }: HttpHead): HttpBody | undefined {
  const coding = headers.get('transfer-encoding')
  if (coding !== undefined) {
    return coding.toLowerCase() === 'chunked' ? new ChunkedBody(connection) : undefined
  }
  const length = headers.get('content-length') ?? '0'
  if (!/^[0-9]{1,15}$/.test(length)) return undefined
  return new RequestBody(connection, Number(length))
}

/** Reads the rest and forgets it; false when there was too much of it. */
export async function skipBody(connection: Connection, body: HttpBody): Promise<boolean> {
  let skipped = 0
  connection.startDeadline()
  for await (const chunk of body.content()) {
    skipped += chunk.length
    if (skipped > MAX_SKIPPED_BYTES) return false
  }
  connection.clearDeadline()
  return true
}

const MAX_LINE_BYTES = 8 * 1024
const MAX_TRAILERS = 64
const CHUNK_SIZE = /^([0-9A-Fa-f]{1,12})[ \t]*(?:;.*)?$/

class ChunkedBody implements HttpBody {
  readonly #connection: Connection
  #hasEnded = false

  constructor(connection: Connection) {
    this.#connection = connection
  }

  async *content(): AsyncGenerator<Buffer> {
    while (!this.#hasEnded) {
      const [, hex = ''] = CHUNK_SIZE.exec(await this.#line()) ?? []
      if (hex === '') throw new EdgeError('protocol_error', 'a chunk without a size')
      const size = Number.parseInt(hex, 16)
      yield* new RequestBody(this.#connection, size).content()
      if (size === 0) await this.#skipTrailers()
      else if ((await this.#line()) !== '')
        throw new EdgeError('protocol_error', 'a chunk too long')
    }
  }

  async #skipTrailers(): Promise<void> {
    for (let n = 0; n <= MAX_TRAILERS; n++) {
      if ((await this.#line()) !== '') continue
      this.#hasEnded = true
      return
    }
    throw new EdgeError('protocol_error', `more than ${MAX_TRAILERS} trailers`)
  }

  async #line(): Promise<string> {
    const line = await this.#connection.readLine(MAX_LINE_BYTES)
    this.#connection.clearDeadline()
    if (line === undefined) throw new EdgeError('connection_lost', 'the peer ended in a body')
    return line.toString('latin1')
  }
}
