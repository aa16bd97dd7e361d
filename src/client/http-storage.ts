import { asEdgeError, EdgeError } from '../errors.ts'
import { type FidUrl, formatFidPath } from '../wire/mogilefs/fid-path.ts'
import type { Address } from './address.ts'
import type { Content } from './content.ts'
import type { HttpAnswer, HttpHead } from './http-answer.ts'
import { HttpBody } from './http-body.ts'
import { HttpConnection, type HttpRequest } from './http-connection.ts'
import { contentLengthOf, formatRange, lengthOf, refused, type Span } from './http-length.ts'
import { HostPools, LONG_BYTES, type Pool, type PoolState } from './pool.ts'
import { Sending } from './sending.ts'

export interface HttpStorageOptions {
  /** Connections to one storage. */
  readonly maxConnections: number
  readonly connectTimeoutMs: number
  /** Silence after a request that ends the connection; also how long to wait for a connection. */
  readonly firstAnswerMs: number
  /** Silence in the middle of a body that ends the connection. */
  readonly networkTimeoutMs: number
  /** Less than the 30 s after which Perlbal closes a connection under a request. */
  readonly idleMs: number
}

interface Lent {
  readonly pool: Pool<HttpConnection>
  readonly connection: HttpConnection
}

interface Answering {
  readonly answer: HttpAnswer
  readonly head: HttpHead
  readonly host: string
  /** Ends the connection, even if the answer is whole and somebody else may have it by now. */
  drop(): void
  /** For a long body. @throws EdgeError overloaded */
  beginLong(): void
}

/** Requests that may wait for a connection, for each connection that there may be. */
const WAITING_PER_CONNECTION = 16
const LIFETIME_MS = 3_600_000
/** What may be read of an answer that is no file: Perlbal's pages of errors have 50 bytes. */
const PAGE_MAX_BYTES = 64 * 1024

/**
 * The storages of MogileFS over HTTP. Only paths of fids and whole numbers make a request: nothing
 * that a client sent reaches a storage. Redirects are not followed.
 */
export class HttpStorage {
  readonly #options: HttpStorageOptions
  readonly #pools: HostPools<HttpConnection>

