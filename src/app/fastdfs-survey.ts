import {
  ACTIVE,
  type FastdfsGroupReport,
  type FastdfsReport,
  type FastdfsStorageReport,
  type FastdfsTrackerReport,
} from '../admin/cluster-report.ts'
import { type Address, formatAddress } from '../client/address.ts'
import type { Ask } from '../client/ask.ts'
import type { FastdfsTracker } from '../client/fastdfs-tracker.ts'
import {
  type GroupStat,
  type StorageStat,
  storageStatusName,
} from '../wire/fastdfs/tracker-messages.ts'
import type { FastdfsCluster } from './fastdfs-cluster.ts'
import { reasonOf } from './reason-of.ts'

/** A group as a tracker knows it. */
export interface GroupView extends GroupStat {
  readonly storages: readonly StorageStat[]
}

interface TrackerView {
  readonly report: FastdfsTrackerReport
  readonly groups: readonly GroupView[]
}

/** Every group with its storages. */
export async function listGroupViews(
  tracker: FastdfsTracker,
  signal: AbortSignal,
): Promise<readonly GroupView[]> {
  const groups = await tracker.listGroups(signal)
  return Promise.all(
    groups.map(async (group) => {
      const { groupName, storageCount } = group
      const storages = await tracker.listStorages(groupName, signal, storageCount)
      return { ...group, storages: storages ?? [] }
    }),
  )
}

type Daemons = Pick<FastdfsCluster, 'tracker' | 'storage' | 'addressMap'>

/**
 * Asks every tracker, each of which has its own view of the storages, and every storage that one of
 * them says is active: a tracker notices a dead one after minutes, and never an address that does not
 * lead there from here.
 */
export async function surveyFastdfs(
  daemons: Daemons,
  trackers: readonly Address[],
  ask: Ask,
): Promise<FastdfsReport> {
  const views = await Promise.all(trackers.map((it) => viewOf(daemons.tracker, it, ask)))
  const view = views.find(({ report }) => report.error === null)
  const groups = view?.groups.map((group) => reportOf(daemons, { group, views }, ask)) ?? []
  return { trackers: views.map(({ report }) => report), groups: await Promise.all(groups) }
}

async function viewOf(tracker: FastdfsTracker, address: Address, ask: Ask): Promise<TrackerView> {
  const name = formatAddress(address)
  try {
    const groups = await ask((signal) => listGroupViews(tracker.at(address), signal))
    return { report: { tracker: name, error: null }, groups }
  } catch (thrown) {
    return { report: { tracker: name, error: reasonOf(thrown) }, groups: [] }
  }
}

async function reportOf(
  daemons: Daemons,
  { group, views }: { group: GroupView; views: readonly TrackerView[] },
  ask: Ask,
): Promise<FastdfsGroupReport> {
  const { groupName, totalMb, freeMb, reservedMb } = group
  const seen = views.flatMap(({ groups }) =>
    groups.filter((one) => one.groupName === groupName).flatMap(({ storages }) => storages),
  )
  const storages = group.storages.map(async (storage) => {
    const told = seen.filter(({ id }) => id === storage.id).map(({ status }) => status)
    const states = [...new Set(told)].map(storageStatusName)
    const error = states.includes(ACTIVE) ? await probe(daemons, storage, ask) : null
    return { ...storageReport(storage, group), states, error }
  })
  return { groupName, totalMb, freeMb, reservedMb, storages: await Promise.all(storages) }
}

/** Null when it answers; else why not. */
async function probe(
  { storage: client, addressMap }: Daemons,
  { ipAddr, storagePort }: StorageStat,
  ask: Ask,
): Promise<string | null> {
  const address = addressMap.reachable({ host: ipAddr, port: storagePort })
  return ask((signal) => client.activeTest(address, signal)).then(() => null, reasonOf)
}

function storageReport(
  storage: StorageStat,
  group: GroupView,
): Omit<FastdfsStorageReport, 'states' | 'error'> {
  const { ipAddr, storagePort, version, totalMb, freeMb, reservedMb, counters } = storage
  return {
    host: formatAddress({ host: ipAddr, port: storagePort }),
    version,
    totalMb,
    freeMb,
    reservedMb,
    syncDelaySeconds: syncDelayOf(storage, group.storages),
    lastHeartBeatAt: counters.lastHeartBeatTime * 1000 || null,
    uploads: { total: counters.totalUploadCount, succeeded: counters.successUploadCount },
    downloads: { total: counters.totalDownloadCount, succeeded: counters.successDownloadCount },
  }
}

/**
 * What was put on any other storage last, against the time up to which this one has everything
 * (`client/fdfs_monitor.c: list_storages`).
 */
function syncDelayOf(
  storage: StorageStat,
  all: readonly StorageStat[],
): FastdfsStorageReport['syncDelaySeconds'] {
  const others = all.filter(({ id }) => id !== storage.id)
  const newest = Math.max(0, ...others.map(({ counters }) => counters.lastSourceUpdate))
  const { lastSyncedTimestamp } = storage.counters
  if (newest === 0) return null
  if (lastSyncedTimestamp === 0) return 'never'
  return Math.max(0, newest - lastSyncedTimestamp)
}
