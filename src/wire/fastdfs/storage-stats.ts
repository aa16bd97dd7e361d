import { EdgeError } from '../../errors.ts'
import { type Field, i32, i64, type Struct, type StructValue, struct, text, u8 } from '../struct.ts'
import type { AddressWidth } from './tracker-messages.ts'

/** The counters of a storage (`FDFSStorageStatBuff`), in the order of the wire. */
const COUNTERS = {
  connectionAllocCount: i32,
  connectionCurrentCount: i32,
  connectionMaxCount: i32,
  totalUploadCount: i64,
  successUploadCount: i64,
  totalAppendCount: i64,
  successAppendCount: i64,
  totalModifyCount: i64,
  successModifyCount: i64,
  totalTruncateCount: i64,
  successTruncateCount: i64,
  totalSetMetaCount: i64,
  successSetMetaCount: i64,
  totalDeleteCount: i64,
  successDeleteCount: i64,
  totalDownloadCount: i64,
  successDownloadCount: i64,
  totalGetMetaCount: i64,
  successGetMetaCount: i64,
  totalCreateLinkCount: i64,
  successCreateLinkCount: i64,
  totalDeleteLinkCount: i64,
  successDeleteLinkCount: i64,
  totalUploadBytes: i64,
  successUploadBytes: i64,
  totalAppendBytes: i64,
  successAppendBytes: i64,
  totalModifyBytes: i64,
  successModifyBytes: i64,
  totalDownloadBytes: i64,
  successDownloadBytes: i64,
  totalSyncInBytes: i64,
  successSyncInBytes: i64,
  totalSyncOutBytes: i64,
  successSyncOutBytes: i64,
  totalFileOpenCount: i64,
  successFileOpenCount: i64,
  totalFileReadCount: i64,
  successFileReadCount: i64,
  totalFileWriteCount: i64,
  successFileWriteCount: i64,
  lastSourceUpdate: i64,
  lastSyncUpdate: i64,
  lastSyncedTimestamp: i64,
  lastHeartBeatTime: i64,
} as const

const STORAGE_COUNTERS = struct(COUNTERS)
export type StorageCounters = StructValue<typeof STORAGE_COUNTERS>

export function zeroCounters(): StorageCounters {
  return STORAGE_COUNTERS.decode(Buffer.alloc(STORAGE_COUNTERS.size))
}

const TIMES_AND_SPACE = { joinTime: i64, upTime: i64, totalMb: i64, freeMb: i64 } as const
const STORE = {
  uploadPriority: i64,
  storePathCount: i64,
  subdirCountPerPath: i64,
  currentWritePath: i64,
  storagePort: i64,
} as const
const TAIL = { counters: STORAGE_COUNTERS, isTrunkServer: u8 } as const

function storageStat(ip: number) {
  return struct({
    status: u8,
    rwMode: u8,
    id: text(16),
    ipAddr: text(ip),
    srcId: text(16),
    version: text(8),
    ...TIMES_AND_SPACE,
    reservedMb: i64,
    ...STORE,
    ...TAIL,
  })
}

/** 6.13.0: no reserved_mb yet. */
const STORAGE_STAT_6_13_0 = struct({
  status: u8,
  rwMode: u8,
  id: text(16),
  ipAddr: text(46),
  srcId: text(16),
  version: text(8),
  ...TIMES_AND_SPACE,
  ...STORE,
  ...TAIL,
})

/** Up to 6.12: a domain name and an HTTP port, no rw_mode. */
function oldStorageStat(ip: number, version: number) {
  return struct({
    status: u8,
    id: text(16),
    ipAddr: text(ip),
    domainName: text(128),
    srcId: text(16),
    version: text(version),
    ...TIMES_AND_SPACE,
    ...STORE,
    storageHttpPort: i64,
    ...TAIL,
  })
}

const STORAGE_STAT = { 16: storageStat(16), 46: storageStat(46) } as const

export type StorageStat = StructValue<(typeof STORAGE_STAT)[16]>

/** `rw_mode` of a storage that is read from and written to. */
export const READ_WRITE = 6

type AnyStorageStat = Partial<StorageStat> & Omit<StorageStat, 'rwMode' | 'reservedMb'>

/** One record of 92 (`TrackerStorageStat`) in every form that a version has had, newest first. */
const STORAGE_STAT_FORMS: readonly Struct<AnyStorageStat>[] = [
  STORAGE_STAT[16],
  STORAGE_STAT[46],
  STORAGE_STAT_6_13_0,
  oldStorageStat(46, 8),
  oldStorageStat(46, 6),
  oldStorageStat(16, 6),
] as readonly Field<unknown>[] as readonly Struct<AnyStorageStat>[]

export function encodeStorageStats(storages: readonly StorageStat[], width: AddressWidth): Buffer {
  return Buffer.concat(storages.map((storage) => STORAGE_STAT[width].encode(storage)))
}

/**
 * reply of 92. Its length is a multiple of more than one record size now and then, so
 * `storageCount` from 91 decides where it is given.
 */
export function decodeStorageStats(body: Buffer, storageCount?: number): StorageStat[] {
  if (body.length === 0) return []
  const form =
    STORAGE_STAT_FORMS.find(({ size }) => size * (storageCount ?? -1) === body.length) ??
    STORAGE_STAT_FORMS.find(({ size }) => body.length % size === 0)
  if (form === undefined) {
    throw new EdgeError('protocol_error', `${body.length} bytes are no list of storages`)
  }
  return form.decodeAll(body).map((stat) => ({ rwMode: READ_WRITE, reservedMb: 0, ...stat }))
}

/** States of a storage (`FDFS_STORAGE_STATUS_*`). */
export const STORAGE_STATUS = {
  INIT: 0,
  WAIT_SYNC: 1,
  SYNCING: 2,
  IP_CHANGED: 3,
  DELETED: 4,
  OFFLINE: 5,
  ONLINE: 6,
  ACTIVE: 7,
  RECOVERY: 9,
  NONE: 99,
} as const

export function storageStatusName(status: number): string {
  return Object.entries(STORAGE_STATUS).find(([, code]) => code === status)?.[0] ?? `${status}`
}
