import { asEdgeError, EdgeError } from '../errors.ts'
import type { Host } from '../wire/mogilefs/cluster-messages.ts'
import type { Ask } from './ask.ts'
import type { Observe } from './events.ts'
import type { HostHealth } from './host-health.ts'
import type { MogilefsFile, MogilefsKey, MogilefsLookup } from './mogilefs-file.ts'
import { copiesOf } from './mogilefs-places.ts'
import { FILE_STATEMENTS, type FileRows, findDevices, findFile } from './mogilefs-rows.ts'
import {
  type Execute,
  loadTables,
  type MogilefsTables,
  type TableDomain,
} from './mogilefs-tables.ts'
import type { PoolState } from './pool.ts'
import { Refreshed } from './refreshed.ts'
import { SqlCluster, type SqlQuestion } from './sql-cluster.ts'
import type { SqlAddress, SqlCredentials } from './sql-connection.ts'
import { type DatabaseState, surveyDatabases } from './sql-replication.ts'
import type { SqlServer } from './sql-server.ts'

export interface MogilefsDbOptions extends SqlCredentials {
  /** The first one is the primary unless it may only be read, as the others are. */
  readonly servers: readonly SqlAddress[]
  /** To each server. */
  readonly maxConnections: number
  readonly connectTimeoutMs: number
  readonly firstAnswerMs: number
  readonly hedgeMs: number
  /** How often hosts, devices, domains and classes are read again. */
  readonly tablesRefreshMs: number
  /** Copies by the hosts' `altip` where they have one, as GET_PATHS does with `zone=alt`. */
  readonly zone?: 'alt' | undefined
  readonly health: HostHealth
  readonly observe: Observe
  readonly now: () => number
  /** For the order of copies: from 0 to below 1. */
  readonly random?: () => number
}

export interface MogilefsLocated {
  readonly lookup: MogilefsLookup
  /** It is the primary's word: what a replica does not know may be on its way to it. */
  readonly isAuthoritative: boolean
}

/** What is in no table yet may be new: so often they are read before their time. */
const EARLY_REFRESH_MS = 1000
/** Tables this many refreshes old, because nobody asked, are read before they are used. */
const STALE_REFRESHES = 5
/** They take four questions, so a server has four times as long before another one is asked. */
const TABLES_QUESTIONS = 4

/**
 * Old installations wrote UTF-8 over a connection in latin1 into columns in latin1. Sent and read as
 * latin1 the bytes stay what they are, and the column's collation and index still do their work.
 */
const TEXT = {
  utf8mb4: { encode: (text: string) => text, decode: (text: string) => text },
  latin1: {
    encode: (text: string) => Buffer.from(text).toString('latin1'),
    decode: (text: string) => Buffer.from(text, 'latin1').toString(),
  },
} as const

/** Reading the tables is nobody's request. */
const SHARED = new AbortController().signal

/**
 * MogileFS's database, only read: domain and key to fid, length and copies as GET_PATHS and
 * FILE_INFO tell them, in one round trip, but without what a tracker has seen of hosts and devices.
 * Keys match by the column's collation, domains exactly. `altmask` is left out: a tracker holds it
 * against the address that it is asked from.
 */
export class MogilefsDb {
  readonly #options: MogilefsDbOptions
  readonly #cluster: SqlCluster
  readonly #tables: Refreshed<MogilefsTables>

