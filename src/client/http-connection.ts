import { Client, type Dispatcher } from 'undici'
import { EdgeError } from '../errors.ts'
import { type Address, formatAddress } from './address.ts'
import { HttpAnswer, type HttpAnswerOptions } from './http-answer.ts'
import type { Pooled } from './pool.ts'

export interface HttpConnectionOptions {
  readonly connectTimeoutMs: number
  readonly idleMs: number
  readonly now: number
}

export type HttpRequest = Omit<Dispatcher.DispatchOptions, 'origin'>

/** The head of an answer: Perlbal's is 300 bytes. */
const HEAD_MAX_BYTES = 16 * 1024

/** One HTTP connection, made with its first request, that serves one request at a time. */
export class HttpConnection implements Pooled {
  readonly host: string
  readonly openedAt: number
  idleSince = 0
  isReused = false
  readonly #client: Client
  readonly #connectTimeoutMs: number
  #isUsable = true

  /** @throws EdgeError connect_failed: there can be no such address */
  constructor(address: Address, { connectTimeoutMs, idleMs, now }: HttpConnectionOptions) {
    this.host = formatAddress(address)
    this.openedAt = now
    this.#connectTimeoutMs = connectTimeoutMs
    this.#client = createClient(this.host, {
      pipelining: 1,
      connect: { timeout: connectTimeoutMs, noDelay: true },
      maxHeaderSize: HEAD_MAX_BYTES,
      // The deadlines are HttpAnswer's.
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: idleMs,
      keepAliveMaxTimeout: idleMs,
    })
    this.#client.on('disconnect', () => {
      this.#isUsable = false
    })
  }

  get isUsable(): boolean {
    return this.#isUsable
  }

  send(
    request: HttpRequest,
    options: Omit<HttpAnswerOptions, 'host' | 'connectTimeoutMs'>,
  ): HttpAnswer {
    const { host } = this
    const answer = new HttpAnswer({ ...options, host, connectTimeoutMs: this.#connectTimeoutMs })
    try {
      this.#client.dispatch(request, answer.handler)
    } catch (error) {
      answer.giveUp(error)
    }
    return answer
  }

  destroy(): void {
    this.#isUsable = false
    void this.#client.destroy()
  }
}

/** MogileFS takes any text for a host's address: 10.0.0.300 is found out here. */
function createClient(host: string, options: Client.Options): Client {
  try {
    return new Client(`http://${host}`, options)
  } catch (cause) {
    throw new EdgeError('connect_failed', `${host} is no address`, { host, cause })
  }
}
