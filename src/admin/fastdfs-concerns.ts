import {
  ACTIVE,
  type ClusterReport,
  type FastdfsGroupReport,
  type FastdfsStorageReport,
} from './cluster-report.ts'
import { bad, type Concern, down, look } from './concern.ts'
import { formatDuration } from './duration-text.ts'
import { formatPercent } from './number-text.ts'

/** Files are copied within seconds where all is well. */
const SYNC_DELAY_SECONDS = 300
const FREE_SHARE_MIN = 0.1
const GONE: ReadonlySet<string> = new Set(['DELETED', 'NONE'])

export function fastdfsConcerns({ fastdfs }: ClusterReport): readonly Concern[] {
  if (fastdfs === null) return []
  const { trackers, groups } = fastdfs
  const silent = trackers.filter(({ error }) => error !== null)
  const isBlind = silent.length > 0 && silent.length === trackers.length
  return [
    ...(isBlind ? [bad('No FastDFS tracker answers: only places that are remembered serve')] : []),
    ...groups.flatMap(groupConcerns),
    ...silent.map(({ tracker, error }) =>
      down(`FastDFS tracker ${tracker} does not answer: ${error}`),
    ),
  ]
}

/** A storage is read from where a tracker says so and it answers. */
export function isServing({ states, error }: FastdfsStorageReport): boolean {
  return states.includes(ACTIVE) && error === null
}

function groupConcerns(group: FastdfsGroupReport): readonly Concern[] {
  const { groupName, storages } = group
  const isDown = storages.length > 0 && !storages.some(isServing)
  return [
    ...(isDown ? [bad(`No storage of ${groupName} can be read: its files are not served`)] : []),
    ...storages.flatMap((storage) => storageConcern(storage, group)),
    ...spaceConcern(group),
  ]
}

/** By an operator's hand. */
export function isGone({ states }: FastdfsStorageReport): boolean {
  return states.every((state) => GONE.has(state))
}

export function isBehind({ syncDelaySeconds }: FastdfsStorageReport): boolean {
  return typeof syncDelaySeconds === 'number' && syncDelaySeconds > SYNC_DELAY_SECONDS
}

function storageConcern(
  storage: FastdfsStorageReport,
  { groupName, storages }: FastdfsGroupReport,
): readonly Concern[] {
  const { host, states, error, syncDelaySeconds } = storage
  const name = `Storage ${host} of ${groupName}`
  if (isGone(storage)) return []
  const serving = storages.filter(isServing).length
  const others = serving === 0 ? '' : `; ${serving} of ${storages.length} serve`
  if (error !== null) return [down(`${name} does not answer: ${error}${others}`)]
  if (states.length > 1) return [look(`${name} is ${states.join(' for one tracker and ')}`)]
  if (!states.includes(ACTIVE)) return [down(`${name} is ${states.join()}${others}`)]
  if (!isBehind(storage)) return []
  const delay = formatDuration(Number(syncDelaySeconds) * 1000)
  return [look(`${name} is ${delay} behind the others`)]
}

export function isNearlyFull({ totalMb, freeMb, reservedMb }: FastdfsGroupReport): boolean {
  return totalMb > 0 && (freeMb <= reservedMb || freeMb < totalMb * FREE_SHARE_MIN)
}

function spaceConcern(group: FastdfsGroupReport): readonly Concern[] {
  const { groupName, totalMb, freeMb, reservedMb } = group
  if (!isNearlyFull(group)) return []
  if (freeMb <= reservedMb) return [down(`${groupName} is full: it takes no uploads`)]
  return [look(`${groupName} has ${formatPercent(freeMb / totalMb)} of its space left`)]
}
