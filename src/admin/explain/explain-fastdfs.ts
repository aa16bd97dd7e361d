import { formatAddress } from '../../client/address.ts'
import { factsOfId } from '../../resolver/fastdfs-facts.ts'
import { type FileId, parseFileId } from '../../wire/fastdfs/file-id.ts'
import {
  type ServerAddress,
  type ServerList,
  STORAGE_STATUS,
  type StorageStat,
  storageStatusName,
} from '../../wire/fastdfs/tracker-messages.ts'
import { type Asked, ask } from './ask.ts'
import { lookAtCopy } from './content-look.ts'
import type { IdReport, LookupReport, ReplicaReport } from './explanation.ts'
import { formatTime } from './format.ts'
import { reportId } from './read-id.ts'
import type { ExplainSources, FastdfsSources } from './sources.ts'

/** The groups that each tracker lists. */
export type GroupLists = readonly Asked<readonly { groupName: string; storageCount: number }[]>[]

export interface FastdfsEvidence {
  readonly id: IdReport
  readonly lookups: readonly LookupReport[]
  /** What the trackers that answered said: storages, none, or that they do not know the group. */
  readonly lists: readonly (ServerList | null)[]
  readonly storages: readonly StorageStat[] | null
  readonly replicas: readonly ReplicaReport[]
}

type Sources = Pick<ExplainSources, 'addressMap' | 'verifyMaxBytes' | 'now'> & {
  readonly fastdfs: FastdfsSources
}

export function askForGroups({ trackers }: FastdfsSources): Promise<GroupLists> {
  return Promise.all(trackers.map(({ client }) => ask((signal) => client.listGroups(signal))))
}

/** All that trackers and storages tell of a file; the storages are those that a tracker lists. */
export async function explainFastdfs(
  name: { readonly groupName: string; readonly filename: string },
  groups: GroupLists,
  sources: Sources,
): Promise<FastdfsEvidence | null> {
  const id = parseFileId(name)
  if (id === undefined) return null
  const { trackers } = sources.fastdfs
  const [asked, storages] = await Promise.all([
    Promise.all(trackers.map(({ client }) => ask((signal) => client.queryFetchAll(id, signal)))),
    askForStorages(id.groupName, groups, sources.fastdfs),
  ])
  const lists = asked.flatMap(({ value, fault }) => (fault === null ? [value] : []))
  const lookups = trackers.map(({ address }, index) =>
    lookupOf(address, id, asked[index] ?? UNASKED),
  )
  const known = storages && {
    ipAddrs: storages.map(({ ipAddr }) => ipAddr),
    ids: storages.map((storage) => storage.id),
  }
  const nowSeconds = sources.now() / 1000
  return {
    id: reportId(id, { storages: known, nowSeconds }),
    lookups,
    lists,
    storages,
    replicas: await probeAll(id, { lists, storages }, sources),
  }
}

const UNASKED: Asked<null> = { value: null, fault: { kind: 'other', reason: 'not asked' }, ms: 0 }

function lookupOf(address: string, id: FileId, asked: Asked<ServerList | null>): LookupReport {
  const { fault, ms } = asked
  return { kind: 'FastDFS tracker', address, ms, answer: answerOf(id, asked), fault }
}

function answerOf({ groupName }: FileId, { value, fault }: Asked<ServerList | null>): string {
  if (fault !== null) return fault.reason
  if (value === null) return `it knows no ${groupName}, or no active storage in it`
  const addresses = value.servers.map(({ ipAddr, port }) => formatAddress({ host: ipAddr, port }))
  return addresses.length === 0 ? 'no storage has it' : `read it from ${addresses.join(', ')}`
}

/** Of the first tracker that answers; null: none does, or the group is unknown. */
async function askForStorages(
  groupName: string,
  groups: GroupLists,
  { trackers }: FastdfsSources,
): Promise<readonly StorageStat[] | null> {
  for (const [index, { client }] of trackers.entries()) {
    const listed = groups[index]?.value?.find((group) => group.groupName === groupName)
    if (listed === undefined) continue
    const { value } = await ask((signal) =>
      client.listStorages(groupName, signal, listed.storageCount),
    )
    if (value !== null) return value
  }
  return null
}

/** Storages in these states are no more than names. */
const GONE: readonly number[] = [STORAGE_STATUS.DELETED, STORAGE_STATUS.IP_CHANGED]

interface Listed {
  readonly lists: readonly (ServerList | null)[]
  readonly storages: readonly StorageStat[] | null
}

async function probeAll(
  id: FileId,
  { lists, storages }: Listed,
  sources: Sources,
): Promise<readonly ReplicaReport[]> {
  const offered = lists.flatMap((list) => list?.servers ?? [])
  const others = (storages ?? [])
    .filter(({ status }) => !GONE.includes(status))
    .map(({ ipAddr, storagePort }) => ({ ipAddr, port: storagePort }))
  const servers = new Map([...offered, ...others].map((one) => [nameOf(one), one]))
  const offeredNames = new Set(offered.map(nameOf))
  return Promise.all(
    Array.from(servers, async ([registered, server]) => {
      const stat = storages?.find(({ ipAddr }) => ipAddr === server.ipAddr)
      return {
        registered,
        state: stat === undefined ? 'unknown' : stateOf(stat),
        isOffered: offeredNames.has(registered),
        isSource: isSource(id, server, stat),
        ...(await probe(id, server, sources)),
      }
    }),
  )
}

function nameOf({ ipAddr, port }: ServerAddress): string {
  return formatAddress({ host: ipAddr, port })
}

/** With the time up to which it has what others were given. */
function stateOf({ status, counters }: StorageStat): string {
  const name = storageStatusName(status)
  const { lastSyncedTimestamp } = counters
  return lastSyncedTimestamp === 0 ? name : `${name}, synced to ${formatTime(lastSyncedTimestamp)}`
}

function isSource(id: FileId, { ipAddr }: ServerAddress, stat: StorageStat | undefined): boolean {
  return id.sourceId === null ? id.sourceIp === ipAddr : stat?.id === `${id.sourceId}`
}

async function probe(
  id: FileId,
  { ipAddr, port }: ServerAddress,
  { fastdfs, addressMap, verifyMaxBytes }: Sources,
): Promise<Pick<ReplicaReport, 'address' | 'outcome' | 'ms'>> {
  const { storage } = fastdfs
  const address = addressMap.reachable({ host: ipAddr, port })
  const copy = {
    info: (signal: AbortSignal) => storage.queryFileInfo(address, id, { signal }),
    open: (span: { start: number; end: number } | null, signal: AbortSignal) =>
      storage.download(address, id, { span, signal }),
  }
  const checksum = factsOfId(id)?.checksum ?? null
  const looked = await lookAtCopy(copy, { size: id.size, checksum, verifyMaxBytes })
  return { address: formatAddress(address), ...looked }
}
