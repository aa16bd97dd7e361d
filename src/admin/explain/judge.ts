import { type FileId, isMetadataName, parseFileId } from '../../wire/fastdfs/file-id.ts'
import { storageStatusName } from '../../wire/fastdfs/tracker-messages.ts'
import { type Verdict, verdict } from './causes.ts'
import type { FastdfsEvidence } from './explain-fastdfs.ts'
import type { MogilefsEvidence } from './explain-mogilefs.ts'
import type { AnswerReport, Evidence, ReplicaReport } from './explanation.ts'
import { formatNames } from './format.ts'
import { judgeLookups, reasonsOfLookups } from './judge-lookups.ts'
import { isGood, judgeReplicas, reasonsOf } from './judge-replicas.ts'

/** What the systems' own questions brought to light. */
export interface Findings {
  readonly fastdfs: FastdfsEvidence | null
  readonly mogilefs: MogilefsEvidence | null
  readonly groups: readonly string[]
  readonly domains: readonly string[]
  readonly hasFastdfs: boolean
  readonly hasGroupName: boolean
  nearest(name: string, names: readonly string[]): string | undefined
}

/** The one cause, in the order in which the edge itself looks. */
export function judge(evidence: Evidence, findings: Findings): Verdict {
  const { reading, token, answer } = evidence
  const early = reading.fault ?? token.fault
  if (early !== null) return early
  if (answer?.status === 200) return judgeServed(evidence, answer, findings)
  return judgeFlvStart(evidence) ?? judgeFile(evidence, findings) ?? judgeByError(answer)
}

function judgeFile({ reading }: Evidence, findings: Findings): Verdict | undefined {
  const { ref } = reading
  if (ref === null) return undefined
  if (ref.system === 'mogilefs') return judgeMogilefs(ref, reading.path ?? '', findings)
  if (isMetadataName(ref.filename)) return verdict('metadata_name', {})
  const id = parseFileId(ref)
  return id && judgeFastdfs(id, findings)
}

function judgeServed(
  { id, lookups, replicas, localFile }: Evidence,
  { size, type, order }: AnswerReport,
  { mogilefs }: Findings,
): Verdict {
  if (id?.size != null && `${id.size}` !== size && localFile?.trouble !== null) {
    return verdict('served_other_size', { size: `${size}`, type: `${type}`, wanted: `${id.size}` })
  }
  const bad = replicas.filter((replica) => replica.isOffered && !isGood(replica))
  const silent = lookups.filter(({ fault }) => fault !== null)
  const values = { size: `${size}`, type: `${type}`, host: order[0] ?? localFile?.path ?? 'memory' }
  const troubles = [
    ...(bad.length > 0 ? [reasonsOf(bad)] : []),
    ...(silent.length > 0 ? [reasonsOfLookups(silent)] : []),
    ...(mogilefs?.unlisted ?? []).map((name) => `a tracker names ${name}, which is no listed host`),
  ]
  if (troubles.length === 0) return verdict('served', values)
  const good = replicas.find(isGood)?.address
  const host = localFile?.trouble === null ? localFile.path : (good ?? values.host)
  return verdict('served_despite', { ...values, host, trouble: troubles.join('; ') })
}

/** The only 400 of a file that is there. */
function judgeFlvStart({ answer, reading, replicas, url }: Evidence): Verdict | undefined {
  if (answer?.status !== 400 || reading.ref === null) return undefined
  const [, start = ''] = /[?&]start=([0-9]+)/.exec(url) ?? []
  const [size] = replicas.flatMap(({ outcome }) => (outcome.kind === 'has' ? outcome.size : []))
  return verdict('flv_start', { start, size: `${size ?? 'fewer'}` })
}

function judgeFastdfs(id: FileId, { fastdfs, groups, nearest }: Findings): Verdict | undefined {
  if (fastdfs === null) return undefined
  const { groupName: group } = id
  const { lookups, lists, storages, replicas } = fastdfs
  const silent = judgeLookups(lookups)
  if (silent !== undefined) return silent
  if (!lists.some((list) => list !== null && list.servers.length > 0)) {
    if (groups.includes(group) || storages !== null) {
      const states = (storages ?? []).map(
        ({ ipAddr, status }) => `${ipAddr} is ${storageStatusName(status)}`,
      )
      return verdict('group_down', { group, states: states.join(', ') || 'it has none' })
    }
    const guess = nearest(group, groups)
    return verdict('unknown_group', {
      group,
      nearest: guess === undefined ? '' : ` (did you mean "${guess}"?)`,
      known: formatNames(groups),
    })
  }
  return judgeReplicas(replicas.filter(isAsked), {
    daemon: 'fdfs_storaged',
    wantedSize: id.size,
    wantedSum: `crc32 ${id.crc32?.toString(16).padStart(8, '0')} in the id`,
    gone: (hosts) => verdict('file_gone', { group, hosts }),
  })
}

