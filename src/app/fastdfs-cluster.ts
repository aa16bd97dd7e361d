import type { Observe } from '../client/events.ts'
import { FastdfsExchange } from '../client/fastdfs-exchange.ts'
import { FastdfsStorage } from '../client/fastdfs-storage.ts'
import { FastdfsTracker } from '../client/fastdfs-tracker.ts'
import type { HostHealth } from '../client/host-health.ts'
import type { PoolState } from '../client/pool.ts'
import type { EdgeConf } from '../config/edge-conf.ts'
import { AddressMap } from '../resolver/address-map.ts'
import { FastdfsResolver } from '../resolver/fastdfs-resolver.ts'
import { LocalStorePaths } from '../resolver/local-store-path.ts'
import { StorageIdTable } from '../resolver/storage-ids.ts'
import { parseStorageIds } from '../wire/fastdfs/storage-ids.ts'
import { createHealth, createPools, monotonicMs, staleAfterMs } from './timing.ts'

/** The daemons of one FastDFS cluster, and where its files are. */
export interface FastdfsCluster {
  readonly tracker: FastdfsTracker
  readonly storage: FastdfsStorage
  readonly addressMap: AddressMap
  readonly resolver: FastdfsResolver
  readonly health: HostHealth
  /** Connections to trackers and storages. */
  pools(): readonly PoolState[]
  close(): void
}

/** How often a tracker is asked for storage ids that are not known. */
const STORAGE_IDS_REFRESH_MS = 60_000

/** @param health of all clusters that one edge serves */
export function openFastdfsCluster(
  conf: EdgeConf,
  observe: Observe,
  health: HostHealth = createHealth(),
): FastdfsCluster {
  const { hedgeMs, firstAnswerMs, networkMs } = conf.timeouts
  const pools = createPools(conf)
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
    staleAfterMs: staleAfterMs(trackers.length, conf),
    now: monotonicMs,
    observe,
  })
  return {
    ...{ tracker, storage, addressMap, resolver, health },
    pools: () => pools.states,
    close: () => pools.close(),
  }
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
