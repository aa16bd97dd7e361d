import { EdgeError } from '../../errors.ts'
import { COMMAND } from '../../wire/fastdfs/commands.ts'
import { parseFileId } from '../../wire/fastdfs/file-id.ts'
import { STATUS } from '../../wire/fastdfs/status.ts'
import {
  decodeFileName,
  decodeGroupName,
  decodeStorageIdsRequest,
  encodeGroupStats,
  encodeOldServers,
  encodeServers,
  encodeStorageIdsPage,
  encodeStorageStats,
  encodeStoreTarget,
  type FileName,
  GROUP_NAME,
  type ServerAddress,
} from '../../wire/fastdfs/tracker-messages.ts'
import { type Cluster, type Group, serverAddress, storageIdLines, storageName } from './cluster.ts'
import type { FdfsStoraged } from './fdfs-storaged.ts'
import { answer, DONE, type Reply, refusal } from './request.ts'
import type { TrackerFaults } from './tracker-faults.ts'
import { clusterParameters, groupStat, storageStats } from './tracker-reports.ts'

export interface TrackerContext {
  readonly cluster: Cluster
  readonly faults: TrackerFaults
  /** FETCH_ALL as it was before 6.16: no ports behind the first. */
  readonly isOldFetchAll: boolean
}

export type TrackerCommand = (tracker: TrackerContext, body: Buffer) => Reply | Promise<Reply>

const UNKNOWN = refusal(STATUS.ENOENT)

/** Filenames in queries, in bytes. Anything in between is believed. */
const FILENAME_BYTES = { min: 22, max: 127 }
const STORAGE_IDS_REQUEST_BYTES = 5
/** An answer of FETCH_STORAGE_IDS holds no more lines; the client asks on. */
const STORAGE_IDS_PER_PAGE = 256

function requireBytes(body: Buffer, size: number): void {
  if (body.length === size) return
  throw new EdgeError('protocol_error', `${body.length} bytes where ${size} are expected`)
}

function readFileName(body: Buffer): FileName {
  const size = body.length - GROUP_NAME.size
  if (size < FILENAME_BYTES.min || size > FILENAME_BYTES.max) {
    throw new EdgeError('protocol_error', `a filename of ${size} bytes`)
  }
  return decodeFileName(body)
}

function readGroup({ cluster }: TrackerContext, body: Buffer): Group | undefined {
  requireBytes(body, GROUP_NAME.size)
  return cluster.group(decodeGroupName(body))
}

function addresses(
  { faults }: TrackerContext,
  storages: readonly FdfsStoraged[],
): readonly ServerAddress[] {
  const servers = storages.map(serverAddress)
  return faults.lie === undefined ? servers : faults.lie(servers)
}

/** 102, 103: one server, chosen by `choose`. */
function queryOne(
  choose: (cluster: Cluster, group: Group, name: FileName) => FdfsStoraged | undefined,
): TrackerCommand {
  return (tracker, body) => {
    const name = readFileName(body)
    const { cluster } = tracker
    const group = cluster.group(name.groupName)
    const storage = group && choose(cluster, group, name)
    const [server] = storage === undefined ? [] : addresses(tracker, [storage])
    if (group === undefined || server === undefined) return UNKNOWN
    const list = { groupName: group.groupName, servers: [server] }
    return answer(encodeServers(list, cluster.options.addressWidth))
  }
}

/**
 * Of a slave and an appender the source alone, however many have it by now (`tracker/tracker_mem.c:
 * tracker_mem_get_storage_by_filename`).
 */
const queryFetchAll: TrackerCommand = (tracker, body) => {
  const { cluster, isOldFetchAll } = tracker
  const name = readFileName(body)
  const group = cluster.group(name.groupName)
  const active = group === undefined ? [] : cluster.activeStorages(group)
  if (group === undefined || active.length === 0) return UNKNOWN
  const isAlone = tracker.faults.isBehind || mayChange(name)
  const source = isAlone ? cluster.sourceOf(group, name) : undefined
  const encode = isOldFetchAll ? encodeOldServers : encodeServers
  const servers = addresses(tracker, source === undefined ? active : [source])
  return answer(encode({ groupName: group.groupName, servers }, cluster.options.addressWidth))
}

function mayChange(name: FileName): boolean {
  const kind = parseFileId(name)?.kind
  return kind === 'slave' || kind === 'appender'
}

