import type { Connection } from '../connection.ts'
import { Daemon, type DaemonOptions } from '../daemon.ts'
import { misbehave } from '../daemon-faults.ts'
import { isDiskError } from '../disk-error.ts'
import { getFile } from './get-file.ts'
import { bodyOf, type HttpBody, skipBody } from './http-body.ts'
import { type HttpHead, readHead } from './http-head.ts'
import { type Exchange, type MogstoredContext, sendShort } from './mogstored-exchange.ts'
import type { MogstoredFaults } from './mogstored-faults.ts'
import { putFile } from './put-file.ts'

export interface MogstoredOptions extends DaemonOptions {
  readonly context: MogstoredContext
  readonly devids: readonly number[]
  /** It runs again: what could not be done may be possible now. */
  readonly onRunning: () => void
}

type Method = (exchange: Exchange) => Promise<void>

/** Files are deleted by the trackers, in this process. */
const refuse: Method = (exchange) =>
  sendShort(exchange, { status: 403, text: 'Only a tracker deletes' })

const METHODS = new Map<string, Method>([
  ['GET', getFile],
  ['HEAD', getFile],
  ['PUT', putFile],
  ['DELETE', refuse],
])

/** A storage server: the files of its devices over HTTP, as Perlbal has it. */
export class Mogstored extends Daemon {
  override faults: MogstoredFaults = {}
  readonly #devids: Set<number>
  readonly #options: MogstoredOptions

  constructor(options: MogstoredOptions) {
    super(options)
    this.#options = options
    this.#devids = new Set(options.devids)
  }

  get devids(): ReadonlySet<number> {
    return this.#devids
  }

  addDevice(devid: number): void {
    this.#devids.add(devid)
  }

  override async start(preferredPort = 0): Promise<void> {
    await super.start(preferredPort)
    this.#options.onRunning()
  }

  override resume(): void {
    super.resume()
    this.#options.onRunning()
  }

  protected override async serve(connection: Connection): Promise<void> {
    let isGoingOn = true
    while (isGoingOn && connection.isOpen) {
      const head = await readHead(connection)
      isGoingOn = head !== undefined && (await this.#serveRequest(connection, head))
    }
  }

  /** False when the connection is to be ended. */
  async #serveRequest(connection: Connection, head: HttpHead): Promise<boolean> {
    this.counters.countRequest(head.method)
    if (await misbehave(this.faults, connection)) return false
    const body = bodyOf(connection, head)
    const exchange = this.#exchange(connection, head, body)
    if (body === undefined) {
      await sendShort({ ...exchange, head: { ...head, isKeepAlive: false } }, { status: 400 })
      return false
    }
    const isWell = await this.#act(exchange)
    return isWell && head.isKeepAlive && (await skipBody(connection, body))
  }

  /** False when the disk failed: how much of the body was read is not known then. */
  async #act(exchange: Exchange): Promise<boolean> {
    const { status } = this.faults
    const act = METHODS.get(exchange.head.method)
    try {
      if (status !== undefined) await sendShort(exchange, { status })
      else if (act === undefined) await sendShort(exchange, { status: 400 })
      else await act(exchange)
      return true
    } catch (error) {
      if (!isDiskError(error)) throw error
      await sendShort(exchange, { status: 500 })
      return false
    }
  }

  #exchange(connection: Connection, head: HttpHead, body: HttpBody = EMPTY): Exchange {
    const { context } = this.#options
    return { ...context, connection, head, body, devids: this.#devids, faults: this.faults }
  }
}

const EMPTY: HttpBody = {
  async *content() {},
}
