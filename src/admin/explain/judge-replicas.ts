import { type Verdict, verdict } from './causes.ts'
import type { ReplicaReport } from './explanation.ts'
import type { FaultKind } from './fault.ts'
import { formatList } from './format.ts'

/** What the judgement needs to know beside the replicas. */
export interface ReplicaContext {
  readonly daemon: 'fdfs_storaged' | 'mogstored'
  /** Bytes that the file should have, or the checksum. */
  readonly wantedSize: number | null
  readonly wantedSum: string
  /** What it means that every one says "not here". */
  gone(hosts: string): Verdict
}

/** Why no replica gives the file; undefined: one of them gives it. */
export function judgeReplicas(
  offered: readonly ReplicaReport[],
  context: ReplicaContext,
): Verdict | undefined {
  const bad = offered.filter((replica) => !isGood(replica))
  if (bad.length < offered.length || offered.length === 0) return undefined
  const absent = bad.filter(({ outcome }) => outcome.kind === 'absent')
  const failed = bad.filter(({ outcome }) => outcome.kind !== 'absent')
  if (failed.length === 0) return context.gone(hostsOf(absent))
  const source = offered.find(({ isSource }) => isSource)
  if (source !== undefined && absent.includes(source)) {
    return verdict('file_gone_at_source', { source: source.address, others: reasonsOf(failed) })
  }
  if (source !== undefined && absent.length > 0 && failed.length === 1 && isSilentOrDown(source)) {
    return judgeDelay(source, absent, context)
  }
  return judgeFailed(failed, context)
}

export function isGood({ outcome }: ReplicaReport): boolean {
  return outcome.kind === 'has' && outcome.isSizeRight && outcome.isChecksumRight !== false
}

/** In a few words. */
export function troubleOf({ outcome }: ReplicaReport): string {
  switch (outcome.kind) {
    case 'absent':
      return 'does not have the file'
    case 'failed':
      return TROUBLES[outcome.fault.kind]
    case 'has':
      if (!outcome.isSizeRight) return `has ${outcome.size} bytes, which is not its size`
      return outcome.isChecksumRight === false ? 'has wrong bytes' : 'has it'
  }
}

const TROUBLES = {
  refused: 'is down (connection refused)',
  unreachable: 'cannot be reached',
  no_connection: 'takes no connection in time',
  silent: 'does not answer',
  slow: 'is too slow',
  lost: 'breaks the connection',
  garbage: 'speaks another protocol',
  error: 'answers with an error',
  no_such_command: 'refuses the question (22)',
  login: 'refuses the login',
  other: 'fails',
} as const satisfies Record<FaultKind, string>

function isSilentOrDown({ outcome }: ReplicaReport): boolean {
  return outcome.kind === 'failed' && outcome.fault.kind !== 'error'
}

function judgeDelay(
  source: ReplicaReport,
  absent: readonly ReplicaReport[],
  { daemon }: ReplicaContext,
): Verdict {
  const isTimeout = isTimedOut(source)
  return verdict(isTimeout ? 'sync_delay_timeout' : 'sync_delay', {
    source: source.address,
    trouble: troubleOf(source),
    others: hostsOf(absent),
    daemon,
  })
}

function isTimedOut({ outcome }: ReplicaReport): boolean {
  if (outcome.kind !== 'failed') return false
  return ['silent', 'no_connection', 'slow'].includes(outcome.fault.kind)
}

function judgeFailed(failed: readonly ReplicaReport[], context: ReplicaContext): Verdict {
  const kinds = new Set(failed.map(kindOf))
  const [kind] = kinds
  if (kind !== undefined && kinds.size === 1) return judgeAlike(kind, failed, context)
  // Timeouts of both kinds are a timeout for the client.
  if (failed.every(isTimedOut)) return judgeAlike('silent', failed, context)
  return verdict('replicas_mixed', { reasons: reasonsOf(failed) })
}

type BadKind = FaultKind | 'cut' | 'wrong_sum'

function kindOf({ outcome }: ReplicaReport): BadKind {
  if (outcome.kind === 'failed') return outcome.fault.kind
  return outcome.kind === 'has' && outcome.isSizeRight ? 'wrong_sum' : 'cut'
}

function judgeAlike(
  kind: BadKind,
  failed: readonly ReplicaReport[],
  { daemon, wantedSize, wantedSum }: ReplicaContext,
): Verdict {
  const hosts = hostsOf(failed)
  const [first] = failed
  const registered = first?.registered.replace(/\/dev[0-9]+$/, '') ?? ''
  switch (kind) {
    case 'refused':
      return verdict('storages_refuse', { hosts, daemon, address_map: mappingOf(failed) })
    case 'unreachable':
      return verdict('storages_unreachable', { hosts, daemon, registered })
    case 'no_connection':
      return verdict('storages_no_connection', { hosts, registered })
    case 'silent':
      return verdict('storages_hang', { hosts, daemon })
    case 'slow':
      return verdict('too_slow', { hosts })
    case 'lost':
      return verdict('storages_break', { hosts, daemon })
    case 'garbage':
      return verdict('storages_garbage', { hosts, daemon })
    case 'error':
    case 'no_such_command':
      return verdict('storages_error', { hosts, daemon, reason: reasonOf(first) })
    case 'cut':
      return verdict('file_cut', { hosts, given: sizeOf(first), wanted: `${wantedSize}` })
    case 'wrong_sum':
      return verdict('checksum_wrong', { hosts, wanted: wantedSum })
    case 'login':
    case 'other':
      return verdict('replicas_mixed', { reasons: reasonsOf(failed) })
  }
}

/** Where addresses are mapped, the mapping may be what is wrong. */
function mappingOf(failed: readonly ReplicaReport[]): string {
  const mapped = failed.find(({ registered, address }) => !registered.startsWith(address))
  if (mapped === undefined) return ''
  return `; [address_map] leads there from ${mapped.registered}`
}

function sizeOf(replica: ReplicaReport | undefined): string {
  return replica?.outcome.kind === 'has' ? `${replica.outcome.size}` : 'no'
}

function reasonOf(replica: ReplicaReport | undefined): string {
  return replica?.outcome.kind === 'failed' ? replica.outcome.fault.reason : ''
}

function hostsOf(replicas: readonly ReplicaReport[]): string {
  return formatList([...new Set(replicas.map(({ address }) => address))])
}

export function reasonsOf(replicas: readonly ReplicaReport[]): string {
  return formatList(replicas.map((replica) => `${replica.address} ${troubleOf(replica)}`))
}
