import { createServer, type Server, type Socket } from 'node:net'
import { EdgeError } from '../errors.ts'
import { Connection, type ConnectionLimits } from './connection.ts'
import { Gate } from './gate.ts'
import { RequestCounters } from './request-counters.ts'

export interface HostPort {
  readonly host: string
  readonly port: number
}

/** `host:port`, an IPv6 address in brackets. */
export function formatAddress({ host, port }: HostPort): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

export interface ListenerLimits extends ConnectionLimits {
  /** Further connections are closed as soon as they come. */
  readonly maxConnections: number
}

export interface ListenerOptions extends HostPort {
  readonly limits: ListenerLimits
  /** Answers everything that is asked on a connection. It may throw: then the connection is cut. */
  readonly serve: (connection: Connection) => Promise<void>
  /** Errors that no request and no peer can account for. */
  readonly onError: (error: unknown) => void
}

/** One address on which a daemon listens. It can be stopped, started again, paused and resumed. */
export class Listener {
  readonly counters = new RequestCounters()
  readonly #options: ListenerOptions
  readonly #gate = new Gate()
  readonly #connections = new Set<Connection>()
  readonly #served = new Set<Promise<void>>()
  #server: Server | undefined
  #port: number

  constructor(options: ListenerOptions) {
    this.#options = options
    this.#port = options.port
  }

  get address(): HostPort {
    return { host: this.#options.host, port: this.#port }
  }

  get isRunning(): boolean {
    return this.#server !== undefined && !this.#gate.isClosed
  }

  /**
   * The first start on port 0 takes `preferredPort` if it is free, else any; later ones the same.
   * @throws EdgeError connect_failed when the port is taken or the address is not of this host
   */
  async start(preferredPort = 0): Promise<void> {
    if (this.#server !== undefined) return
    const isPreferring = this.#port === 0 && preferredPort !== 0
    if (isPreferring && (await this.#listen(preferredPort).then(() => true, isTaken))) return
    await this.#listen(this.#port)
  }

  async #listen(port: number): Promise<void> {
    const server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) =>
      this.#accept(socket),
    )
    await listen(server, { host: this.#options.host, port })
    const bound = server.address()
    if (bound !== null && typeof bound === 'object') this.#port = bound.port
    this.#server = server
  }

  /** Closes the port and cuts every connection at once, as a kill does. */
  async stop(): Promise<void> {
    const server = this.#server
    if (server === undefined) return
    this.#server = undefined
    const closed = new Promise((resolve) => server.close(resolve))
    for (const connection of this.#connections) connection.destroy()
    this.#gate.open()
    await Promise.all([closed, ...this.#served])
  }

  /** From now on connections are accepted, but nothing is read and nothing answered. */
  pause(): void {
    this.#gate.close()
    for (const connection of this.#connections) connection.followGate()
  }

  resume(): void {
    this.#gate.open()
    for (const connection of this.#connections) connection.followGate()
  }

  #accept(socket: Socket): void {
    this.counters.connectionsAccepted++
    if (this.#connections.size >= this.#options.limits.maxConnections) {
      socket.destroy()
      return
    }
    const connection = new Connection(socket, this.#gate, this.#options.limits)
    this.#connections.add(connection)
    this.counters.setOpen(this.#connections.size)
    const served = this.#serve(connection)
    this.#served.add(served)
    served.finally(() => this.#served.delete(served))
  }

  async #serve(connection: Connection): Promise<void> {
    try {
      await this.#options.serve(connection)
      connection.finish()
    } catch (error) {
      if (!(error instanceof EdgeError)) this.#options.onError(error)
      connection.destroy()
    }
    await connection.closed
    this.#connections.delete(connection)
    this.counters.setOpen(this.#connections.size)
  }
}

function listen(server: Server, { host, port }: HostPort): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => reject(cannotListen(host, port, cause)))
    server.listen({ host, port, backlog: 1024 }, resolve)
  })
}

/** For `then`: false after a taken port, every other error is thrown on. */
function isTaken(error: unknown): false {
  if (error instanceof EdgeError && error.code === 'connect_failed') return false
  throw error
}

function cannotListen(host: string, port: number, cause: NodeJS.ErrnoException): EdgeError {
  const reason =
    cause.code === 'EADDRINUSE'
      ? `port ${port} on ${host} is taken: another program listens there`
      : `cannot listen on port ${port} of ${host}: ${cause.code ?? cause.message}`
  return new EdgeError('connect_failed', reason, { cause, host: `${host}:${port}` })
}
