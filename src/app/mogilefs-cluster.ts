import type { Observe } from '../client/events.ts'
import type { HostHealth } from '../client/host-health.ts'
import { HttpStorage } from '../client/http-storage.ts'
import { MogilefsDb } from '../client/mogilefs-db.ts'
import { MogilefsTracker } from '../client/mogilefs-tracker.ts'
import type { PoolState, Pools } from '../client/pool.ts'
import type { EdgeConf, MogilefsConf } from '../config/index.ts'
import { asEdgeError } from '../errors.ts'
import { AddressMap } from '../resolver/address-map.ts'
import { ListedHosts } from '../resolver/listed-hosts.ts'
import { MogilefsResolver } from '../resolver/mogilefs-resolver.ts'
import type { MogilefsSource } from '../resolver/mogilefs-source.ts'
import { MogilefsTrackerSource } from '../resolver/mogilefs-tracker-source.ts'
import { createHealth, createPools, monotonicMs, staleAfterMs } from './timing.ts'
import { watchMembers } from './watch-members.ts'

/** The daemons of one MogileFS cluster, and where its files are. */
export interface MogilefsCluster {
  readonly tracker: MogilefsTracker
  /** Null where none is configured. */
  readonly db: MogilefsDb | null
  readonly http: HttpStorage
  readonly addressMap: AddressMap
  readonly resolver: MogilefsResolver
  readonly health: HostHealth
  /** A domain as of a few seconds ago. */
  isDomain(name: string): boolean
  /** Looks at the database, where one is configured. @throws EdgeError invalid_config */
  check(): Promise<void>
  /** Connections to trackers, storages and databases. */
  pools(): readonly PoolState[]
  close(): void
}

/** How often what changes with an operator's hand is read again: hosts, devices, domains. */
const REFRESH_MS = 3000
const UNLISTED_RETRY_MS = 1000
/** Shorter than Perlbal's 30 s, after which it closes a connection under a request. */
const HTTP_IDLE_MAX_MS = 20_000
/** For questions that nobody in particular asks. */
const { signal: SHARED } = new AbortController()

/** @param health of all clusters that one edge serves */
export function openMogilefsCluster(
  conf: EdgeConf,
  mogilefs: MogilefsConf,
  { observe, health = createHealth() }: { observe: Observe; health?: HostHealth },
): MogilefsCluster {
  const pools = createPools(conf)
  const tracker = createTracker(conf, mogilefs, { pools, health, observe })
  const db = createDb(conf, mogilefs, { health, observe })
  const http = createHttp(conf)
  const addressMap = new AddressMap(conf.addressMap)
  const resolver = new MogilefsResolver({
    sources: createSources(mogilefs, tracker, db),
    http,
    addressMap,
    isUnreachable: watchDevices(mogilefs, tracker),
    health,
    hedgeMs: conf.timeouts.hedgeMs,
    locationMs: mogilefs.locationMs,
    notFoundMs: conf.locations.notFoundMs,
    contentMs: conf.locations.foundMs,
    maxEntries: conf.locations.maxEntries,
    staleAfterMs: staleAfterMs(hostCount(mogilefs), conf),
    now: monotonicMs,
    observe,
  })
  return {
    tracker,
    db: db ?? null,
    http,
    addressMap,
    resolver,
    health,
    isDomain: watchDomains(tracker, db),
    check: () => checkDatabase(db),
    pools: () => [...pools.states, ...http.pools, ...(db?.pools ?? [])],
    close: () => {
      http.close()
      db?.close()
      pools.close()
    },
  }
}

interface Shared {
  readonly health: HostHealth
  readonly observe: Observe
}

function createTracker(
  { timeouts }: EdgeConf,
  { trackers, zone }: MogilefsConf,
  shared: Shared & { readonly pools: Pools },
): MogilefsTracker {
  return new MogilefsTracker({
    ...shared,
    trackers,
    hedgeMs: timeouts.hedgeMs,
    firstAnswerMs: timeouts.firstAnswerMs,
    networkTimeoutMs: timeouts.networkMs,
    ...(zone && { zone }),
  })
}

/** Undefined where no database is configured. */
export function createDb(
  { timeouts }: EdgeConf,
  { database, zone }: MogilefsConf,
  shared: Shared,
): MogilefsDb | undefined {
  if (database === null) return undefined
  const { servers, user, password, charset, connectionsMax } = database
  return new MogilefsDb({
    ...shared,
    servers,
    user,
    password,
    charset,
    maxConnections: connectionsMax,
    connectTimeoutMs: timeouts.connectMs,
    firstAnswerMs: timeouts.firstAnswerMs,
    hedgeMs: timeouts.hedgeMs,
    tablesRefreshMs: REFRESH_MS,
    now: monotonicMs,
    ...(zone && { zone }),
  })
}

function createHttp({ pool, timeouts }: EdgeConf): HttpStorage {
  return new HttpStorage({
    maxConnections: pool.maxConnections,
    connectTimeoutMs: timeouts.connectMs,
    firstAnswerMs: timeouts.firstAnswerMs,
    networkTimeoutMs: timeouts.networkMs,
    idleMs: Math.min(pool.idleMs, HTTP_IDLE_MAX_MS),
  })
}

function createSources(
  { resolve }: MogilefsConf,
  tracker: MogilefsTracker,
  db: MogilefsDb | undefined,
): readonly MogilefsSource[] {
  const hosts = new ListedHosts({
    fetch: () => tracker.getHosts(SHARED),
    refreshMs: REFRESH_MS,
    retryMs: UNLISTED_RETRY_MS,
    now: monotonicMs,
  })
  const byTracker = new MogilefsTrackerSource(tracker, hosts)
  return resolve.flatMap((way) => (way === 'tracker' ? byTracker : (db ?? [])))
}

/** The names of the domains, out of the database's tables where there is one. */
function watchDomains(
  tracker: MogilefsTracker,
  db: MogilefsDb | undefined,
): (name: string) => boolean {
  if (db !== undefined) return (name) => db.domains().includes(name)
  return watchMembers(REFRESH_MS, async () => {
    const domains = await tracker.getDomains(SHARED)
    return domains.map(({ name }) => name)
  })
}

/** A database that is down may come back; one that refuses its user never will. */
async function checkDatabase(db: MogilefsDb | undefined): Promise<void> {
  try {
    await db?.check()
  } catch (error) {
    if (asEdgeError(error).code === 'invalid_config') throw error
  }
}

/** What is wrong with a device stands in no table: only trackers watch them. */
function watchDevices(
  { trackers }: MogilefsConf,
  tracker: MogilefsTracker,
): (devid: number) => boolean {
  if (trackers.length === 0) return () => false
  return watchMembers(REFRESH_MS, async () => {
    const devices = await tracker.getDevices(SHARED)
    const unreachable = devices.filter(({ observedState }) => observedState === 'unreachable')
    return unreachable.map(({ devid }) => devid)
  })
}

function hostCount({ trackers, database }: MogilefsConf): number {
  return trackers.length + (database?.servers.length ?? 0)
}
