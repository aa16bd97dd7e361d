import type { IncomingMessage, ServerResponse } from 'node:http'
import { EdgeError } from '../errors.ts'
import type { Admission } from './admission.ts'
import type { Caller, Callers } from './caller.ts'
import type { Connection } from './connection.ts'
import type { EdgeRequest, RequestHeaders } from './message.ts'
import { CLIENT_GONE, type ObserveRequest, type RequestRecord } from './request-record.ts'
import { RequestTrace } from './request-trace.ts'
import type { SendProgress } from './write-response.ts'

export interface ExchangeParts {
  readonly admission: Admission
  readonly callers: Callers
  readonly observe: ObserveRequest | undefined
}

/** One request and its answer on a connection. */
export class Exchange implements EdgeRequest, SendProgress {
  readonly method: string
  readonly target: string
  readonly headers: RequestHeaders
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly trace = new RequestTrace()
  readonly #connection: Connection
  readonly #parts: ExchangeParts
  readonly #startedAt = performance.now()
  #caller: Caller | undefined
  #controller: AbortController | undefined
  #isCut = false
  #firstByteMs: number | null = null
  #sentBytes = 0
  #handedBytes = 0

  constructor(
    messages: { readonly request: IncomingMessage; readonly response: ServerResponse },
    connection: Connection,
    parts: ExchangeParts,
  ) {
    this.request = messages.request
    this.response = messages.response
    this.method = this.request.method ?? ''
    this.target = this.request.url ?? ''
    this.headers = this.request.headers
    this.#connection = connection
    this.#parts = parts
    this.response.once('close', () => this.#end())
  }

  get caller(): Caller {
    this.#caller ??= this.#parts.callers.of(this.headers, this.#connection.peer)
    return this.#caller
  }

  /** Undefined: a proxy asks, and has not said for whom. */
  get #client(): string | undefined {
    const { isTrusted, address } = this.caller
    return isTrusted && address === this.#connection.peer.address ? undefined : address
  }

  admit(): AbortSignal {
    if (this.#controller !== undefined) return this.#controller.signal
    if (!this.#parts.admission.enter(this.#client)) {
      throw new EdgeError('overloaded', 'as many requests are being answered as there may be')
    }
    this.#controller = new AbortController()
    this.#connection.startWaiting()
    return this.#controller.signal
  }

  /** Aborts as soon as the client has gone; undefined where nothing was ever waited for. */
  get signal(): AbortSignal | undefined {
    return this.#controller?.signal
  }

  sent(bytes: number): void {
    this.#firstByteMs ??= this.#age()
    this.#sentBytes += bytes
  }

  handedOver(bytes: number): void {
    this.#firstByteMs ??= this.#age()
    this.#handedBytes = bytes
  }

  /** The edge ends the connection, for the answer cannot be brought to its end. */
  cut(fault: unknown): void {
    this.#isCut = true
    this.trace.fault = fault
  }

  #age(): number {
    return performance.now() - this.#startedAt
  }

  /** The answer has gone out, or its client has gone. */
  #end(): void {
    const isWhole = this.response.writableFinished
    if (this.#controller !== undefined) {
      this.#parts.admission.leave(this.#client)
      this.#connection.stopWaiting()
      if (!isWhole) this.#controller.abort()
    }
    this.#parts.observe?.(this.#record(isWhole))
  }

  #record(isWhole: boolean): RequestRecord {
    const { trace, caller } = this
    const isCut = this.#isCut || this.#connection.isCut
    const end = isWhole ? 'whole' : isCut ? 'cut' : 'aborted'
    return {
      method: this.method,
      path: withoutQuery(this.target),
      ref: trace.ref,
      status: end === 'aborted' ? CLIENT_GONE : this.response.statusCode,
      end,
      bytes: isWhole ? this.#sentBytes + this.#handedBytes : this.#sentBytes,
      cache: trace.cache,
      host: trace.host,
      requestId: trace.requestId ?? caller.requestId ?? null,
      client: caller.address,
      resolveMs: trace.resolveMs,
      firstByteMs: this.#firstByteMs,
      totalMs: this.#age(),
      fault: trace.fault,
    }
  }
}

/** The query may hold a token. */
export function withoutQuery(target: string): string {
  const mark = target.indexOf('?')
  return mark < 0 ? target : target.slice(0, mark)
}
