import type { IncomingHttpHeaders } from 'node:http'
import type { Dispatcher } from 'undici'
import { EdgeError } from '../errors.ts'
import { abortedError } from './connection.ts'
import { httpFault } from './http-fault.ts'

export interface HttpHead {
  readonly status: number
  readonly headers: IncomingHttpHeaders
}

export interface HttpAnswerOptions {
  readonly host: string
  readonly signal: AbortSignal
  readonly connectTimeoutMs: number
  /** Silence between the request and the answer. */
  readonly firstAnswerMs: number
  /** Called once: `isWhole` when the connection may serve another request. */
  onEnd(isWhole: boolean): void
}

/** No more is read from a storage while its reader has so much to take. */
const HIGH_WATER_BYTES = 256 * 1024

interface Waiter {
  resolve(chunk: Buffer | undefined): void
  reject(error: EdgeError): void
}

/**
 * The answer to one HTTP request, read piece by piece. Undici's own streams take a third more CPU
 * for 30 KB, and their deadlines come in steps of half a second.
 */
export class HttpAnswer {
  /** What undici is to call. */
  readonly handler: Dispatcher.DispatchHandler = {
    onRequestStart: (controller) => this.#begin(controller),
    onResponseStart: (_, status, headers) => this.#receiveHead(status, headers),
    onResponseData: (_, chunk) => this.#receive(chunk),
    onResponseEnd: () => this.#end(),
    onResponseError: (_, error) => this.giveUp(error),
  }
  /** @throws EdgeError connect_failed, timeout, connection_lost, protocol_error, aborted */
  readonly head: Promise<HttpHead>
  readonly #options: HttpAnswerOptions
  readonly #settle: PromiseWithResolvers<HttpHead>
  readonly #chunks: Buffer[] = []
  #bytes = 0
  #controller: Dispatcher.DispatchController | undefined
  #waiter: Waiter | undefined
  #timer: NodeJS.Timeout | undefined
  #failure: EdgeError | undefined
  #isWhole = false

  constructor(options: HttpAnswerOptions) {
    this.#options = options
    this.#settle = Promise.withResolvers()
    this.head = this.#settle.promise
    this.#expect('took no connection', options.connectTimeoutMs, true)
    options.signal.addEventListener('abort', this.#abort)
    if (options.signal.aborted) this.#abort()
  }

  /** The next bytes, undefined at the end. @throws EdgeError timeout, connection_lost, aborted */
  async read(timeoutMs: number): Promise<Buffer | undefined> {
    const chunk = this.#chunks.shift()
    if (chunk !== undefined) {
      this.#bytes -= chunk.length
      if (this.#bytes < HIGH_WATER_BYTES) this.#controller?.resume()
      return chunk
    }
    if (this.#failure !== undefined) throw this.#failure
    if (this.#isWhole) return undefined
    this.#expect('sent nothing', timeoutMs)
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject }
    })
  }

  /** The request is still being sent: its answer may take that much longer. */
  extend(): void {
    if (this.#timer !== undefined) this.#expect('took nothing', this.#options.firstAnswerMs)
  }

  /** Ends the connection unless the answer is whole. */
  giveUp(why?: unknown): void {
    if (this.#isWhole || this.#failure !== undefined) return
    const error = why === undefined ? abortedError() : httpFault(why, this.#options.host)
    this.#failure = error
    this.#settle.reject(error)
    this.#waiter?.reject(error)
    this.#finish(false)
  }

  readonly #abort = (): void => this.giveUp()

  #begin(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    this.#expect('sent nothing', this.#options.firstAnswerMs)
  }

  #receiveHead(status: number, headers: IncomingHttpHeaders): void {
    // 100 Continue and its like.
    if (status < 200) return
    this.#expectNothing()
    this.#settle.resolve({ status, headers })
  }

  #receive(chunk: Buffer): void {
    const waiter = this.#waiter
    if (waiter !== undefined) {
      this.#waiter = undefined
      this.#expectNothing()
      waiter.resolve(chunk)
      return
    }
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
    if (this.#bytes >= HIGH_WATER_BYTES) this.#controller?.pause()
  }

  #end(): void {
    if (this.#failure !== undefined) return
    this.#isWhole = true
    this.#waiter?.resolve(undefined)
    this.#finish(true)
  }

  #finish(isWhole: boolean): void {
    this.#waiter = undefined
    this.#expectNothing()
    this.#options.signal.removeEventListener('abort', this.#abort)
    this.#options.onEnd(isWhole)
  }

  #expect(what: string, timeoutMs: number, isConnecting = false): void {
    const { host } = this.#options
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      const message = `${host} ${what} for ${timeoutMs} ms`
      this.giveUp(new EdgeError('timeout', message, { host, isConnecting }))
    }, timeoutMs)
  }

  #expectNothing(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}
