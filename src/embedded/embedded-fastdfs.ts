import { isIP, isIPv4 } from 'node:net'
import { join } from 'node:path'
import { EdgeError } from '../errors.ts'
import { isGroupName } from '../wire/fastdfs/file-id.ts'
import type { AddressWidth, FileName } from '../wire/fastdfs/tracker-messages.ts'
import { Cluster, type Group } from './fastdfs/cluster.ts'
import { FdfsStoraged, type StoragedOptions } from './fastdfs/fdfs-storaged.ts'
import { FdfsTrackerd } from './fastdfs/fdfs-trackerd.ts'
import { StoreDir } from './fastdfs/store-dir.ts'
import type { HostPort, ListenerLimits } from './listener.ts'
import { type StoreOptions, startStore } from './start-store.ts'

export type { FdfsStoraged } from './fastdfs/fdfs-storaged.ts'
export type { FdfsTrackerd } from './fastdfs/fdfs-trackerd.ts'
export type { StorageFaults } from './fastdfs/storage-faults.ts'
export type { TrackerFaults } from './fastdfs/tracker-faults.ts'
export type { HostPort } from './listener.ts'
export type { RequestCounters } from './request-counters.ts'

export interface EmbeddedGroup {
  readonly groupName: string
  /**
   * IP addresses of this host, since they go into file ids and to clients. With port 0 the storages
   * of a group share a free port where they can, as FastDFS's own do.
   */
  readonly storages: readonly HostPort[]
  /** 1 unless said otherwise. */
  readonly storePathCount?: number
}

export interface EmbeddedFastdfsOptions extends StoreOptions {
  /** Files go to `<dataDir>/<groupName>/path0/data/HH/HH/`. One process at a time may use it. */
  readonly dataDir: string
  /** Port 0 is a free port. */
  readonly tracker: HostPort
  readonly groups: readonly EmbeddedGroup[]
  /** `response_ip_addr_size`; 16 unless said otherwise. */
  readonly addressWidth?: AddressWidth
  /** FETCH_ALL as before 6.16. */
  readonly isOldFetchAll?: boolean
  /** File ids hold storage ids, 100001 and on in the order of `groups`, in place of addresses. */
  readonly storageIds?: boolean
  /** So long a stopped or paused storage goes on being listed: 100 seconds unless said otherwise. */
  readonly checkActiveSeconds?: number
}

const LIMITS: ListenerLimits = {
  maxConnections: 1024,
  idleTimeoutMs: 60_000,
  requestTimeoutMs: 30_000,
}

const FIRST_STORAGE_ID = 100_001

/** A FastDFS cluster in this process: one tracker, and storages that share a store per group. */
export interface EmbeddedFastdfs {
  readonly tracker: FdfsTrackerd
  readonly storages: readonly FdfsStoraged[]
  /** Store paths of a group, in the order of M00, M01 .. @throws EdgeError invalid_config */
  storePaths(groupName: string): readonly string[]
  /** Where a file of the store is, or would be. @throws EdgeError invalid_config, invalid_ref */
  pathOf(name: FileName): string
  close(): Promise<void>
}

/**
 * Starts tracker and storages. @throws EdgeError invalid_config, connect_failed when a port is
 * taken; then nothing is left running.
 */
export async function startEmbeddedFastdfs(
  options: EmbeddedFastdfsOptions,
): Promise<EmbeddedFastdfs> {
  checkOptions(options)
  return await startStore(new RunningFastdfs(options))
}

class RunningFastdfs implements EmbeddedFastdfs {
  readonly tracker: FdfsTrackerd
  readonly #groups: readonly Group[]

