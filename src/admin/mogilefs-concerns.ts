import type { DatabaseState } from '../client/sql-replication.ts'
import type { ClusterReport } from './cluster-report.ts'
import { bad, type Concern, down, look } from './concern.ts'
import { formatDuration } from './duration-text.ts'
import { isInUse, problemsOf } from './mogilefs-problems.ts'
import { formatCount } from './number-text.ts'

const LAG_SECONDS_MAX = 30
/** Uploads are under way at any time. */
const LAG_FILES_MAX = 100

export function mogilefsConcerns({ mogilefs, databases }: ClusterReport): readonly Concern[] {
  if (mogilefs === null) return []
  const ofTrackers = mogilefs.trackers.map(({ error, databaseError }) => error ?? databaseError)
  const errors = [...ofTrackers, ...databases.map(({ error }) => error)]
  const hosts = mogilefs.hosts.filter(isInUse)
  return [
    ...(areAllSet(errors)
      ? [bad('Nothing of MogileFS tells where files are: only places that are remembered serve')]
      : []),
    ...(areAllSet(hosts.map(({ error }) => error))
      ? [bad('No host of MogileFS answers: its files are not served')]
      : []),
    ...problemsOf(mogilefs).map((one) => ({ ...one, text: `MogileFS ${one.text}` })),
    ...databases.flatMap(databaseConcern),
  ]
}

function areAllSet(errors: readonly (string | null)[]): boolean {
  return errors.length > 0 && errors.every((error) => error !== null)
}

/** Whether a replica is so far behind that it should be looked at. */
export function isLagging(lag: DatabaseState['lag']): boolean {
  if (lag?.kind === 'seconds') return lag.seconds > LAG_SECONDS_MAX
  return lag?.kind === 'stopped' || (lag?.kind === 'files' && lag.files > LAG_FILES_MAX)
}

function databaseConcern({ host, role, error, lag }: DatabaseState): readonly Concern[] {
  const name = `${role === 'primary' ? 'Primary database' : 'Replica'} ${host}`
  if (error !== null) return [down(`${name} does not answer: ${error}`)]
  if (!isLagging(lag)) return []
  switch (lag?.kind) {
    case 'stopped':
      return [down(`${name} gets nothing from its primary: ${lag.reason}`)]
    case 'seconds':
      return [look(`${name} is ${formatDuration(lag.seconds * 1000)} behind its primary`)]
    case 'files':
      return [look(`${name} lacks the primary's newest ${formatCount(lag.files)} files`)]
    default:
      return []
  }
}
