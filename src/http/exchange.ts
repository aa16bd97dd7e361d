import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Admission } from './admission.ts'
import type { Caller, Callers } from './caller.ts'
import type { Connection } from './connection.ts'
import type { EdgeRequest, RequestHeaders } from './message.ts'

/** One request and its answer on a connection. */
export class Exchange implements EdgeRequest {
  readonly method: string
  readonly target: string
  readonly headers: RequestHeaders
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly #connection: Connection
  readonly #admission: Admission
  readonly #callers: Callers
  #caller: Caller | undefined
  #controller: AbortController | undefined

  constructor(
    messages: { readonly request: IncomingMessage; readonly response: ServerResponse },
    connection: Connection,
    { admission, callers }: { readonly admission: Admission; readonly callers: Callers },
  ) {
    this.request = messages.request
    this.response = messages.response
    this.method = this.request.method ?? ''
    this.target = this.request.url ?? ''
    this.headers = this.request.headers
    this.#connection = connection
    this.#admission = admission
    this.#callers = callers
  }

  get caller(): Caller {
    this.#caller ??= this.#callers.of(this.headers, this.#connection.peer)
    return this.#caller
  }

  /** Undefined: a proxy asks, and has not said for whom. */
  get #client(): string | undefined {
    const { isTrusted, address } = this.caller
    return isTrusted && address === this.#connection.peer.address ? undefined : address
  }

  admit(): AbortSignal {
    if (this.#controller !== undefined) return this.#controller.signal
    this.#admission.enter(this.#client)
    const controller = new AbortController()
    this.#controller = controller
    this.#connection.startWaiting()
    this.response.once('close', () => this.#leave(controller))
    return controller.signal
  }

  /** Aborts as soon as the client has gone; undefined where nothing was ever waited for. */
  get signal(): AbortSignal | undefined {
    return this.#controller?.signal
  }

  /** The answer has gone out, or its client has gone. */
  #leave(controller: AbortController): void {
    this.#admission.leave(this.#client)
    this.#connection.stopWaiting()
    if (!this.response.writableFinished) controller.abort()
  }
}
