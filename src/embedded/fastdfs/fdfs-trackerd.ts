import { STATUS } from '../../wire/fastdfs/status.ts'
import type { Cluster } from './cluster.ts'
import type { Connection } from './connection.ts'
import { type HostPort, Listener, type ListenerOptions } from './listener.ts'
import { misbehave } from './misbehave.ts'
import { type Reply, type Request, refusal } from './request.ts'
import type { RequestCounters } from './request-counters.ts'
import { serveRequests } from './serve-requests.ts'
import { TRACKER_COMMANDS } from './tracker-commands.ts'
import type { TrackerFaults } from './tracker-faults.ts'

export interface TrackerdOptions extends Omit<ListenerOptions, 'serve'> {
  readonly cluster: Cluster
  /** FETCH_ALL as it was before 6.16: no ports behind the first. */
  readonly isOldFetchAll: boolean
}

/** A tracker: says which storages may be asked for a file, without knowing any file. */
export class FdfsTrackerd {
  faults: TrackerFaults = {}
  readonly #options: TrackerdOptions
  readonly #listener: Listener

  constructor(options: TrackerdOptions) {
    this.#options = options
    const { host, port, limits, onError } = options
    const serve = (connection: Connection) => this.#serve(connection)
    this.#listener = new Listener({ host, port, limits, serve, onError })
  }

  get address(): HostPort {
    return this.#listener.address
  }

  get counters(): RequestCounters {
    return this.#listener.counters
  }

  /** @throws EdgeError connect_failed when the port is taken */
  start(): Promise<void> {
    return this.#listener.start()
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

  async #serve(connection: Connection): Promise<void> {
    if (this.faults.refuse === true) {
      connection.reset()
      return
    }
    const handle = (request: Request) => this.#handle(request)
    await serveRequests(connection, { isClosingAfterInvalid: false, handle })
  }

  async #handle(request: Request): Promise<Reply | undefined> {
    this.counters.countRequest(request.command)
    if (await misbehave(this.faults, request)) return undefined
    const command = TRACKER_COMMANDS.get(request.command)
    if (command === undefined) return refusal(STATUS.EINVAL)
    const body = await request.body.whole()
    if (this.faults.status !== undefined) return refusal(this.faults.status)
    const { cluster, isOldFetchAll } = this.#options
    return await command({ cluster, faults: this.faults, isOldFetchAll }, body)
  }
}
