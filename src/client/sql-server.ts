import { asEdgeError } from '../errors.ts'
import { Pool, type PoolState } from './pool.ts'
import {
  formatSqlAddress,
  type SqlAddress,
  SqlConnection,
  type SqlCredentials,
  type SqlNamedRow,
  type SqlRow,
  type SqlValue,
} from './sql-connection.ts'

export interface SqlServerOptions extends SqlCredentials {
  readonly maxConnections: number
  readonly connectTimeoutMs: number
  /** Silence after a statement that ends its connection. */
  readonly answerMs: number
  readonly now: () => number
}

/** Statements that may wait for a connection, for each connection that there may be. */
const WAITING_PER_CONNECTION = 16
const IDLE_MS = 60_000
/** A name may lead to another server by then. */
const LIFETIME_MS = 600_000

const ASK_ROLE = 'SELECT @@global.read_only'

/** One database server: a bounded pool of connections, and whether it may be written to. */
export class SqlServer {
  readonly host: string
  readonly #options: SqlServerOptions
  readonly #pool: Pool<SqlConnection>
  #isWritable: boolean | undefined

  constructor(address: SqlAddress, options: SqlServerOptions) {
    const { maxConnections, answerMs, now } = options
    this.host = formatSqlAddress(address)
    this.#options = options
    const limits = {
      maxConnections,
      maxWaiting: maxConnections * WAITING_PER_CONNECTION,
      waitTimeoutMs: answerMs,
      idleMs: IDLE_MS,
      lifetimeMs: LIFETIME_MS,
      now,
    }
    this.#pool = new Pool(this.host, limits, (signal) => this.#open(address, signal))
  }

  get pool(): PoolState {
    return this.#pool.state
  }

  /** As it said last, at a new connection or to `askRole`; undefined while it never has. */
  get isWritable(): boolean | undefined {
    return this.#isWritable
  }

  /**
   * Runs a prepared statement. One that nobody waits for any longer still has its time: ending its
   * connection would cost a server that is merely slow more than the answer does.
   * @throws EdgeError invalid_config, connect_failed, timeout, connection_lost, refused_by_server,
   * protocol_error, pool_exhausted, aborted
   */
  execute(
    sql: string,
    values: readonly SqlValue[],
    signal: AbortSignal,
  ): Promise<readonly SqlRow[]> {
    const { answerMs } = this.#options
    return this.#run((connection) => connection.execute(sql, values, answerMs), signal)
  }

  /** The same of a statement that is not prepared, with the names of its columns. */
  query(sql: string, signal: AbortSignal): Promise<readonly SqlNamedRow[]> {
    return this.#run((connection) => connection.query(sql, this.#options.answerMs), signal)
  }

  async askRole(signal: AbortSignal): Promise<void> {
    const [row] = await this.execute(ASK_ROLE, [], signal)
    this.#learnRole(row)
  }

  sweep(): void {
    this.#pool.sweep()
  }

  close(): void {
    this.#pool.close()
  }

  async #run<T>(use: (connection: SqlConnection) => Promise<T>, signal: AbortSignal): Promise<T> {
    const connection = await this.#pool.acquire(signal)
    const { isReused } = connection
    try {
      return await this.#runOn(connection, use)
    } catch (error) {
      const { code } = asEdgeError(error)
      if (isReused && code === 'timeout') this.#pool.dropIdle()
      // A server may close an idle connection at any time: that is no failure of the host.
      if (!isReused || code !== 'connection_lost') throw error
    }
    return this.#runOn(await this.#pool.acquire(signal, true), use)
  }

  async #runOn<T>(
    connection: SqlConnection,
    use: (connection: SqlConnection) => Promise<T>,
  ): Promise<T> {
    try {
      return await use(connection)
    } finally {
      this.#pool.release(connection, true)
    }
  }

  async #open(address: SqlAddress, signal: AbortSignal): Promise<SqlConnection> {
    const { connectTimeoutMs: timeoutMs, answerMs, now } = this.#options
    const { user, password, charset } = this.#options
    const credentials = { user, password, charset }
    const open = { timeoutMs, signal, now: now() }
    const connection = await SqlConnection.open(address, credentials, open)
    try {
      const [row] = await connection.execute(ASK_ROLE, [], answerMs)
      this.#learnRole(row)
      return connection
    } catch (error) {
      connection.destroy()
      throw error
    }
  }

  /** 0, or the name of that in servers that have more than two answers. */
  #learnRole([readOnly]: SqlRow = []): void {
    this.#isWritable = Number(readOnly) === 0 || readOnly === 'OFF'
  }
}
