import { EdgeError } from '../../errors.ts'
import { type Field, i32, i64, type Struct, type StructValue, struct, text, u8 } from '../struct.ts'

/** A name inside FastDFS: the group, and `M00/00/00/..` without it. */
export interface FileName {
  readonly groupName: string
  readonly filename: string
}

export interface ServerAddress {
  readonly ipAddr: string
  readonly port: number
}

export interface ServerList {
  readonly groupName: string
  readonly servers: readonly ServerAddress[]
}

/** Where to upload to. `storePathIndex` 255 leaves the choice to the storage. */
export interface StoreTarget extends ServerList {
  readonly storePathIndex: number
}

/**
 * Bytes of an ip_addr in a structure: 16, or 46 where the cluster may have IPv6 addresses
 * (`response_ip_addr_size`). Trackers send one byte less: no room for the NUL.
 */
export type AddressWidth = 16 | 46

export const GROUP_NAME = text(16)
const GROUP_ONLY = struct({ groupName: GROUP_NAME })

/** request of 90, 92, 104, 107 => group_name[16] */
export function encodeGroupName(groupName: string): Buffer {
  return GROUP_ONLY.encode({ groupName })
}

export function decodeGroupName(body: Buffer): string {
  return GROUP_ONLY.decode(body).groupName
}

/** request of 102, 103, 105, 12, 15, 22 and reply of 11, 21, 23, 38 => group_name[16] filename */
export function encodeFileName({ groupName, filename }: FileName): Buffer {
  return Buffer.concat([encodeGroupName(groupName), Buffer.from(filename)])
}

export function decodeFileName(body: Buffer): FileName {
  return { groupName: decodeGroupName(body), filename: body.toString('utf8', GROUP_NAME.size) }
}

const ADDRESS = {
  16: struct({ ipAddr: text(15), port: i64 }),
  46: struct({ ipAddr: text(45), port: i64 }),
} as const
const IP_ONLY = { 16: struct({ ipAddr: text(15) }), 46: struct({ ipAddr: text(45) }) } as const

function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= 65_535
}

/**
 * The width of a reply that holds at least one server. Its length does not tell: 69 bytes are one
 * server 46 wide, or three 16 wide of an old tracker. The content does: in a 16 wide reply a port
 * stands at offset 31; in a 46 wide one that is inside the address, NULs or text.
 */
function addressWidth(body: Buffer): AddressWidth {
  const portOf = (width: AddressWidth): number => {
    const offset = GROUP_NAME.size + ADDRESS[width].size - i64.size
    if (body.length < offset + i64.size || body.readUInt32BE(offset) !== 0) return 0
    return i64.read(body, offset)
  }
  if (isPort(portOf(16))) return 16
  if (isPort(portOf(46))) return 46
  throw new EdgeError('protocol_error', `${body.length} bytes hold no server address`)
}

function areUsable(servers: readonly ServerAddress[]): boolean {
  return servers.every(({ ipAddr, port }) => ipAddr !== '' && isPort(port))
}

function requireUsable(servers: readonly ServerAddress[]): readonly ServerAddress[] {
  if (areUsable(servers)) return servers
  throw new EdgeError('protocol_error', 'a server list with an empty address or no port')
}

/** reply of 102, 103 => group_name[16] ip_addr[15|45] port[8] */
export function decodeServer(body: Buffer): ServerList {
  const address = ADDRESS[addressWidth(body)]
  if (body.length !== GROUP_NAME.size + address.size) {
    throw new EdgeError('protocol_error', `a server reply of ${body.length} bytes`)
  }
  const servers = requireUsable([address.decode(body, GROUP_NAME.size)])
  return { groupName: decodeGroupName(body), servers }
}

/**
 * reply of 105 => group_name[16] (ip_addr[15|45] port[8])*  since 6.16, before that
 *                 group_name[16] ip_addr[15|45] port[8] ip_addr[15|45]*
 * Without any server it is the bare group name.
 */
export function decodeServers(body: Buffer): ServerList {
  const groupName = decodeGroupName(body)
  if (body.length === GROUP_NAME.size) return { groupName, servers: [] }
  const width = addressWidth(body)
  const address = ADDRESS[width]
  if ((body.length - GROUP_NAME.size) % address.size === 0) {
    const servers = decodeAddresses(body, address)
    if (servers !== undefined) return { groupName, servers }
  }
  const first = address.decode(body, GROUP_NAME.size)
  const others = IP_ONLY[width].decodeAll(body, GROUP_NAME.size + address.size)
  const servers = [first, ...others.map(({ ipAddr }) => ({ ipAddr, port: first.port }))]
  return { groupName, servers: requireUsable(servers) }
}

/** The servers as addresses with ports, or undefined where that reading makes no sense. */
function decodeAddresses(
  body: Buffer,
  address: Struct<ServerAddress>,
): readonly ServerAddress[] | undefined {
  try {
    const servers = address.decodeAll(body, GROUP_NAME.size)
    return areUsable(servers) ? servers : undefined
  } catch {
    // Text where a port should be is no int64 of ours: the form without ports is left.
    return undefined
  }
}

