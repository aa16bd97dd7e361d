import { EdgeError } from '../../errors.ts'
import type { ContentRequest } from '../../wire/fastdfs/storage-messages.ts'
import type { Connection } from '../connection.ts'

/** A body that holds no file content is no longer than this. */
const MAX_SHORT_BODY_BYTES = 64 * 1024

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

export interface Request {
  readonly command: number
  /** The status byte of the header: the flags of QUERY_FILE_INFO, 0 elsewhere. */
  readonly flags: number
  readonly body: RequestBody
  readonly connection: Connection
}

/** An errno as status; one other than 0 goes with an empty body. */
export interface Reply {
  readonly status: number
  readonly body: Buffer
}

const EMPTY = Buffer.alloc(0)
export const DONE: Reply = { status: 0, body: EMPTY }

export function answer(body: Buffer): Reply {
  return { status: 0, body }
}

export function refusal(status: number): Reply {
  return { status, body: EMPTY }
}

/** Reads head and name of a request that ends in content. @throws EdgeError where lengths disagree */
export async function readContentHead<T>(
  { body }: Request,
  form: ContentRequest<T>,
): Promise<{ head: T; name: string }> {
  const head = form.head.decode(await body.read(form.head.size))
  const name = await body.read(form.nameLength(head))
  if (body.remaining !== form.contentLength(head)) {
    throw new EdgeError('protocol_error', `${body.remaining} bytes of content were not announced`)
  }
  return { head, name: name.toString() }
}
