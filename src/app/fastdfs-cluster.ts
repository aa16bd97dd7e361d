import type { Observe } from '../client/events.ts'
import { FastdfsExchange } from '../client/fastdfs-exchange.ts'
import { FastdfsStorage } from '../client/fastdfs-storage.ts'
import { FastdfsTracker } from '../client/fastdfs-tracker.ts'
import { HostHealth } from '../client/host-health.ts'
import { Pools } from '../client/pool.ts'
import type { EdgeConf } from '../config/edge-conf.ts'
import { AddressMap } from '../resolver/address-map.ts'
import { FastdfsResolver } from '../resolver/fastdfs-resolver.ts'
import { LocalStorePaths } from '../resolver/local-store-path.ts'
import type { Resolver } from '../resolver/resolver.ts'
import { StorageIdTable } from '../resolver/storage-ids.ts'
import { parseStorageIds } from '../wire/fastdfs/storage-ids.ts'

/** The daemons of one FastDFS cluster, and where its files are. */
export interface FastdfsCluster {
  readonly tracker: FastdfsTracker
  readonly storage: FastdfsStorage
  readonly addressMap: AddressMap
  readonly resolver: Resolver
  readonly health: HostHealth
  close(): void
}

/** A host that failed is trusted again after this time. */
const RECOVER_MS = 10_000
/** Requests that may wait for a connection to one host, for each connection that there may be. */
const WAITING_PER_CONNECTION = 16
/** How often a tracker is asked for storage ids that are not known. */
const STORAGE_IDS_REFRESH_MS = 60_000
/** What an answer that no tracker gave may cost beside the hedges. */
const STALE_MARGIN_MS = 50

/** Cannot be set back, unlike the time of day. */
const monotonicMs = (): number => performance.now()

export function openFastdfsCluster(conf: EdgeConf, observe: Observe): FastdfsCluster {
  const { hedgeMs, firstAnswerMs, networkMs } = conf.timeouts
  const pools = createPools(conf)
  const health = new HostHealth({ recoverMs: RECOVER_MS, now: monotonicMs })
  const exchange = new FastdfsExchange(pools, { firstAnswerMs, networkTimeoutMs: networkMs })
  const trackers = conf.trackerServers.flat()
  const tracker = new FastdfsTracker({ trackers, exchange, health, hedgeMs, observe })
  const storage = new FastdfsStorage(exchange, { networkTimeoutMs: networkMs })
  const addressMap = new AddressMap(conf.addressMap)
  const resolver = new FastdfsResolver({
    tracker,
    storage,
    addressMap,
    localStorePaths: new LocalStorePaths(conf.localGroups),
    storageIds: createStorageIds(conf, tracker),
    health,
    hedgeMs,
    ...conf.locations,
    staleAfterMs: trackers.length * hedgeMs + STALE_MARGIN_MS,
    now: monotonicMs,
    observe,
  })
  return { tracker, storage, addressMap, resolver, health, close: () => pools.close() }
}

function createPools({ pool, timeouts }: EdgeConf): Pools {
  return new Pools({
    maxConnections: pool.maxConnections,
    maxWaiting: pool.maxConnections * WAITING_PER_CONNECTION,
    connectTimeoutMs: timeouts.connectMs,
    waitTimeoutMs: timeouts.firstAnswerMs,
    idleMs: pool.idleMs,
    lifetimeMs: pool.lifetimeMs,
    now: monotonicMs,
  })
}

function createStorageIds(conf: EdgeConf, tracker: FastdfsTracker): StorageIdTable {
  return new StorageIdTable({
    known: conf.storageIds,
    fetch: async () => {
      if (!conf.loadFdfsParametersFromTracker) return []
      return parseStorageIds(await tracker.fetchStorageIds(new AbortController().signal))
    },
    refreshMs: STORAGE_IDS_REFRESH_MS,
    now: monotonicMs,
  })
}
