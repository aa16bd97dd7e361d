import { STATUS } from '../../wire/fastdfs/status.ts'
import type { Connection } from '../connection.ts'
import { Daemon, type DaemonOptions } from '../daemon.ts'
import { misbehave } from '../daemon-faults.ts'
import type { Cluster } from './cluster.ts'
import { type Reply, type Request, refusal } from './request.ts'
import { serveRequests } from './serve-requests.ts'
import { TRACKER_COMMANDS } from './tracker-commands.ts'
import type { TrackerFaults } from './tracker-faults.ts'

export interface TrackerdOptions extends DaemonOptions {
  readonly cluster: Cluster
  /** FETCH_ALL as it was before 6.16: no ports behind the first. */
  readonly isOldFetchAll: boolean
}

/** A tracker: says which storages may be asked for a file, without knowing any file. */
export class FdfsTrackerd extends Daemon {
  override faults: TrackerFaults = {}
  readonly #options: TrackerdOptions

  constructor(options: TrackerdOptions) {
    super(options)
    this.#options = options
  }

  protected override async serve(connection: Connection): Promise<void> {
    const handle = (request: Request) => this.#handle(request)
    await serveRequests(connection, { isClosingAfterInvalid: false, handle })
  }

  async #handle(request: Request): Promise<Reply | undefined> {
    this.counters.countRequest(request.command)
    if (await misbehave(this.faults, request.connection)) return undefined
    const command = TRACKER_COMMANDS.get(request.command)
    if (command === undefined) return refusal(STATUS.EINVAL)
    const body = await request.body.whole()
    if (this.faults.status !== undefined) return refusal(this.faults.status)
    const { cluster, isOldFetchAll } = this.#options
    return await command({ cluster, faults: this.faults, isOldFetchAll }, body)
  }
}
