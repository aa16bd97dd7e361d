import { EdgeError } from '../errors.ts'
import { type Address, formatAddress } from './address.ts'
import { abortedError, Connection } from './connection.ts'

export interface PoolOptions {
  /** Connections to one host, in use and idle together. */
  readonly maxConnections: number
  /** Requests that may wait for one of them. */
  readonly maxWaiting: number
  readonly connectTimeoutMs: number
  /** How long a request may wait for a connection that others use. */
  readonly waitTimeoutMs: number
  readonly idleMs: number
  readonly lifetimeMs: number
  readonly now: () => number
}

interface Waiting {
  give(connection: Connection): void
  /** A place became free: open a connection of your own. */
  open(): void
}

/** The keep-alive connections to one host, most recently used first. */
export class Pool {
  readonly #address: Address
  readonly #options: PoolOptions
  readonly #idle: Connection[] = []
  readonly #waiting = new Set<Waiting>()
  #openCount = 0
  #isClosed = false

  constructor(address: Address, options: PoolOptions) {
    this.#address = address
    this.#options = options
  }

  /** Connections in use, idle and being opened. */
  get size(): number {
    return this.#openCount
  }

  get idleCount(): number {
    return this.#idle.length
  }

  /**
   * A connection to put one question on, to be given back by `release`.
   * `isFresh` asks for one that has served nobody before.
   * @throws EdgeError connect_failed, timeout, pool_exhausted, aborted
   */
  async acquire(signal: AbortSignal, isFresh = false): Promise<Connection> {
    if (signal.aborted) throw abortedError()
    if (this.#isClosed) throw new EdgeError('aborted', 'the pool is closed')
    const idle = isFresh ? undefined : this.#takeIdle()
    if (idle !== undefined) return idle
    if (this.#openCount < this.#options.maxConnections) return this.#open(signal)
    if (isFresh && this.#idle.length > 0) {
      this.#drop(this.#idle.shift())
      return this.#open(signal)
    }
    return this.#wait(signal)
  }

  /** Gives a connection back. One that is not `isReusable` is closed. */
  release(connection: Connection, isReusable: boolean): void {
    const now = this.#options.now()
    const isOld = now - connection.openedAt > this.#options.lifetimeMs
    if (!isReusable || isOld || this.#isClosed || !connection.isUsable) {
      this.#drop(connection)
      return
    }
    connection.isReused = true
    connection.idleSince = now
    const next = this.#nextWaiting()
    if (next !== undefined) next.give(connection)
    else this.#idle.push(connection)
  }

  /** Closes what has been idle or open for too long. */
  sweep(): void {
    const { now, idleMs, lifetimeMs } = this.#options
    const isStale = (connection: Connection): boolean =>
      now() - connection.idleSince > idleMs || now() - connection.openedAt > lifetimeMs
    for (const connection of this.#idle.filter((one) => isStale(one) || !one.isUsable)) {
      this.#idle.splice(this.#idle.indexOf(connection), 1)
      this.#drop(connection)
    }
  }

  /** Closes idle connections now and those in use when they are released. */
  close(): void {
    this.#isClosed = true
    for (const connection of this.#idle.splice(0)) this.#drop(connection)
  }

  #takeIdle(): Connection | undefined {
    const { now, idleMs } = this.#options
    for (;;) {
      const connection = this.#idle.pop()
      if (connection === undefined) return undefined
      if (connection.isUsable && now() - connection.idleSince <= idleMs) return connection
      this.#drop(connection)
    }
  }

  async #open(signal: AbortSignal): Promise<Connection> {
    this.#openCount += 1
    const { connectTimeoutMs, now } = this.#options
    try {
      return await Connection.open(this.#address, {
        timeoutMs: connectTimeoutMs,
        signal,
        now: now(),
      })
    } catch (error) {
      this.#free()
      throw error
    }
  }

  #drop(connection: Connection | undefined): void {
    connection?.destroy()
    this.#free()
  }

  #free(): void {
    this.#openCount -= 1
    this.#nextWaiting()?.open()
  }

  #nextWaiting(): Waiting | undefined {
    const [next] = this.#waiting
    if (next !== undefined) this.#waiting.delete(next)
    return next
  }

  #wait(signal: AbortSignal): Promise<Connection> {
    const host = formatAddress(this.#address)
    if (this.#waiting.size >= this.#options.maxWaiting) {
      throw new EdgeError('pool_exhausted', `too many requests wait for ${host}`, { host })
    }
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', abort)
        this.#waiting.delete(waiting)
      }
      const waiting: Waiting = {
        give: (connection) => {
          leave()
          resolve(connection)
        },
        open: () => {
          leave()
          resolve(this.#open(signal))
        },
      }
      const abort = (): void => {
        leave()
        reject(abortedError())
      }
      const timer = setTimeout(() => {
        leave()
        const message = `no connection to ${host} became free`
        reject(new EdgeError('pool_exhausted', message, { host }))
      }, this.#options.waitTimeoutMs)
      signal.addEventListener('abort', abort)
      this.#waiting.add(waiting)
    })
  }
}

/** One pool per host, made when first needed. Only hosts that a tracker listed come here. */
export class Pools {
  readonly #pools = new Map<string, Pool>()
  readonly #options: PoolOptions
  readonly #sweeper: NodeJS.Timeout

  constructor(options: PoolOptions) {
    this.#options = options
    this.#sweeper = setInterval(() => this.#sweep(), Math.max(1000, options.idleMs / 2))
    this.#sweeper.unref()
  }

  of(address: Address): Pool {
    const host = formatAddress(address)
    const known = this.#pools.get(host)
    if (known !== undefined) return known
    const pool = new Pool(address, this.#options)
    this.#pools.set(host, pool)
    return pool
  }

  close(): void {
    clearInterval(this.#sweeper)
    for (const pool of this.#pools.values()) pool.close()
  }

  #sweep(): void {
    for (const [host, pool] of this.#pools) {
      pool.sweep()
      if (pool.size === 0) this.#pools.delete(host)
    }
  }
}
