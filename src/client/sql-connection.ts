import { connect, type Socket } from 'node:net'
import { createConnection, type RowDataPacket } from 'mysql2'
import { EdgeError } from '../errors.ts'
import { formatAddress } from './address.ts'
import { abortedError } from './connection.ts'
import type { Pooled } from './pool.ts'
import { lostError, type SqlLogin, sqlError } from './sql-error.ts'

/** A server as a dsn names it. `socketPath` goes before host and port. */
export interface SqlAddress {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly socketPath?: string | undefined
}

export interface SqlCredentials {
  readonly user: string
  readonly password: string
  /** What texts are sent and read in. */
  readonly charset: 'utf8mb4' | 'latin1'
}

export interface OpenOptions {
  readonly timeoutMs: number
  readonly signal: AbortSignal
  readonly now: number
}

/** Values in the order of the columns. */
export type SqlRow = readonly unknown[]
export type SqlNamedRow = Readonly<Record<string, unknown>>
export type SqlValue = string | number

/** The name of a server in logs, health and metrics. */
export function formatSqlAddress(address: SqlAddress): string {
  return address.socketPath ?? formatAddress(address)
}

/**
 * One connection to MariaDB or MySQL, for one statement at a time. The first failure ends it and is
 * what every later call throws.
 */
export class SqlConnection implements Pooled {
  readonly openedAt: number
  idleSince = 0
  isReused = false
  readonly #login: SqlLogin
  readonly #socket: Socket
  readonly #mysql: ReturnType<typeof createConnection>
  #failure: EdgeError | undefined
  /** Who waits now. */
  #reject: ((error: EdgeError) => void) | undefined

  private constructor(address: SqlAddress, credentials: SqlCredentials, now: number) {
    this.openedAt = now
    this.#login = {
      host: formatSqlAddress(address),
      user: credentials.user,
      database: address.database,
    }
    // mysql2 only half-closes a socket of its own, and a hung server would keep it for ever.
    this.#socket = openSocket(address)
    this.#mysql = createConnection({
      ...credentials,
      database: address.database,
      stream: () => this.#socket,
      connectTimeout: 0,
      flags: ['-LOCAL_FILES'],
    })
    this.#mysql.on('error', (error) => this.destroy(sqlError(error, this.#login)))
    const lost = (): void => this.destroy(lostError(this.#login))
    this.#socket.on('end', lost).on('close', lost)
  }

  /** A connection that is logged in. @throws EdgeError invalid_config, connect_failed, timeout .. */
  static async open(
    address: SqlAddress,
    credentials: SqlCredentials,
    { timeoutMs, signal, now }: OpenOptions,
  ): Promise<SqlConnection> {
    if (signal.aborted) throw abortedError()
    const connection = new SqlConnection(address, credentials, now)
    const abort = (): void => connection.destroy(abortedError())
    signal.addEventListener('abort', abort)
    try {
      await connection.#within(timeoutMs, (resolve) => {
        connection.#mysql.once('connect', resolve)
      })
      return connection
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }

  get isUsable(): boolean {
    return this.#failure === undefined
  }

  /** Runs a prepared statement, prepared when this connection sees it first. */
  execute(sql: string, values: readonly SqlValue[], timeoutMs: number): Promise<readonly SqlRow[]> {
    return this.#within(timeoutMs, (resolve, reject) => {
      const query = { sql, rowsAsArray: true }
      const receive = this.#receive<SqlRow>(resolve, reject)
      this.#mysql.execute<RowDataPacket[][]>(query, [...values], receive)
    })
  }

  /** Runs a statement whose columns differ from version to version, so that their names matter. */
  query(sql: string, timeoutMs: number): Promise<readonly SqlNamedRow[]> {
    return this.#within(timeoutMs, (resolve, reject) => {
      this.#mysql.query<RowDataPacket[]>(sql, this.#receive<SqlNamedRow>(resolve, reject))
    })
  }

  /** Ends it at once; whoever waits for it gets `error`. An idle one says good-bye to the server. */
  destroy(error: EdgeError = abortedError()): void {
    if (this.#failure !== undefined) return
    this.#failure = error
    if (this.#reject === undefined) {
      this.#mysql.end()
      this.#socket.destroySoon()
      return
    }
    this.#mysql.destroy()
    this.#socket.destroy()
    this.#reject(error)
  }

  #receive<R>(
    resolve: (rows: readonly R[]) => void,
    reject: (error: EdgeError) => void,
  ): (error: Error | null, rows: readonly R[]) => void {
    return (error, rows) => {
      if (error !== null) reject(sqlError(error, this.#login))
      else if (Array.isArray(rows)) resolve(rows)
      else this.destroy(this.#nonsense())
    }
  }

  /** Nothing may wait for a server without end: silence ends the connection. */
  #within<T>(
    timeoutMs: number,
    begin: (resolve: (value: T) => void, reject: (error: EdgeError) => void) => void,
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#failure !== undefined) {
        reject(this.#failure)
        return
      }
      const timer = setTimeout(() => this.destroy(this.#silence(timeoutMs)), timeoutMs)
      this.#reject = (error) => {
        clearTimeout(timer)
        this.#reject = undefined
        reject(error)
      }
      begin((value) => {
        clearTimeout(timer)
        this.#reject = undefined
        resolve(value)
      }, this.#reject)
    })
  }

  /** An answer as to a statement that changes something, or none. */
  #nonsense(): EdgeError {
    const { host } = this.#login
    return new EdgeError('protocol_error', `${host} answered a question without rows`, { host })
  }

  #silence(timeoutMs: number): EdgeError {
    const { host } = this.#login
    return new EdgeError('timeout', `${host} did not answer in ${timeoutMs} ms`, { host })
  }
}

function openSocket({ socketPath, host, port }: SqlAddress): Socket {
  if (socketPath !== undefined) return connect({ path: socketPath })
  return connect({ host, port, noDelay: true, keepAlive: true })
}
