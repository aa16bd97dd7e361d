import { Agent, type IncomingMessage, request } from 'node:http'
import type { Outcome } from './tally.ts'

export interface Ask {
  readonly url: string
  readonly method?: 'GET' | 'HEAD'
  readonly headers?: Readonly<Record<string, string>>
  readonly status: number
  /** What the body must be; absent where there must be none. */
  readonly body?: Buffer | undefined
  /** A file that changes: what it may be instead. */
  readonly states?: readonly Buffer[] | undefined
}

export interface Answer extends Outcome {
  readonly etag?: string | undefined
}

/** Longer than any deadline of the edge's: whoever waits so long would wait for ever. */
const DEADLINE_MS = 60_000

/** One client, with a connection that it keeps. */
export class Client {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 })

  close(): void {
    this.#agent.destroy()
  }

  /** Every byte of the answer is held against `body` as it comes. */
  ask({ url, method = 'GET', headers = {}, status, body, states }: Ask): Promise<Answer> {
    const startedAt = performance.now()
    return new Promise((resolve) => {
      let begunMs: number | undefined
      const asked = request(url, { agent: this.#agent, method, headers }, (response) => {
        const firstByteMs = performance.now() - startedAt
        begunMs = firstByteMs
        const { etag } = response.headers
        void readBody(response, { status, body, states }).then((outcome) => {
          clearTimeout(timer)
          resolve({ ...outcome, firstByteMs, etag })
        })
      })
      const timer = setTimeout(() => asked.destroy(new Error('no end in sight')), DEADLINE_MS)
      asked.once('error', (error) => {
        clearTimeout(timer)
        const isCut = begunMs !== undefined || ('code' in error && error.code === 'ECONNRESET')
        const firstByteMs = begunMs ?? performance.now() - startedAt
        resolve({ failure: error.message, isCut, firstByteMs })
      })
      asked.end()
    })
  }
}

/** Never throws: a connection that ends early is an outcome too. */
async function readBody(
  response: IncomingMessage,
  { status, body = Buffer.alloc(0), states }: Pick<Ask, 'status' | 'body' | 'states'>,
): Promise<Outcome> {
  // A condition may be ignored: nginx does so with what it does not keep.
  const isMeant = [status, status === 304 ? 200 : status].includes(response.statusCode ?? 0)
  const isEmpty = response.statusCode === 304
  const held = new HeldAgainst(isEmpty ? Buffer.alloc(0) : body, isEmpty ? undefined : states)
  try {
    for await (const chunk of response) held.add(chunk)
  } catch {
    return { isCut: true, failure: 'cut' }
  }
  if (!isMeant) return { failure: `${response.statusCode}` }
  return { isWrong: !held.isSame }
}

/** Bytes as they come, held against what they must be, or at their end against what they may be. */
class HeldAgainst {
  readonly #expected: Buffer
  readonly #states: readonly Buffer[] | undefined
  readonly #chunks: Buffer[] = []
  #position = 0
  #isSame = true

  constructor(expected: Buffer, states: readonly Buffer[] | undefined) {
    this.#expected = expected
    this.#states = states
  }

  add(chunk: Buffer): void {
    const start = this.#position
    this.#position += chunk.length
    if (this.#states !== undefined) this.#chunks.push(chunk)
    else this.#isSame &&= this.#expected.subarray(start, this.#position).equals(chunk)
  }

  get isSame(): boolean {
    if (this.#states === undefined) {
      return this.#isSame && this.#position === this.#expected.length
    }
    const content = Buffer.concat(this.#chunks)
    return this.#states.some((state) => state.equals(content))
  }
}