/** 101, 104 name one storage, 106, 107 all of a group; where to put a file is asked each time. */
function queryStore({ isAll, hasGroup }: { isAll: boolean; hasGroup: boolean }): TrackerCommand {
  return (tracker, body) => {
    const { cluster } = tracker
    if (!hasGroup) requireBytes(body, 0)
    const group = hasGroup ? readGroup(tracker, body) : cluster.nextGroup()
    const one = group && cluster.nextStorage(group)
    if (group === undefined || one === undefined) return UNKNOWN
    const servers = addresses(tracker, isAll ? cluster.activeStorages(group) : [one])
    const storePathIndex = group.store.nextStorePath()
    const target = { groupName: group.groupName, servers, storePathIndex }
    return answer(encodeStoreTarget(target, cluster.options.addressWidth))
  }
}

const listAllGroups: TrackerCommand = async ({ cluster }, body) => {
  requireBytes(body, 0)
  return answer(
    encodeGroupStats(await Promise.all(cluster.groups.map((it) => groupStat(cluster, it)))),
  )
}

const listOneGroup: TrackerCommand = async (tracker, body) => {
  const group = readGroup(tracker, body)
  if (group === undefined) return UNKNOWN
  return answer(encodeGroupStats([await groupStat(tracker.cluster, group)]))
}

/** SERVER_LIST_STORAGE => group_name[16] [id or ip_addr] */
const listStorages: TrackerCommand = async (tracker, body) => {
  const { cluster } = tracker
  const maxNameBytes = cluster.options.addressWidth - 1
  if (body.length > GROUP_NAME.size + maxNameBytes) return refusal(STATUS.EINVAL)
  const group = readGroup(tracker, body.subarray(0, GROUP_NAME.size))
  if (group === undefined) return UNKNOWN
  const wanted = body.toString('utf8', GROUP_NAME.size)
  const isWanted = (it: FdfsStoraged) => [storageName(it), it.address.host].includes(wanted)
  const storages = wanted === '' ? group.storages : group.storages.filter(isWanted)
  if (storages.length === 0) return UNKNOWN
  const stats = await storageStats(cluster, group, storages)
  const told = addresses(tracker, storages).flatMap(({ ipAddr, port }, index) => {
    const stat = stats[index] ?? stats[0]
    return stat === undefined ? [] : [{ ...stat, ipAddr, storagePort: port }]
  })
  return answer(encodeStorageStats(told, cluster.options.addressWidth))
}

/** Without storage ids an empty page. */
const fetchStorageIds: TrackerCommand = ({ cluster }, body) => {
  requireBytes(body, STORAGE_IDS_REQUEST_BYTES)
  const start = decodeStorageIdsRequest(body)
  if (start < 0) return refusal(STATUS.EINVAL)
  const lines = cluster.options.hasStorageIds ? storageIdLines(cluster) : []
  const page = lines.slice(start, start + STORAGE_IDS_PER_PAGE)
  const text = page.map((line) => `${line}\n`).join('')
  const counts = { totalCount: lines.length, currentCount: page.length }
  return answer(encodeStorageIdsPage({ ...counts, text }))
}

const storageParameters: TrackerCommand = ({ cluster }, body) => {
  requireBytes(body, 0)
  return answer(Buffer.from(clusterParameters(cluster)))
}

const activeTest: TrackerCommand = (_tracker, body) => {
  requireBytes(body, 0)
  return DONE
}

export const TRACKER_COMMANDS: ReadonlyMap<number, TrackerCommand> = new Map([
  [COMMAND.QUERY_STORE_WITHOUT_GROUP_ONE, queryStore({ isAll: false, hasGroup: false })],
  [COMMAND.QUERY_STORE_WITH_GROUP_ONE, queryStore({ isAll: false, hasGroup: true })],
  [COMMAND.QUERY_STORE_WITHOUT_GROUP_ALL, queryStore({ isAll: true, hasGroup: false })],
  [COMMAND.QUERY_STORE_WITH_GROUP_ALL, queryStore({ isAll: true, hasGroup: true })],
  [COMMAND.QUERY_FETCH_ONE, queryOne((cluster, group) => cluster.nextStorage(group))],
  [COMMAND.QUERY_UPDATE, queryOne((cluster, group, name) => cluster.sourceOf(group, name))],
  [COMMAND.QUERY_FETCH_ALL, queryFetchAll],
  [COMMAND.SERVER_LIST_ALL_GROUPS, listAllGroups],
  [COMMAND.SERVER_LIST_ONE_GROUP, listOneGroup],
  [COMMAND.SERVER_LIST_STORAGE, listStorages],
  [COMMAND.FETCH_STORAGE_IDS, fetchStorageIds],
  [COMMAND.STORAGE_PARAMETER_REQ, storageParameters],
  [COMMAND.ACTIVE_TEST, activeTest],
])
