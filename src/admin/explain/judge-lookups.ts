import { type Verdict, verdict } from './causes.ts'
import type { LookupReport } from './explanation.ts'
import type { FaultKind } from './fault.ts'
import { formatList } from './format.ts'

/** What a kind of daemon is called where an operator meets it. */
const NAMES = {
  'FastDFS tracker': { setting: 'tracker_server', daemon: 'fdfs_trackerd' },
  'MogileFS tracker': { setting: 'trackers', daemon: 'mogilefsd' },
  database: { setting: 'db_dsn', daemon: 'mysqld' },
} as const satisfies Record<LookupReport['kind'], object>

/** Why nobody tells where a file is; undefined: somebody does. */
export function judgeLookups(lookups: readonly LookupReport[]): Verdict | undefined {
  const failed = lookups.filter(({ fault }) => fault !== null)
  if (failed.length < lookups.length) return undefined
  const [first] = failed
  if (first === undefined) return undefined
  const isAlike = failed.every(
    ({ kind, fault }) => kind === first.kind && fault?.kind === first.fault?.kind,
  )
  if (!isAlike || first.fault === null) return mixed(failed)
  return judgeAlike(first.fault.kind, first, failed)
}

function mixed(failed: readonly LookupReport[]): Verdict {
  return verdict('lookups_mixed', { reasons: reasonsOfLookups(failed) })
}

export function reasonsOfLookups(failed: readonly LookupReport[]): string {
  return formatList(
    failed.map(({ kind, address, fault }) => {
      const reason = fault?.reason ?? ''
      return reason.includes(address) ? `${kind}: ${reason}` : `${kind} ${address}: ${reason}`
    }),
  )
}

function judgeAlike(
  kind: FaultKind,
  first: LookupReport,
  failed: readonly LookupReport[],
): Verdict {
  const hosts = formatList(failed.map(({ address }) => address))
  const { setting, daemon } = NAMES[first.kind]
  const reason = first.fault?.reason ?? ''
  switch (kind) {
    case 'refused':
      return verdict('trackers_refuse', { hosts, setting, daemon })
    case 'unreachable':
    case 'no_connection':
      return verdict('trackers_unreachable', { hosts, setting })
    case 'silent':
    case 'slow':
      return verdict('trackers_hang', { hosts, setting, daemon })
    case 'garbage':
    case 'lost':
      return verdict('trackers_garbage', { hosts, setting, daemon })
    case 'error':
      return first.kind === 'FastDFS tracker'
        ? verdict('tracker_refuses', { host: first.address, reason })
        : verdict('trackers_fail', { hosts, reason })
    case 'login':
      return verdict('database_login', { reason })
    case 'no_such_command':
      return verdict('tracker_is_storage', { hosts, setting })
    case 'other':
      return mixed(failed)
  }
}
