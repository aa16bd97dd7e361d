import { asEdgeError, EdgeError } from '../errors.ts'
import { COMMAND, commandName } from '../wire/fastdfs/commands.ts'
import { HEADER, type Header } from '../wire/fastdfs/header.ts'
import { STATUS } from '../wire/fastdfs/status.ts'
import type { Address } from './address.ts'
import { type Connection, destroyOnAbort } from './connection.ts'
import type { Pool, Pools } from './pool.ts'

export interface ExchangeOptions {
  /** Silence after a question that ends the connection. */
  readonly firstAnswerMs: number
  /** Silence in the middle of an answer that ends the connection. */
  readonly networkTimeoutMs: number
}

/** An answer whose body is still to be read from `connection`. */
export interface Answering {
  readonly connection: Connection
  readonly header: Header
  /** For a long body. @throws EdgeError overloaded */
  beginLong(): void
  /** Gives the connection back; `isReusable` only when the body was read to its end. */
  release(isReusable: boolean): void
}

/** The most that an answer other than file content may hold: 64 groups or storages and more. */
const BODY_MAX_BYTES = 1024 * 1024

export interface Question {
  readonly signal: AbortSignal
  /**
   * Sends the content that follows the frame. It cannot be sent twice, so it goes over a connection
   * that nobody has used before.
   */
  send?(connection: Connection): Promise<void>
}

/** Questions to FastDFS daemons over pooled connections: one at a time on each, never pipelined. */
export class FastdfsExchange {
  readonly #pools: Pools
  readonly #options: ExchangeOptions

  constructor(pools: Pools, options: ExchangeOptions) {
    this.#pools = pools
    this.#options = options
  }

  /** A question with a short answer: its status and body. */
  async ask(
    address: Address,
    frame: Buffer,
    question: Question,
  ): Promise<{ readonly status: number; readonly body: Buffer }> {
    const answering = await this.begin(address, frame, question)
    const { header, connection } = answering
    const abort = destroyOnAbort(connection, question.signal)
    try {
      if (header.bodyLength > BODY_MAX_BYTES) throw badFrame(connection.host, header)
      const body = await connection.read(header.bodyLength, this.#options.networkTimeoutMs)
      answering.release(true)
      return { status: header.status, body }
    } catch (error) {
      answering.release(false)
      throw error
    } finally {
      abort.ignore()
    }
  }

  /** A question whose answer has a long body: resolves with its header. */
  async begin(address: Address, frame: Buffer, question: Question): Promise<Answering> {
    const pool = this.#pools.of(address)
    const isFresh = question.send !== undefined
    const connection = await pool.acquire(question.signal, isFresh)
    try {
      return await this.#put(connection, pool, frame, question)
    } catch (thrown) {
      const { isReused } = connection
      pool.release(connection, false)
      const error = asEdgeError(thrown)
      if (isReused && error.code === 'timeout') pool.dropIdle()
      // A daemon may close an idle connection at any time: that is no failure of the host.
      if (!isReused || error.code !== 'connection_lost') throw error
    }
    const fresh = await pool.acquire(question.signal, true)
    try {
      return await this.#put(fresh, pool, frame, question)
    } catch (error) {
      pool.release(fresh, false)
      throw error
    }
  }

  async #put(
    connection: Connection,
    pool: Pool,
    frame: Buffer,
    question: Question,
  ): Promise<Answering> {
    const abort = destroyOnAbort(connection, question.signal)
    try {
      await connection.write(frame)
      await sendUnlessAnswered(connection, question)
      const { firstAnswerMs, networkTimeoutMs } = this.#options
      // A storage answers an upload once the content is on its disk.
      const patienceMs = question.send === undefined ? firstAnswerMs : networkTimeoutMs
      const header = HEADER.decode(await connection.read(HEADER.size, patienceMs))
      requireAnswer(connection.host, header)
      // A storage closes the connection after this status, whatever it looks like at the moment.
      const isKept = header.status !== STATUS.EINVAL
      const release = (isReusable: boolean): void => pool.release(connection, isReusable && isKept)
      return { connection, header, release, beginLong: () => pool.beginLong(connection) }
    } finally {
      abort.ignore()
    }
  }
}

/** A storage that refuses an upload answers and closes before it has all of it. */
async function sendUnlessAnswered(connection: Connection, question: Question): Promise<void> {
  try {
    await question.send?.(connection)
  } catch (error) {
    if (connection.receivedBytes < HEADER.size) throw error
  }
}

function requireAnswer(host: string, header: Header): void {
  const isError = header.status !== STATUS.OK
  const isAnswer = header.command === COMMAND.RESPONSE && header.bodyLength >= 0
  if (!isAnswer || (isError && header.bodyLength > 0)) throw badFrame(host, header)
}

function badFrame(host: string, header: Header): EdgeError {
  const { bodyLength, command, status } = header
  const what = `${commandName(command)}, status ${status}, ${bodyLength} bytes`
  return new EdgeError('protocol_error', `${host} sent no FastDFS answer: ${what}`, { host })
}