  constructor(options: EmbeddedFastdfsOptions) {
    const shared = sharedOptions(options)
    this.#groups = createGroups(options, shared)
    const cluster = new Cluster(this.#groups, {
      addressWidth: shared.addressWidth,
      hasStorageIds: options.storageIds ?? false,
      checkActiveSeconds: options.checkActiveSeconds ?? 100,
      nowSeconds: shared.nowSeconds,
    })
    const isOldFetchAll = options.isOldFetchAll ?? false
    this.tracker = new FdfsTrackerd({ ...options.tracker, ...shared, cluster, isOldFetchAll })
  }

  get storages(): readonly FdfsStoraged[] {
    return this.#groups.flatMap((group) => group.storages)
  }

  /** A store is touched only once all ports are ours: another process may be using it. */
  async start(): Promise<void> {
    const daemons = [this.tracker, ...this.storages]
    for (const daemon of daemons) daemon.pause()
    await this.tracker.start()
    for (const { storages } of this.#groups) {
      for (const storage of storages) await storage.start(storages[0]?.address.port)
    }
    for (const { store } of this.#groups) await store.prepare()
    for (const daemon of daemons) daemon.resume()
  }

  storePaths(groupName: string): readonly string[] {
    return this.#store(groupName).storePaths
  }

  pathOf({ groupName, filename }: FileName): string {
    return this.#store(groupName).nameOf(filename).path
  }

  async close(): Promise<void> {
    await Promise.all([this.tracker, ...this.storages].map((daemon) => daemon.stop()))
    for (const { store } of this.#groups) store.close()
  }

  #store(groupName: string): StoreDir {
    const group = this.#groups.find((it) => it.groupName === groupName)
    if (group === undefined) throw invalidConfig(`there is no group "${groupName}"`)
    return group.store
  }
}

type SharedOptions = Pick<
  StoragedOptions,
  'addressWidth' | 'limits' | 'nowSeconds' | 'ipAddrOf' | 'onError'
>

function sharedOptions(options: EmbeddedFastdfsOptions): SharedOptions {
  const now = options.now ?? Date.now
  const hosts = options.groups.flatMap((group) => group.storages).map(({ host }) => host)
  return {
    addressWidth: options.addressWidth ?? 16,
    limits: { ...LIMITS, ...options.limits },
    nowSeconds: () => Math.floor(now() / 1000),
    ipAddrOf: (storageId) => hosts[storageId - FIRST_STORAGE_ID],
    onError: options.onError ?? (() => undefined),
  }
}

function createGroups(options: EmbeddedFastdfsOptions, shared: SharedOptions): Group[] {
  let nextStorageId = FIRST_STORAGE_ID
  return options.groups.map(({ groupName, storages, storePathCount = 1 }) => {
    const store = new StoreDir(join(options.dataDir, groupName), storePathCount)
    const create = (address: HostPort) => {
      const storageId = options.storageIds === true ? nextStorageId++ : undefined
      return new FdfsStoraged({ ...address, ...shared, groupName, storageId, store })
    }
    return { groupName, store, storages: storages.map(create) }
  })
}

const MAX_STORE_PATHS = 256

function checkOptions(options: EmbeddedFastdfsOptions): void {
  const names = options.groups.map(({ groupName }) => groupName)
  if (new Set(names).size < names.length) throw invalidConfig('two groups have the same name')
  for (const { groupName, storages, storePathCount = 1 } of options.groups) {
    if (!isGroupName(groupName)) throw invalidConfig(`"${groupName}" is no name of a group`)
    if (storePathCount < 1 || storePathCount > MAX_STORE_PATHS) {
      throw invalidConfig(`${groupName}: ${storePathCount} store paths, where 1 to 256 may be`)
    }
    for (const { host } of storages) checkHost(host, options.storageIds ?? false)
  }
}

/** A file id has room for an IPv4 address, or for a storage id. */
function checkHost(host: string, hasStorageIds: boolean): void {
  if (isIPv4(host) || (hasStorageIds && isIP(host) !== 0)) return
  throw invalidConfig(`"${host}": a storage listens on an IPv4 address, or has a storage id`)
}

function invalidConfig(message: string): EdgeError {
  return new EdgeError('invalid_config', message)
}
