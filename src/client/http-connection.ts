import { isIPv6 } from 'node:net'
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

/** A URL does not name it. */
const DEFAULT_PORT = 80

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
    this.#client = createClient(address, {
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

/**
 * MogileFS takes any text for a host's address. What is none (10.0.0.300), and what a URL reads as
 * another one (`10.99`, `a@b`, `a/b`), is found out here.
 */
function createClient(address: Address, options: Client.Options): Client {
  const host = formatAddress(address)
  const url = `http://${host}`
  if (!URL.canParse(url) || !isOf(address, new URL(url))) {
    throw new EdgeError('connect_failed', `${host} is no address`, { host })
  }
  return new Client(url, options)
}

function isOf({ host, port }: Address, url: URL): boolean {
  const isName = isIPv6(host) || url.hostname === host.toLowerCase()
  return isName && Number(url.port || DEFAULT_PORT) === port
}