export function encodeServers({ groupName, servers }: ServerList, width: AddressWidth): Buffer {
  const addresses = servers.map((server) => ADDRESS[width].encode(server))
  return Buffer.concat([encodeGroupName(groupName), ...addresses])
}

/** reply of 105 before 6.16: the servers behind the first have no port of their own. */
export function encodeOldServers({ groupName, servers }: ServerList, width: AddressWidth): Buffer {
  const [first, ...others] = servers
  if (first === undefined) return encodeGroupName(groupName)
  const addresses = others.map((server) => IP_ONLY[width].encode(server))
  return Buffer.concat([encodeServers({ groupName, servers: [first] }, width), ...addresses])
}

/** reply of 101, 104 (one server), 106, 107 (all) => group_name[16] (ip_addr port)* path_index[1] */
export function decodeStoreTarget(body: Buffer): StoreTarget {
  const last = body.length - 1
  if (last < GROUP_NAME.size) {
    throw new EdgeError('protocol_error', `a store reply of ${body.length} bytes`)
  }
  return { ...decodeServers(body.subarray(0, last)), storePathIndex: body.readUInt8(last) }
}

export function encodeStoreTarget(target: StoreTarget, width: AddressWidth): Buffer {
  return Buffer.concat([encodeServers(target, width), Buffer.from([target.storePathIndex])])
}

const GROUP_STAT_FIELDS = {
  groupName: text(17),
  totalMb: i64,
  freeMb: i64,
  reservedMb: i64,
  trunkFreeMb: i64,
  storageCount: i64,
  storagePort: i64,
  readableServerCount: i64,
  writableServerCount: i64,
  currentWriteServer: i64,
  storePathCount: i64,
  subdirCountPerPath: i64,
  /** -1 without trunk files */
  currentTrunkFileId: i64,
} as const

/** One record of 90 and 91 (`TrackerGroupStat`): 113 bytes, 105 without reserved_mb up to 6.13.0. */
const GROUP_STAT = struct(GROUP_STAT_FIELDS)
const { reservedMb: _reserved, ...OLD_GROUP_STAT_FIELDS } = GROUP_STAT_FIELDS
const OLD_GROUP_STAT = struct(OLD_GROUP_STAT_FIELDS)

export type GroupStat = StructValue<typeof GROUP_STAT>

export function encodeGroupStats(groups: readonly GroupStat[]): Buffer {
  return Buffer.concat(groups.map((group) => GROUP_STAT.encode(group)))
}

/**
 * 113 old records are as long as 105 of today. Then a name stands where the second old record
 * begins; in one of today it is the top byte of a small number.
 */
function isOldGroupStats(body: Buffer): boolean {
  if (body.length % OLD_GROUP_STAT.size !== 0) return false
  const topByte = body[OLD_GROUP_STAT.size] ?? 0
  return body.length % GROUP_STAT.size !== 0 || (topByte !== 0 && topByte !== 0xff)
}

export function decodeGroupStats(body: Buffer): GroupStat[] {
  if (!isOldGroupStats(body)) return GROUP_STAT.decodeAll(body)
  return OLD_GROUP_STAT.decodeAll(body).map((old) => {
    const stat = { ...old, reservedMb: 0 }
    // Up to 6.12 the two counts were storage_http_port and active_count: a port exceeds any count.
    if (stat.readableServerCount <= stat.storageCount) return stat
    return { ...stat, readableServerCount: stat.writableServerCount }
  })
}

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

const STORAGE_IDS_REQUEST = struct({ startIndex: i32, isEmptyAllowed: u8 })
const STORAGE_IDS_HEAD = struct({ totalCount: i32, currentCount: i32 })

export interface StorageIdsPage {
  readonly totalCount: number
  readonly currentCount: number
  /** Lines as in storage_ids.conf: `100001 group4 192.168.0.1:23000`. */
  readonly text: string
}

/** request of 69 => start_index[4] allow_empty[1] */
export function encodeStorageIdsRequest(startIndex: number): Buffer {
  return STORAGE_IDS_REQUEST.encode({ startIndex, isEmptyAllowed: 1 })
}

export function decodeStorageIdsRequest(body: Buffer): number {
  return STORAGE_IDS_REQUEST.decode(body).startIndex
}

/** reply of 69 => total_count[4] current_count[4] text */
export function decodeStorageIdsPage(body: Buffer): StorageIdsPage {
  const head = STORAGE_IDS_HEAD.decode(body)
  return { ...head, text: body.toString('utf8', STORAGE_IDS_HEAD.size) }
}

export function encodeStorageIdsPage(page: StorageIdsPage): Buffer {
  return Buffer.concat([STORAGE_IDS_HEAD.encode(page), Buffer.from(page.text)])
}
