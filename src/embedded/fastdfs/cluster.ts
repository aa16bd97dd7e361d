import { parseFileId } from '../../wire/fastdfs/file-id.ts'
import type { AddressWidth, FileName, ServerAddress } from '../../wire/fastdfs/tracker-messages.ts'
import { formatAddress } from '../listener.ts'
import type { FdfsStoraged } from './fdfs-storaged.ts'
import type { StoreDir } from './store-dir.ts'

export interface Group {
  readonly groupName: string
  readonly store: StoreDir
  readonly storages: readonly FdfsStoraged[]
}

export interface ClusterOptions {
  readonly addressWidth: AddressWidth
  /** Names hold storage ids in place of addresses. */
  readonly hasStorageIds: boolean
  /** A storage that has been silent for longer is listed as OFFLINE and asked no more. */
  readonly checkActiveSeconds: number
  readonly nowSeconds: () => number
}

/** What a tracker knows: groups and their storages. It does not know files. */
export class Cluster {
  readonly options: ClusterOptions
  readonly groups: readonly Group[]
  readonly #turns = new Map<string, number>()

  constructor(groups: readonly Group[], options: ClusterOptions) {
    this.groups = groups
    this.options = options
  }

  group(groupName: string): Group | undefined {
    return this.groups.find((group) => group.groupName === groupName)
  }

  /** A kill goes unnoticed for a while, as with a real tracker. */
  isActive(storage: FdfsStoraged): boolean {
    const silentSeconds = this.options.nowSeconds() - storage.lastHeartBeat
    return silentSeconds <= this.options.checkActiveSeconds
  }

  activeStorages(group: Group): readonly FdfsStoraged[] {
    return group.storages.filter((storage) => this.isActive(storage))
  }

  /** One group after the other, as far as it has a storage that is active. */
  nextGroup(): Group | undefined {
    const candidates = this.groups.filter((group) => this.activeStorages(group).length > 0)
    return this.#takeTurn('', candidates)
  }

  /** One active storage after the other. */
  nextStorage(group: Group): FdfsStoraged | undefined {
    return this.#takeTurn(group.groupName, this.activeStorages(group))
  }

  /** The active storage that made the file, else any: a forged name has no source. */
  sourceOf(group: Group, name: FileName): FdfsStoraged | undefined {
    const active = this.activeStorages(group)
    const id = parseFileId(name)
    const isSource = (storage: FdfsStoraged) =>
      storage.storageId === undefined
        ? storage.address.host === id?.sourceIp
        : storage.storageId === id?.sourceId
    return active.find(isSource) ?? active[0]
  }

  #takeTurn<T>(key: string, candidates: readonly T[]): T | undefined {
    const turn = this.#turns.get(key) ?? 0
    this.#turns.set(key, turn + 1)
    return candidates[turn % candidates.length]
  }
}

export function serverAddress(storage: FdfsStoraged): ServerAddress {
  const { host, port } = storage.address
  return { ipAddr: host, port }
}

/** How trackers and their clients name a storage: its id, or where there are none its address. */
export function storageName({ storageId, address }: FdfsStoraged): string {
  return storageId === undefined ? address.host : `${storageId}`
}

/** Lines of storage_ids.conf: `100001 group1 127.0.0.2:23000`. */
export function storageIdLines(cluster: Cluster): readonly string[] {
  return cluster.groups
    .flatMap((group) => group.storages)
    .map(
      ({ storageId, groupName, address }) => `${storageId} ${groupName} ${formatAddress(address)}`,
    )
}
