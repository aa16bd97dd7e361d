import { asEdgeError, EdgeError } from '../errors.ts'
import type { ArgumentsToSend } from '../wire/mogilefs/arguments.ts'
import type { CommandName } from '../wire/mogilefs/commands.ts'
import { type Answer, decodeAnswer, encodeRequest } from '../wire/mogilefs/line.ts'
import type { Address } from './address.ts'
import { type Connection, destroyOnAbort } from './connection.ts'
import type { Pool, Pools } from './pool.ts'

export interface MogilefsExchangeOptions {
  /** How long a tracker may take to answer a question. */
  readonly firstAnswerMs: number
  /** How long it may take to change something. */
  readonly networkTimeoutMs: number
}

export interface MogilefsCommand {
  readonly name: CommandName
  readonly args?: ArgumentsToSend
}

/** A thousand keys of 255 characters are less, all of them escaped. */
const LINE_MAX_BYTES = 4 * 1024 * 1024

/**
 * Commands to trackers over pooled connections. Each carries a number as its `callid`; an answer
 * with another one was meant for somebody else and ends the connection.
 */
export class MogilefsExchange {
  readonly #pools: Pools
  readonly #options: MogilefsExchangeOptions
  #calls = 0

  constructor(pools: Pools, options: MogilefsExchangeOptions) {
    this.#pools = pools
    this.#options = options
  }

  /** Commands that change nothing, in one write; their answers in the same order. */
  async ask(
    tracker: Address,
    commands: readonly MogilefsCommand[],
    signal: AbortSignal,
  ): Promise<readonly Answer[]> {
    const pool = this.#pools.of(tracker)
    const timing = { timeoutMs: this.#options.firstAnswerMs, signal }
    const connection = await pool.acquire(signal)
    const { isReused } = connection
    try {
      return await this.#exchange(pool, connection, commands, timing)
    } catch (thrown) {
      const error = asEdgeError(thrown)
      if (isReused && error.code === 'timeout') pool.dropIdle()
      // A tracker that was restarted has closed its idle connections: no failure of the host.
      if (!isReused || error.code !== 'connection_lost') throw error
    }
    return this.#exchange(pool, await pool.acquire(signal, true), commands, timing)
  }

  /**
   * A command that changes something. It is sent once, over a connection that nobody has used before:
   * on one that broke nobody could tell whether it was carried out.
   * @throws EdgeError connect_failed when nothing was sent
   */
  async tell(tracker: Address, command: MogilefsCommand, signal: AbortSignal): Promise<Answer> {
    const pool = this.#pools.of(tracker)
    const connection = await pool.acquire(signal, true).catch(nothingSent)
    const timing = { timeoutMs: this.#options.networkTimeoutMs, signal }
    const [answer] = await this.#exchange(pool, connection, [command], timing)
    if (answer !== undefined) return answer
    throw new EdgeError('protocol_error', `no answer to ${command.name}`, { host: connection.host })
  }

  async #exchange(
    pool: Pool,
    connection: Connection,
    commands: readonly MogilefsCommand[],
    { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
  ): Promise<readonly Answer[]> {
    const abort = destroyOnAbort(connection, signal)
    const calls = commands.map((command) => ({ ...command, callid: `${++this.#calls}` }))
    let isWhole = false
    try {
      await connection.write(Buffer.from(calls.map(encodeCall).join('')))
      const answers: Answer[] = []
      for (const { callid } of calls) answers.push(await readAnswer(connection, callid, timeoutMs))
      isWhole = true
      return answers
    } finally {
      abort.ignore()
      pool.release(connection, isWhole)
    }
  }
}

function encodeCall({ name, args, callid }: MogilefsCommand & { callid: string }): string {
  return encodeRequest(name, { ...args, callid })
}

async function readAnswer(
  connection: Connection,
  callid: string,
  timeoutMs: number,
): Promise<Answer> {
  const { host } = connection
  const line = await connection.readLine(LINE_MAX_BYTES, timeoutMs)
  const answer = decodeAnswer(`${line}`)
  const echo = answer.kind === 'ok' ? answer.args.get('callid') : answer.callid
  // Very old trackers echo none.
  if (echo === undefined || echo === callid) return answer
  const message = `${host} answered call ${echo.slice(0, 40)} where ${callid} was due`
  throw new EdgeError('protocol_error', message, { host })
}

function nothingSent(thrown: unknown): never {
  const cause = asEdgeError(thrown)
  if (cause.code === 'aborted' || cause.code === 'connect_failed') throw cause
  throw new EdgeError('connect_failed', cause.message, { host: cause.host, cause })
}