  /** Connects to nobody yet. @throws EdgeError invalid_config without a server */
  constructor(options: MogilefsDbOptions) {
    this.#options = options
    this.#cluster = new SqlCluster({ ...options, answerMs: options.firstAnswerMs })
    this.#tables = new Refreshed({
      load: () => this.#loadTables(),
      refreshMs: options.tablesRefreshMs,
      now: options.now,
    })
  }

  /**
   * Puts every statement to every server.
   * @throws EdgeError invalid_config where one answers that user, password, database or tables are
   * wrong, with all that is; no_tracker where none of them answers
   */
  async check(): Promise<void> {
    const { servers } = this.#cluster
    const faults = await Promise.all(servers.map((server) => this.#faultOf(server)))
    const errors = faults.filter((fault) => fault !== undefined)
    const wrong = errors.filter(({ code }) => code === 'invalid_config')
    const messages = (those: readonly EdgeError[]): string =>
      those.map(({ message }) => message).join('; ')
    if (wrong.length > 0) {
      throw new EdgeError('invalid_config', messages(wrong), { cause: wrong[0] })
    }
    if (errors.length === servers.length) {
      throw new EdgeError('no_tracker', messages(errors), { cause: errors[0] })
    }
  }

  /** Replicas first. @throws EdgeError no_tracker, aborted */
  async locate(key: MogilefsKey, signal: AbortSignal): Promise<MogilefsLocated> {
    const tables = await this.#tablesWith(key.domain)
    const domain = tables.domains.get(key.domain)
    if (domain === undefined) {
      return { lookup: 'no_domain', isAuthoritative: tables.isAuthoritative }
    }
    const { value, isFromPrimary } = await this.#cluster.ask(this.#find(domain, key), signal)
    return { lookup: await this.#lookupOf(value, domain), isAuthoritative: isFromPrimary }
  }

  /**
   * Past all replicas; undefined where no server that is configured is the primary.
   * @throws EdgeError no_tracker where the primary does not answer; aborted
   */
  async locateOnPrimary(
    key: MogilefsKey,
    signal: AbortSignal,
  ): Promise<MogilefsLookup | undefined> {
    const { domains, isAuthoritative } = await this.#tablesWith(key.domain)
    const domain = domains.get(key.domain)
    if (domain === undefined && this.#cluster.hasPrimary !== false) {
      if (isAuthoritative) return 'no_domain'
      throw new EdgeError('no_tracker', 'the primary database does not tell its domains')
    }
    if (domain === undefined) return undefined
    const file = await this.#cluster.askPrimary(this.#find(domain, key), signal)
    return file === undefined ? undefined : this.#lookupOf(file, domain)
  }

  /** Where a fid is, whatever key has it or had it. @throws EdgeError no_tracker, aborted */
  async copiesOf(fid: number, signal: AbortSignal): Promise<MogilefsFile['copies']> {
    const find: SqlQuestion<readonly number[]> = (server, attempt) =>
      findDevices(server, fid, attempt)
    const { value: devids } = await this.#cluster.ask(find, signal)
    return this.#copiesOf(fid, devids)
  }

  /** Names of the domains, as far as they have been read. */
  domains(): readonly string[] {
    return [...(this.#tables.last?.domains.keys() ?? [])]
  }

  /** The same, read now. @throws EdgeError no_tracker */
  async readDomains(): Promise<readonly string[]> {
    await this.#tables.newerThan(EARLY_REFRESH_MS)
    return this.domains()
  }

  /** As far as they have been read. */
  hosts(): readonly Host[] {
    return this.#tables.last?.hosts ?? []
  }

  get pools(): readonly PoolState[] {
    return this.#cluster.servers.map(({ pool }) => pool)
  }

  /** What each server is, whether it answers, and how far it is behind. */
  survey(ask: Ask): Promise<readonly DatabaseState[]> {
    this.#cluster.sweep()
    return surveyDatabases(this.#cluster.servers, ask)
  }

  close(): void {
    this.#cluster.close()
  }

  #find(domain: TableDomain, { key }: MogilefsKey): SqlQuestion<FileRows | null> {
    const text = TEXT[this.#options.charset].encode(key)
    return (server, signal) => findFile(server, domain, text, signal)
  }

  async #lookupOf(file: FileRows | null, domain: TableDomain): Promise<MogilefsLookup> {
    if (file === null) return 'no_key'
    const { fid, length, checksum, devids, classid } = file
    // Class 0 is the default and has no row; another without one may be new and have checksums.
    if (classid !== 0 && !domain.hashtypes.has(classid)) void this.#newerTables()
    const copies = await this.#copiesOf(fid, devids)
    return { fid, length, copies, checksum } satisfies MogilefsFile
  }

  async #copiesOf(fid: number, devids: readonly number[]): Promise<MogilefsFile['copies']> {
    let { places } = this.#tables.last ?? (await this.#tables.read())
    if (!devids.every((devid) => places.has(devid))) ({ places } = await this.#newerTables())
    // One without a row makes the tracker fail, though the other copies are fine.
    const known = devids.flatMap((devid) => places.get(devid) ?? [])
    return copiesOf(fid, known, this.#options.random ?? Math.random)
  }

  async #tablesWith(domain: string): Promise<MogilefsTables> {
    const { tablesRefreshMs } = this.#options
    const isStale = this.#tables.ageMs > tablesRefreshMs * STALE_REFRESHES
    const last = isStale ? undefined : this.#tables.last
    if (last?.domains.has(domain)) return last
    return this.#newerTables()
  }

  /** Tables asked for within the last second; older ones while nobody answers. */
  async #newerTables(): Promise<MogilefsTables> {
    const { last } = this.#tables
    try {
      return await this.#tables.newerThan(EARLY_REFRESH_MS)
    } catch (error) {
      if (last === undefined) throw error
      return last
    }
  }

  async #loadTables(): Promise<MogilefsTables> {
    this.#cluster.sweep()
    // Whoever hangs is known from one short question: nobody waits for it as long as for all of them.
    const askRole: SqlQuestion<void> = (server, signal) => server.askRole(signal)
    await this.#cluster.askPrimaryFirst(askRole, SHARED, this.#options.hedgeMs)
    const read: SqlQuestion<MogilefsTables> = (server, signal) => this.#readTables(server, signal)
    const hedgeMs = this.#options.hedgeMs * TABLES_QUESTIONS
    const { value, isFromPrimary } = await this.#cluster.askPrimaryFirst(read, SHARED, hedgeMs)
    return { ...value, isAuthoritative: isFromPrimary }
  }

  async #readTables(server: SqlServer, signal: AbortSignal): Promise<MogilefsTables> {
    const { zone, charset } = this.#options
    const execute: Execute = (sql) => server.execute(sql, [], signal)
    const tables = await loadTables(execute, { zone, decodeText: TEXT[charset].decode })
    return { ...tables, isAuthoritative: false }
  }

  async #faultOf(server: SqlServer): Promise<EdgeError | undefined> {
    try {
      await this.#readTables(server, SHARED)
      for (const sql of FILE_STATEMENTS) await server.execute(sql, [0, ''], SHARED)
      return undefined
    } catch (error) {
      return asEdgeError(error)
    }
  }
}
