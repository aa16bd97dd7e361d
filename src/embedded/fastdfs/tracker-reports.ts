import {
  type GroupStat,
  READ_WRITE,
  STORAGE_STATUS,
  type StorageStat,
} from '../../wire/fastdfs/tracker-messages.ts'
import { type Cluster, type Group, storageName } from './cluster.ts'
import type { FdfsStoraged } from './fdfs-storaged.ts'
import { SUBDIR_COUNT } from './store-dir.ts'

const MIB = 1024 * 1024
const VERSION = '6.16.1'
const DEFAULT_UPLOAD_PRIORITY = 10
const NO_TRUNK_FILE = -1

async function diskSpaceMb({ store }: Group): Promise<{ totalMb: number; freeMb: number }> {
  const { totalBytes, freeBytes } = await store.diskSpace()
  return { totalMb: Math.floor(totalBytes / MIB), freeMb: Math.floor(freeBytes / MIB) }
}

export async function groupStat(cluster: Cluster, group: Group): Promise<GroupStat> {
  const activeCount = cluster.activeStorages(group).length
  return {
    groupName: group.groupName,
    ...(await diskSpaceMb(group)),
    reservedMb: 0,
    trunkFreeMb: 0,
    storageCount: group.storages.length,
    storagePort: group.storages[0]?.address.port ?? 0,
    readableServerCount: activeCount,
    writableServerCount: activeCount,
    currentWriteServer: 0,
    storePathCount: group.store.storePaths.length,
    subdirCountPerPath: SUBDIR_COUNT,
    currentTrunkFileId: NO_TRUNK_FILE,
  }
}

export async function storageStats(
  cluster: Cluster,
  group: Group,
  storages: readonly FdfsStoraged[],
): Promise<StorageStat[]> {
  const space = await diskSpaceMb(group)
  return storages.map((storage) => ({
    status: cluster.isActive(storage) ? STORAGE_STATUS.ACTIVE : STORAGE_STATUS.OFFLINE,
    rwMode: READ_WRITE,
    id: storageName(storage),
    ipAddr: storage.address.host,
    srcId: '',
    version: VERSION,
    joinTime: storage.joinTime,
    upTime: storage.upTime,
    ...space,
    reservedMb: 0,
    uploadPriority: DEFAULT_UPLOAD_PRIORITY,
    storePathCount: group.store.storePaths.length,
    subdirCountPerPath: SUBDIR_COUNT,
    currentWritePath: group.store.nextStorePath(),
    storagePort: storage.address.port,
    counters: storage.stats.report(storage.counters, storage.lastHeartBeat),
    isTrunkServer: 0,
  }))
}

/** What STORAGE_PARAMETER_REQ tells storages and clients: `key=value` lines. */
export function clusterParameters({ options }: Cluster): string {
  const parameters = {
    use_storage_id: options.hasStorageIds ? 1 : 0,
    id_type_in_filename: options.hasStorageIds ? 'id' : 'ip',
    trust_storage_server_id: 1,
    response_ip_addr_size: options.addressWidth,
    storage_ip_changed_auto_adjust: 1,
    storage_sync_file_max_delay: 86_400,
    store_path: 0,
    reserved_storage_space: '0.00%',
    use_trunk_file: 0,
    slot_min_size: 256,
    slot_max_size: 1_048_576,
    trunk_alloc_alignment_size: 256,
    trunk_file_size: 67_108_864,
    trunk_create_file_advance: 0,
    trunk_create_file_time_base: '02:00',
    trunk_create_file_interval: 86_400,
    trunk_create_file_space_threshold: 21_474_836_480,
    trunk_init_check_occupying: 0,
    trunk_init_reload_from_binlog: 0,
    trunk_free_space_merge: 1,
    delete_unused_trunk_files: 0,
    trunk_compress_binlog_min_interval: 86_400,
    trunk_compress_binlog_interval: 86_400,
    trunk_compress_binlog_time_base: '03:00',
    trunk_binlog_max_backups: 7,
    store_slave_file_use_link: 0,
  }
  const lines = Object.entries(parameters).map(([key, value]) => `${key}=${value}\n`)
  return lines.join('')
}
