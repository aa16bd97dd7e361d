import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { Server as NetServer, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { ClientBounds } from './admission.ts'
import { Callers, NO_TRUST, type ProxyTrust } from './caller.ts'
import { Connection } from './connection.ts'
import { Edge, type EdgeOptions } from './edge.ts'
import { createErrorResponse, createRequestId, type RefusalStatus } from './error-response.ts'
import { Exchange, withoutQuery } from './exchange.ts'
import { cannotListen, type ListenOptions } from './listen-fault.ts'
import type { EdgeLog, EdgeResponse } from './message.ts'
import { findMessageFault, saysClose, sizeUpBody } from './message-fault.ts'
import { type ParseError, readParseError } from './parse-error.ts'
import { type ObserveRequest, recordOfUnread } from './request-record.ts'
import { holdToRate } from './send-rate.ts'
import { DEFAULT_SERVER_LIMITS, type ServerLimits } from './server-limits.ts'
import { writeResponse } from './write-response.ts'

/** Connections that may wait while one process has gone and the next one starts. */
const BACKLOG = 4096

export interface EdgeServerOptions extends EdgeOptions {
  readonly limits?: Partial<ServerLimits>
  /** Shared by all listeners of a process. Absent: of this one alone. */
  readonly bounds?: ClientBounds
  /** Absent: no proxy is believed anything. */
  readonly trust?: ProxyTrust
  /** False while a proxy in front has no room to keep answers. Absent: it always has. */
  readonly canProxyKeep?: () => boolean
  /** Is told of every answer when it has ended. */
  readonly observeRequest?: ObserveRequest
}

/** The public listener. */
export interface EdgeServer {
  /**
   * @param sockets bound to the address already, and taken as they are: descriptors of one socket, of each of which
   *   a connection is accepted at a time
   * @throws EdgeError invalid_config: the address cannot be listened on
   */
  listen(options: ListenOptions, sockets?: readonly Socket[]): Promise<ListenOptions>
  /**
   * Takes no new connection, lets running answers end, and cuts what is left at the deadline. For
   * `graceMs` an idle connection may bring one more request: it is not lost if it is on its way, and
   * tells its client that the connection ends.
   */
  close(deadlineMs: number, graceMs?: number): Promise<void>
}

/**
 * Serves an edge over HTTP/1. What node:http would answer or drop by itself (unknown methods,
 * CONNECT, expectations, bad Host fields, what is no HTTP) is answered here, with the same care.
 */
export function createEdgeServer(options: EdgeServerOptions): EdgeServer {
  return new NodeEdgeServer(options)
}

class NodeEdgeServer implements EdgeServer {
  readonly #edge: Edge
  readonly #log: EdgeLog
  readonly #limits: ServerLimits
  readonly #server: Server
  /** The server, and what accepts for it. */
  readonly #listening: NetServer[] = []
  readonly #bounds: ClientBounds
  readonly #callers: Callers
  readonly #canProxyKeep: () => boolean
  readonly #observeRequest: ObserveRequest | undefined
  readonly #connections = new Map<Duplex, Connection>()
  #isClosing = false

  constructor(options: EdgeServerOptions) {
    this.#edge = new Edge(options)
    this.#log = options.log
    this.#limits = { ...DEFAULT_SERVER_LIMITS, ...options.limits }
    this.#bounds = options.bounds ?? new ClientBounds(this.#limits)
    this.#callers = new Callers(options.trust ?? NO_TRUST)
    this.#observeRequest = options.observeRequest
    this.#canProxyKeep = options.canProxyKeep ?? (() => true)
    this.#server = this.#createServer()
  }

  async listen(
    { host, port }: ListenOptions,
    [socket, ...others]: readonly Socket[] = [],
  ): Promise<ListenOptions> {
    try {
      await this.#listen(this.#server, socket ?? { host, port })
      for (const other of others) await this.#listen(this.#createAcceptor(), other)
    } catch (cause) {
      throw cannotListen({ host, port }, cause)
    }
    const address = this.#server.address()
    if (address === null || typeof address === 'string') return { host, port }
    return { host: address.address, port: address.port }
  }

  async close(deadlineMs: number, graceMs = 0): Promise<void> {
    this.#isClosing = true
    const cut = setTimeout(() => this.#cutAll(), deadlineMs)
    // node:http's own would close idle connections at once.
    const closed = Promise.all(this.#listening.map(closeListener))
    const timer = graceMs === 0 ? undefined : setTimeout(() => this.#endIdle(), graceMs)
    if (timer === undefined) this.#endIdle()
    await closed
    clearTimeout(timer)
    clearTimeout(cut)
    // A server is closed before its connections have said so: their answers are still to be counted.
    await Promise.all([...this.#connections.keys()].map(untilClosed))
  }

  async #listen(server: NetServer, at: Socket | ListenOptions): Promise<void> {
    const listening = once(server, 'listening')
    server.listen(at, BACKLOG)
    await listening
    server.on('error', (err) => this.#log.error({ err }, 'the listener failed'))
    this.#listening.push(server)
  }

  /** With the options that node:http gives its own. */
  #createAcceptor(): NetServer {
    const welcome = (socket: Socket): void => void this.#server.emit('connection', socket)
    return new NetServer({ allowHalfOpen: true, noDelay: true }, welcome)
  }

  #cutAll(): void {
    const cut = [...this.#connections.values()].filter((connection) => connection.cut())
    if (cut.length === 0) return
    this.#log.warn({ answers: cut.length }, 'answers that did not end in time are cut')
  }

  #endIdle(): void {
    for (const connection of this.#connections.values()) connection.endWhenIdle()
    this.#server.closeIdleConnections()
  }

  #createServer(): Server {
    const limits = this.#limits
    const server = createServer({
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      keepAliveTimeout: limits.keepAliveTimeoutMs,
      connectionsCheckingInterval: Math.min(5000, limits.headersTimeoutMs),
      maxHeaderSize: limits.maxHeaderBytes,
      // Answered in #refuseMessage, with a body.
      requireHostHeader: false,
      // Else the first of repeated fields counts, and nobody sees that there are more.
      joinDuplicateHeaders: true,
      optimizeEmptyRequests: true,
    })
    server.timeout = limits.sendTimeoutMs
    // Else node:http drops the answer to a client that ends its side once it has asked.
    Object.assign(server, { httpAllowHalfOpen: true })
    server.on('connection', (socket) => this.#welcome(socket))
    server.on('request', (request, response) => this.#answer(request, response))
    server.on('checkContinue', (request, response) => this.#answer(request, response))
    server.on('checkExpectation', (request, response) => this.#answer(request, response, 417))
    server.on('connect', (_request, socket) => this.#refuse(socket, 405))
    server.on('clientError', (error, socket) => this.#refuseUnread(error, socket))
    server.on('timeout', (socket) => this.#endStalled(socket))
    return server
  }

  #welcome(socket: Socket): void {
    const address = socket.remoteAddress ?? ''
    const peer = { address, isTrusted: this.#callers.isTrusted(address) }
    const client = peer.isTrusted ? undefined : address
    const { connections, refusals } = this.#bounds
    const isAdmitted = connections.enter(client)
    if (!isAdmitted && !refusals.enter(undefined)) {
      socket.destroy()
      return
    }
    const connection = new Connection(socket, peer, this.#limits.lingerMs)
    if (!isAdmitted) connection.refuseFirst()
    this.#connections.set(socket, connection)
    socket.once('end', () => connection.hearOut())
    socket.once('close', () => {
      this.#connections.delete(socket)
      if (isAdmitted) connections.leave(client)
      else refusals.leave(undefined)
    })
  }

  #answer(request: IncomingMessage, response: ServerResponse, status?: RefusalStatus): void {
    const connection = this.#connections.get(request.socket)
    if (connection === undefined) return
    connection.begin(request, response)
    const exchange = new Exchange({ request, response }, connection, {
      admission: this.#bounds.requests,
      callers: this.#callers,
      observe: this.#observeRequest,
    })
    const refused = connection.isOneTooMany ? 503 : status
    const answer = this.#refuseMessage(exchange, refused) ?? this.#edge.handle(exchange)
    if (answer instanceof Promise) void answer.then((later) => this.#send(exchange, later))
    else this.#send(exchange, answer)
  }

  #refuseMessage(exchange: Exchange, given: RefusalStatus | undefined): EdgeResponse | undefined {
    const { request, response, target, headers } = exchange
    const { httpVersion } = request
    const status =
      given ?? findMessageFault({ httpVersion, target, headers }, this.#limits.maxUrlBytes)
    if (status === undefined) return undefined
    response.shouldKeepAlive = false
    return this.#edge.refuse(exchange, status)
  }

  #send(exchange: Exchange, answer: EdgeResponse | null): void {
    const { response, signal } = exchange
    if (answer === null || signal?.aborted) {
      response.destroy()
      return
    }
    const isLingering = this.#mustLinger(exchange)
    if (isLingering || this.#isClosing || saysClose(exchange.headers)) {
      response.shouldKeepAlive = false
    }
    const lingerMs = isLingering ? this.#limits.lingerMs : undefined
    try {
      const timely = this.#inTime(exchange, this.#forProxy(exchange, answer))
      const { turns } = this.#bounds
      const how = { signal, lingerMs, progress: exchange, turns }
      const written = writeResponse(response, timely, how)
      written?.catch((error: unknown) => this.#cut(exchange, error))
    } catch (error) {
      this.#cut(exchange, error)
    }
  }

  /** nginx cuts what it means to keep and cannot write. The header is for nginx, which passes it on to nobody. */
  #forProxy({ caller }: Exchange, answer: EdgeResponse): EdgeResponse {
    if (!caller.isTrusted || this.#canProxyKeep()) return answer
    return { ...answer, headers: [...answer.headers, 'X-Accel-Expires', '0'] }
  }

  #inTime({ caller, signal }: Exchange, answer: EdgeResponse): EdgeResponse {
    const { sendRate } = this.#limits
    if (sendRate.bytesPerSecond === 0 || caller.isTrusted) return answer
    return holdToRate(answer, sendRate, signal)
  }

  /** A body that is large, or of which nobody knows whether it comes, is not worth its connection. */
  #mustLinger({ headers }: Exchange): boolean {
    const body = sizeUpBody(headers, this.#limits.maxBodyBytes)
    return body === 'large' || (body === 'small' && headers.expect !== undefined)
  }

  /** Too late for a status: a connection that breaks is all that can tell of a fault. */
  #cut(exchange: Exchange, err: unknown): void {
    const { response, signal, target } = exchange
    const isClientGone = signal?.aborted || response.socket?.destroyed !== false
    if (!isClientGone) exchange.cut(err)
    response.destroy()
    if (isClientGone) return
    this.#log.warn({ err, path: withoutQuery(target) }, 'an answer was cut in the middle')
  }

  #refuseUnread(error: ParseError, socket: Duplex): void {
    // A client that said `Connection: close` and goes on: its last answer is already on its way.
    if (error.code === 'HPE_CLOSED_CONNECTION') return
    if (error.code === 'ECONNRESET' || error.code === 'EPIPE') {
      socket.destroy()
      return
    }
    const { status, isHead } = readParseError(error)
    this.#refuse(socket, status, isHead)
  }

  #refuse(socket: Duplex, status: RefusalStatus, isHead = false): void {
    const connection = this.#connections.get(socket)
    if (connection === undefined) return
    const requestId = createRequestId()
    const isAnswered = connection.refuse(createErrorResponse({ status, requestId }), isHead)
    const client = connection.peer.address
    if (isAnswered) this.#observeRequest?.(recordOfUnread({ status, requestId, client }))
  }

  /** No byte has moved for long: the client takes nothing, asks nothing, or waits for a storage. */
  #endStalled(socket: Socket): void {
    if (!this.#connections.get(socket)?.isWaitingForAnswer) socket.destroy()
  }
}

function closeListener(server: NetServer): Promise<unknown> {
  return new Promise((resolve) => NetServer.prototype.close.call(server, resolve))
}

function untilClosed(socket: Duplex): Promise<void> {
  return new Promise((resolve) => socket.once('close', resolve))
}
