import type { Connection } from './connection.ts'
import type { DaemonFaults } from './daemon-faults.ts'
import { type HostPort, Listener, type ListenerOptions } from './listener.ts'
import type { RequestCounters } from './request-counters.ts'

export type DaemonOptions = Omit<ListenerOptions, 'serve'>

/** A server that can be stopped, started again, paused and resumed, and made to fail. */
export abstract class Daemon {
  abstract faults: DaemonFaults
  readonly #listener: Listener

  constructor({ host, port, limits, onError }: DaemonOptions) {
    const serve = (connection: Connection) => this.#serveUnlessRefused(connection)
    this.#listener = new Listener({ host, port, limits, serve, onError })
  }

  get address(): HostPort {
    return this.#listener.address
  }

  get counters(): RequestCounters {
    return this.#listener.counters
  }

  /** Neither stopped nor paused. */
  get isRunning(): boolean {
    return this.#listener.isRunning
  }

  /** `preferredPort` is for port 0. @throws EdgeError connect_failed when the port is taken */
  start(preferredPort = 0): Promise<void> {
    return this.#listener.start(preferredPort)
  }

  /** Closes the port and cuts every connection at once, as a kill does. */
  stop(): Promise<void> {
    return this.#listener.stop()
  }

  /** From now on connections are accepted, but nothing is read and nothing answered. */
  pause(): void {
    this.#listener.pause()
  }

  resume(): void {
    this.#listener.resume()
  }

  /** Answers everything that is asked on a connection. It may throw: then the connection is cut. */
  protected abstract serve(connection: Connection): Promise<void>

  async #serveUnlessRefused(connection: Connection): Promise<void> {
    if (this.faults.refuse === true) connection.reset()
    else await this.serve(connection)
  }
}