/** A source that is down is offered by no tracker, and still nobody says "not found" without its word. */
function isAsked({ isOffered, isSource, outcome }: ReplicaReport): boolean {
  return isOffered || (isSource && outcome.kind === 'failed')
}

function judgeMogilefs(
  { domain, key }: { domain: string; key: string },
  path: string,
  findings: Findings,
): Verdict | undefined {
  const { mogilefs } = findings
  if (mogilefs === null) return undefined
  const { lookups, answers, file, replicas, unlisted } = mogilefs
  const silent = judgeLookups(lookups)
  if (silent !== undefined) return silent
  if (file === null) {
    const isKnown = answers.some(({ missing }) => missing === 'no_key')
    if (!isKnown) return judgeDomain(domain, path, findings)
    return judgeMissingKey({ domain, key }, mogilefs)
  }
  const fid = `${file.fid}`
  const offered = replicas.filter(({ isOffered }) => isOffered)
  if (offered.length === 0 && unlisted.length > 0) {
    return verdict('hosts_unlisted', { hosts: unlisted.join(', ') })
  }
  if (offered.length === 0) {
    const devices = replicas.map(({ registered, state }) => `${registered} (${state})`).join(', ')
    return verdict('no_readable_copy', { fid, devices: devices || 'it has no copy at all' })
  }
  if (offered.every(isDown)) {
    const devices = offered.map(({ registered, state }) => `${registered}: ${state}`).join('; ')
    return verdict('device_down', { devices })
  }
  return judgeReplicas(offered, {
    daemon: 'mogstored',
    wantedSize: file.length,
    wantedSum: `${file.checksum} in the database`,
    gone: (hosts) => verdict('copies_gone', { fid, hosts }),
  })
}

/** Marked down by an operator, and without an answer. */
function isDown({ state, outcome }: ReplicaReport): boolean {
  if (outcome.kind !== 'failed' || !/\b(?:down|dead)\b/.test(state)) return false
  return !['silent', 'no_connection', 'slow'].includes(outcome.fault.kind)
}

/** Also where the other system was meant. */
function judgeDomain(domain: string, path: string, findings: Findings): Verdict {
  const { domains, hasFastdfs, hasGroupName, nearest } = findings
  if (hasFastdfs && hasGroupName && /^M[0-9A-Fa-f]{2}$/.test(domain)) {
    return verdict('group_missing', { store: domain, path })
  }
  if (!hasFastdfs && /^\/[^/]+\/M[0-9A-Fa-f]{2}\/[0-9A-F]{2}\//.test(path)) {
    return verdict('fastdfs_off', { path })
  }
  const guess = nearest(domain, domains)
  return verdict('unknown_domain', {
    domain,
    nearest: guess === undefined ? '' : ` (did you mean "${guess}"?)`,
    known: formatNames(domains),
  })
}

function judgeMissingKey(
  { domain, key }: { domain: string; key: string },
  { lookups, answers, twin }: MogilefsEvidence,
): Verdict {
  const isFinal = answers.some(({ isAuthoritative }) => isAuthoritative)
  const silent = lookups.filter(({ kind, fault }) => kind === 'database' && fault !== null)
  const hasTracker = lookups.some(({ kind, fault }) => kind !== 'database' && fault === null)
  if (!isFinal && !hasTracker && silent.length > 0) {
    const hosts = silent.map(({ address }) => address).join(', ')
    return verdict('primary_needed', { hosts, reason: silent[0]?.fault?.reason ?? '' })
  }
  if (twin === null) return verdict('unknown_key', { domain, key })
  const values = { domain, key, twin, leading_slash: `${twin.startsWith('/')}` }
  return verdict('key_twin', values)
}

/** By the fault of the edge itself, where the questions show nothing. */
function judgeByError(answer: AnswerReport | null): Verdict {
  const code = answer?.error?.code
  const reason = answer?.error?.message ?? 'it gives no reason'
  switch (code) {
    case 'overloaded':
    case 'pool_exhausted':
      return verdict('overloaded', {})
    case 'no_tracker':
    case 'no_replica':
      return verdict('lookup_failed', { reason })
    case 'too_slow':
      return verdict('too_slow', { hosts: reason.split(':', 1)[0] ?? '' })
    case 'local_file':
    case 'invalid_config':
      return verdict('edge_fault', { reason })
    case undefined:
      return answer?.status === 500
        ? verdict('edge_fault', { reason })
        : verdict('failed', { reason })
    default:
      return verdict('failed', { reason })
  }
}
