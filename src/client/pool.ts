import { EdgeError } from '../errors.ts'
import { type Address, formatAddress } from './address.ts'
import { abortedError, Connection } from './connection.ts'
import { noWaits, type WaitCounts, WaitingLine, type WaitingLineOptions } from './waiting-line.ts'

export interface PoolOptions extends WaitingLineOptions {
  /** Connections to one host, in use and idle together. */
  readonly maxConnections: number
  readonly idleMs: number
  readonly lifetimeMs: number
  readonly now: () => number
}

/** What long bodies cannot take of a host's connections. */
const SHORT_SHARE = 0.25
/** So many bytes a client takes at once, or the buffers on the way to it. */
export const LONG_BYTES = 1024 * 1024

/** A pool at the moment, and its waits since the start. */
export interface PoolState extends Readonly<WaitCounts> {
  /** `host:port` */
  readonly host: string
  /** In use, idle and being opened. */
  readonly open: number
  readonly idle: number
  readonly waiting: number
  readonly max: number
}

/** What a pool has to know of its connections. */
export interface Pooled {
  readonly openedAt: number
  readonly isUsable: boolean
  idleSince: number
  isReused: boolean
  destroy(): void
}

/** The keep-alive connections to one host, most recently used first. */
export class Pool<C extends Pooled = Connection> {
  readonly #host: string
  readonly #counts: WaitCounts
  readonly #options: PoolOptions
  readonly #openConnection: (signal: AbortSignal) => Promise<C>
  readonly #idle: C[] = []
  /** With a long body on its way. */
  readonly #long = new Set<C>()
  /** They get a connection, or undefined: a place became free to open one of their own. */
  readonly #waiting: WaitingLine<C | undefined>
  #openCount = 0
  #isClosed = false

  /** @param options with `counts` of the host's waits, where they go on from an earlier pool */
  constructor(
    host: string,
    { counts = noWaits(), ...options }: PoolOptions & { readonly counts?: WaitCounts },
    openConnection: (signal: AbortSignal) => Promise<C>,
  ) {
    this.#host = host
    this.#counts = counts
    this.#options = options
    this.#openConnection = openConnection
    this.#waiting = new WaitingLine(host, options, counts)
  }

  get state(): PoolState {
    return {
      host: this.#host,
      open: this.#openCount,
      idle: this.#idle.length,
      waiting: this.#waiting.length,
      max: this.#options.maxConnections,
      ...this.#counts,
    }
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
  async acquire(signal: AbortSignal, isFresh = false): Promise<C> {
    if (signal.aborted) throw abortedError()
    if (this.#isClosed) throw new EdgeError('aborted', 'the pool is closed')
    const idle = isFresh ? undefined : this.#takeIdle()
    if (idle !== undefined) return idle
    if (this.#openCount < this.#options.maxConnections) return this.#open(signal)
    if (isFresh && this.#idle.length > 0) {
      this.#drop(this.#idle.shift())
      return this.#open(signal)
    }
    return this.#waiting.wait(signal, (connection) => connection ?? this.#open(signal))
  }

  /**
   * A long body comes over it, which a slow client may make last for minutes: a part of the connections is
   * left to short answers. @throws EdgeError overloaded: it is one too many, and to be given up
   */
  beginLong(connection: C): void {
    const { maxConnections } = this.#options
    if (this.#long.size >= maxConnections - Math.floor(maxConnections * SHORT_SHARE)) {
      const host = this.#host
      throw new EdgeError('overloaded', `too many long answers come from ${host}`, { host })
    }
    this.#long.add(connection)
  }

  /** Gives a connection back. One that is not `isReusable` is closed. */
  release(connection: C, isReusable: boolean): void {
    this.#long.delete(connection)
    const now = this.#options.now()
    const isOld = now - connection.openedAt > this.#options.lifetimeMs
    if (!isReusable || isOld || this.#isClosed || !connection.isUsable) {
      this.#drop(connection)
      return
    }
    connection.isReused = true
    connection.idleSince = now
    const give = this.#waiting.next()
    if (give !== undefined) give(connection)
    else this.#idle.push(connection)
  }

  /** Closes what has been idle or open for too long. */
  sweep(): void {
    const { now, idleMs, lifetimeMs } = this.#options
    const isStale = (connection: C): boolean =>
      now() - connection.idleSince > idleMs || now() - connection.openedAt > lifetimeMs
    for (const connection of this.#idle.filter((one) => isStale(one) || !one.isUsable)) {
      this.#idle.splice(this.#idle.indexOf(connection), 1)
      this.#drop(connection)
    }
  }

  /**
   * For when one connection went silent: a name may lead elsewhere by now, and those that were opened
   * to the old address would go silent one after the other.
   */
  dropIdle(): void {
    for (const connection of this.#idle.splice(0)) this.#drop(connection)
  }

  /** Closes idle connections now and those in use when they are released. */
  close(): void {
    this.#isClosed = true
    this.dropIdle()
  }

  #takeIdle(): C | undefined {
    const { now, idleMs } = this.#options
    for (;;) {
      const connection = this.#idle.pop()
      if (connection === undefined) return undefined
      if (connection.isUsable && now() - connection.idleSince <= idleMs) return connection
      this.#drop(connection)
    }
  }

  async #open(signal: AbortSignal): Promise<C> {
    this.#openCount += 1
    try {
      return await this.#openConnection(signal)
    } catch (error) {
      this.#free()
      throw error
    }
  }

  #drop(connection: C | undefined): void {
    if (connection !== undefined) this.#long.delete(connection)
    connection?.destroy()
    this.#free()
  }

  #free(): void {
    this.#openCount -= 1
    this.#waiting.next()?.(undefined)
  }
}

/** One pool per host, made when first needed. Only hosts that a tracker listed come here. */
export class HostPools<C extends Pooled> {
  readonly #pools = new Map<string, Pool<C>>()
  /** They outlive the pools, which go when they are empty. */
  readonly #counts = new Map<string, WaitCounts>()
  readonly #options: PoolOptions
  readonly #open: (address: Address, signal: AbortSignal) => Promise<C>
  readonly #sweeper: NodeJS.Timeout

  constructor(options: PoolOptions, open: (address: Address, signal: AbortSignal) => Promise<C>) {
    this.#options = options
    this.#open = open
    this.#sweeper = setInterval(() => this.#sweep(), Math.max(1000, options.idleMs / 2))
    this.#sweeper.unref()
  }

  of(address: Address): Pool<C> {
    const host = formatAddress(address)
    const known = this.#pools.get(host)
    if (known !== undefined) return known
    const counts = this.#counts.get(host) ?? noWaits()
    this.#counts.set(host, counts)
    const pool = new Pool(host, { ...this.#options, counts }, (signal) =>
      this.#open(address, signal),
    )
    this.#pools.set(host, pool)
    return pool
  }

  /** Of every host that was ever needed. */
  get states(): readonly PoolState[] {
    const { maxConnections: max } = this.#options
    const none = { open: 0, idle: 0, waiting: 0, max }
    return Array.from(
      this.#counts,
      ([host, counts]) => this.#pools.get(host)?.state ?? { host, ...none, ...counts },
    )
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

export interface PoolsOptions extends PoolOptions {
  readonly connectTimeoutMs: number
}

/** The connections to daemons that are asked one thing at a time. */
export class Pools extends HostPools<Connection> {
  constructor({ connectTimeoutMs: timeoutMs, ...options }: PoolsOptions) {
    super(options, (address, signal) =>
      Connection.open(address, { timeoutMs, signal, now: options.now() }),
    )
  }
}