  constructor(options: HttpStorageOptions) {
    const { maxConnections, connectTimeoutMs, firstAnswerMs, idleMs } = options
    this.#options = options
    this.#pools = new HostPools(
      {
        maxConnections,
        maxWaiting: maxConnections * WAITING_PER_CONNECTION,
        waitTimeoutMs: firstAnswerMs,
        idleMs,
        lifetimeMs: LIFETIME_MS,
        now,
      },
      async (address) => new HttpConnection(address, { connectTimeoutMs, idleMs, now: now() }),
    )
  }

  /**
   * The bytes of `span`, or of the whole file as this copy has it; null where the storage has none.
   * @throws EdgeError connect_failed, timeout, connection_lost, protocol_error, refused_by_server,
   *   wrong_content (the copy ends before the span does), overloaded, aborted
   */
  async open(
    copy: FidUrl,
    { span, signal }: { span: Span | null; signal: AbortSignal },
  ): Promise<HttpBody | null> {
    const headers = span === null ? {} : { range: formatRange(span) }
    const request = { method: 'GET', path: formatFidPath(copy), headers } as const
    const { answer, head, host, drop, beginLong } = await this.#ask(copy, request, signal)
    if (isMissing(head.status)) {
      void drain(answer, this.#options.networkTimeoutMs)
      return null
    }
    try {
      const length = lengthOf(head, span, host) ?? (await this.#requireEmpty(answer, host))
      if (length > LONG_BYTES) beginLong()
      return new HttpBody(answer, { length, host, timeoutMs: this.#options.networkTimeoutMs })
    } catch (error) {
      drop()
      throw error
    }
  }

  /** The length of a copy, null where the storage has none. */
  async size(copy: FidUrl, signal: AbortSignal): Promise<number | null> {
    // Without `reset` undici ends the connection after each HEAD.
    const request = { method: 'HEAD', path: formatFidPath(copy), reset: false } as const
    const { head, host } = await this.#ask(copy, request, signal)
    if (isMissing(head.status)) return null
    if (head.status !== 200) throw refused(head.status, host)
    const length = contentLengthOf(head, host)
    if (length !== null) return length
    // lighttpd 1.4 leaves it out where it is 0.
    if (`${head.headers['server']}`.startsWith('lighttpd')) return 0
    throw new EdgeError('protocol_error', `${host} sent no Content-Length`, { host })
  }

  /** Stores a file. It is sent once, over a connection that nobody has used before. */
  async put(copy: FidUrl, content: Content, signal: AbortSignal): Promise<void> {
    const { networkTimeoutMs } = this.#options
    const sending = new Sending(content)
    const request = {
      method: 'PUT',
      path: formatFidPath(copy),
      headers: { 'content-length': `${content.size}` },
      body: sending.body,
    } as const
    const pool = this.#pools.of(copy)
    const connection = await pool.acquire(signal, true)
    const timing = { signal, firstAnswerMs: networkTimeoutMs }
    const answer = this.#send({ pool, connection }, request, timing)
    sending.onProgress = () => answer.extend()
    const { status } = await answer.head
    void drain(answer, networkTimeoutMs)
    if (!isSuccess(status)) throw refused(status, connection.host)
  }

  /**
   * Resolves when an HTTP server answers. Of `/` nginx and others that have no index say 403 or 404.
   * @throws EdgeError as `open`; also for 5xx
   */
  async ping(address: Address, signal: AbortSignal): Promise<void> {
    const { answer, head, host } = await this.#ask(address, { method: 'GET', path: '/' }, signal)
    await readPage(answer, this.#options.networkTimeoutMs)
    if (head.status >= 500) throw refused(head.status, host)
  }

  /** A page of a storage: `/` or `/dev1/usage`. @throws EdgeError as `open`, unless it is 2xx */
  async probe(address: Address, path: `/${string}`, signal: AbortSignal): Promise<string> {
    const { answer, head, host } = await this.#ask(address, { method: 'GET', path }, signal)
    const page = await readPage(answer, this.#options.networkTimeoutMs)
    if (!isSuccess(head.status)) throw refused(head.status, host)
    return `${page}`
  }

  get pools(): readonly PoolState[] {
    return this.#pools.states
  }

  /** Closes idle connections now and those in use when they are done. */
  close(): void {
    this.#pools.close()
  }

  /** Resolves when the head of the answer has come. */
  async #ask(address: Address, request: HttpRequest, signal: AbortSignal): Promise<Answering> {
    const pool = this.#pools.of(address)
    const connection = await pool.acquire(signal)
    const { isReused } = connection
    try {
      return await this.#askOn({ pool, connection }, request, signal)
    } catch (thrown) {
      const error = asEdgeError(thrown)
      if (isReused && error.code === 'timeout') pool.dropIdle()
      // A storage may close an idle connection at any time: that is no failure of the host.
      if (!isReused || error.code !== 'connection_lost') throw error
    }
    const fresh = await pool.acquire(signal, true)
    return this.#askOn({ pool, connection: fresh }, request, signal)
  }

  async #askOn(on: Lent, request: HttpRequest, signal: AbortSignal): Promise<Answering> {
    const { firstAnswerMs } = this.#options
    const answer = this.#send(on, request, { signal, firstAnswerMs })
    const head = await answer.head
    const drop = (): void => {
      answer.giveUp()
      on.connection.destroy()
    }
    const beginLong = (): void => on.pool.beginLong(on.connection)
    return { answer, head, host: on.connection.host, drop, beginLong }
  }

  #send(
    { pool, connection }: Lent,
    request: HttpRequest,
    timing: { signal: AbortSignal; firstAnswerMs: number },
  ): HttpAnswer {
    const onEnd = (isWhole: boolean): void => pool.release(connection, isWhole)
    return connection.send(request, { ...timing, onEnd })
  }

  /**
   * A body without a length, as lighttpd 1.4 sends it for an empty file. With any byte in it, nobody
   * could tell whether it is whole.
   */
  async #requireEmpty(answer: HttpAnswer, host: string): Promise<0> {
    const chunk = await answer.read(this.#options.firstAnswerMs)
    if (chunk === undefined) return 0
    throw new EdgeError('protocol_error', `${host} sent no Content-Length`, { host })
  }
}

/** An answer that is no file, in memory. */
async function readPage(answer: HttpAnswer, timeoutMs: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for (;;) {
    const chunk = await answer.read(timeoutMs)
    if (chunk === undefined) return Buffer.concat(chunks)
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes > PAGE_MAX_BYTES) {
      answer.giveUp()
      throw new EdgeError('protocol_error', `a page of more than ${PAGE_MAX_BYTES} bytes`)
    }
  }
}

/** Reads what is of no interest, so that the connection can be used again. */
async function drain(answer: HttpAnswer, timeoutMs: number): Promise<void> {
  try {
    await readPage(answer, timeoutMs)
  } catch (error) {
    asEdgeError(error)
  }
}

function now(): number {
  return performance.now()
}

function isMissing(status: number): boolean {
  return status === 404 || status === 410
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300
}
