import { decodeRequest, encodeError, encodeOk, type Request } from '../../wire/mogilefs/line.ts'
import type { Connection } from '../connection.ts'
import { Daemon, type DaemonOptions } from '../daemon.ts'
import { misbehave } from '../daemon-faults.ts'
import { isDiskError } from '../disk-error.ts'
import { adminAnswer } from './admin-answers.ts'
import { isSqlError } from './database.ts'
import { ObservedCluster, type ObservedMogstored } from './observed-cluster.ts'
import { type Reply, refusal } from './reply.ts'
import type { SharedStore } from './tracker-command.ts'
import { TRACKER_COMMANDS } from './tracker-commands.ts'
import type { MogilefsdFaults } from './tracker-faults.ts'

export interface MogilefsdOptions extends DaemonOptions {
  readonly shared: SharedStore
  readonly mogstoreds: readonly ObservedMogstored[]
}

/** Upstream knows no limit; no key and no path needs a longer line. */
const MAX_LINE_BYTES = 1024 * 1024

/** A tracker: one line asks, one line answers, one after the other on each connection. */
export class Mogilefsd extends Daemon {
  override faults: MogilefsdFaults = {}
  /** Its monitor notices at once when a mogstored stops. False: it takes all for running. */
  isObserving = true
  readonly #shared: SharedStore
  readonly #cluster: ObservedCluster
  readonly #startTime: number

  constructor(options: MogilefsdOptions) {
    super(options)
    const { shared, mogstoreds } = options
    this.#shared = shared
    this.#startTime = shared.nowSeconds()
    const tables = shared.store.cluster
    this.#cluster = new ObservedCluster({ tables, mogstoreds, isObserving: () => this.isObserving })
  }

  protected override async serve(connection: Connection): Promise<void> {
    while (connection.isOpen) {
      const line = await connection.readLine(MAX_LINE_BYTES)
      if (line === undefined) return
      connection.clearDeadline()
      const request = decodeRequest(line.toString())
      if (request !== null) await this.#serveRequest(connection, request)
    }
  }

  async #serveRequest(connection: Connection, request: Request): Promise<void> {
    this.counters.countRequest(request.command)
    if (await misbehave(this.faults, connection)) return
    const answer = Buffer.from(await this.#answer(connection, request))
    const { cutAfterBytes } = this.faults
    await connection.write(answer.subarray(0, cutAfterBytes))
    if (cutAfterBytes !== undefined && cutAfterBytes < answer.length) connection.finish()
  }

  async #answer(connection: Connection, request: Request): Promise<string> {
    const { command, args } = request
    if (command.startsWith('!')) return this.#adminAnswer(command)
    const reply = await this.#reply(connection, request)
    const callid = args.get('callid')
    if (reply.kind === 'ok') return encodeOk({ ...reply.args, callid })
    return encodeError(reply.code, reply.text, callid)
  }

  async #reply(connection: Connection, { command, args }: Request): Promise<Reply> {
    const { faults } = this
    const act = TRACKER_COMMANDS.get(command)
    if (act === undefined) return refusal('unknown_command')
    if (faults.error !== undefined && command !== 'noop') return errorReply(faults.error)
    try {
      return await act({ ...this.#shared, cluster: this.#cluster, faults, connection }, args)
    } catch (error) {
      if (isSqlError(error) || isDiskError(error)) return refusal('failure')
      throw error
    }
  }

  #adminAnswer(command: string): string {
    const uptimeSeconds = this.#shared.nowSeconds() - this.#startTime
    return adminAnswer(command, { counters: this.counters, uptimeSeconds })
  }
}

function errorReply(code: string): Reply {
  return code === 'failure' ? refusal('failure') : { kind: 'error', code, text: code }
}
