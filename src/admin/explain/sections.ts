import { formatRef } from '../../resolver/resolver.ts'
import type {
  AnswerReport,
  Explanation,
  IdReport,
  NginxReport,
  Reading,
  ReplicaOutcome,
  ReplicaReport,
  TokenReport,
} from './explanation.ts'
import { formatDuration, formatTime } from './format.ts'

/** A part of an explanation as people read it, on a terminal or on a page. */
export interface Section {
  readonly title: string
  readonly pairs: readonly (readonly [string, string])[]
  readonly table: { readonly head: readonly string[]; readonly rows: readonly string[][] } | null
  readonly lines: readonly string[]
}

const EMPTY: Omit<Section, 'title'> = { pairs: [], table: null, lines: [] }

/** In the order in which the edge goes about it; what has nothing to say is left out. */
export function sectionsOf(explanation: Explanation): readonly Section[] {
  const { reading, id, token, answer, notes } = explanation
  const sections: readonly Section[] = [
    { ...EMPTY, title: 'URL', pairs: readingPairs(reading), lines: reading.notes },
    { ...EMPTY, title: 'id', pairs: id === null ? [] : idPairs(id), lines: id?.oddities ?? [] },
    { ...EMPTY, title: 'token', pairs: tokenPairs(token) },
    lookupSection(explanation),
    { ...EMPTY, title: 'replicas', table: replicaTable(explanation.replicas) },
    { ...EMPTY, title: 'this host', pairs: hostPairs(explanation) },
    { ...EMPTY, title: 'answer', pairs: answer === null ? [] : answerPairs(answer) },
    { ...EMPTY, title: 'notes', lines: notes },
  ]
  return sections.filter(
    ({ pairs, table, lines }) => pairs.length > 0 || table !== null || lines.length > 0,
  )
}

type Pairs = [string, string][]

function readingPairs({ path, host, vhostDomain, ref }: Reading): Pairs {
  const pairs: Pairs = [['path', path ?? 'none: it cannot be decoded']]
  if (host !== null) pairs.push(['host', host])
  if (vhostDomain !== null) pairs.push(['[vhost]', `domain ${vhostDomain}`])
  if (ref === null) return pairs
  if (ref.system === 'fastdfs') {
    return [...pairs, ['system', 'FastDFS'], ['group', ref.groupName], ['filename', ref.filename]]
  }
  return [...pairs, ['system', 'MogileFS'], ['domain', ref.domain], ['key', ref.key]]
}

function idPairs(id: IdReport): Pairs {
  const { kind, source, createTimestamp, size, crc32, storePathIndex, trunk } = id
  const pairs: Pairs = [
    ['kind', kind],
    ['source', source],
    ['created', formatTime(createTimestamp)],
    ['size', size === null ? 'only the storages know' : `${size}`],
    ['crc32', crc32 === null ? 'only the storages know' : crc32.toString(16).padStart(8, '0')],
    ['store path', `store_path${storePathIndex}`],
  ]
  if (trunk === null) return pairs
  return [...pairs, ['trunk', `file ${trunk.id}, offset ${trunk.offset}, ${trunk.allocSize} bytes`]]
}

function tokenPairs(token: TokenReport): Pairs {
  const { isChecked, expectedInput, state, leftSeconds, clockDifferenceSeconds } = token
  if (expectedInput === null) {
    return isChecked ? [] : [['checked', 'no (http.anti_steal.check_token is off)']]
  }
  const pairs: Pairs = [
    [
      'checked',
      isChecked ? 'yes, by the edge and by nginx' : 'no, unless nginx has token_check.conf',
    ],
    ['md5 of', expectedInput],
    ['given', token.token ?? 'none'],
    ['ts', tsText(token.ts)],
    ['result', state],
  ]
  if (leftSeconds !== null) pairs.push(['time left', leftText(leftSeconds)])
  if (clockDifferenceSeconds !== null) pairs.push(['clock', clockText(clockDifferenceSeconds)])
  return pairs
}

function tsText(ts: string | null): string {
  if (ts === null) return 'none'
  return /^[0-9]{1,11}$/.test(ts) && ts !== '0' ? `${ts} (${formatTime(Number(ts))})` : ts
}

function leftText(seconds: number): string {
  return seconds >= 0 ? formatDuration(seconds) : `none, it ended ${formatDuration(seconds)} ago`
}

function clockText(seconds: number): string {
  if (seconds === 0) return 'the Date given agrees with this host'
  const side = seconds > 0 ? 'ahead of' : 'behind'
  return `the Date given is ${formatDuration(seconds)} ${side} this host`
}

function lookupSection({ lookups, file }: Explanation): Section {
  const rows = lookups.map(({ kind, address, answer, ms }) => [kind, address, answer, `${ms} ms`])
  const pairs: Pairs =
    file === null
      ? []
      : [
          ['fid', `${file.fid}`],
          ['class', file.className ?? 'not asked'],
          ['length', `${file.length ?? 'unknown'}`],
          ['devcount', `${file.devcount}`],
          ['checksum', file.checksum ?? 'none, its class has no hash type'],
        ]
  const table = rows.length === 0 ? null : { head: ['asked', 'address', 'answer', 'time'], rows }
  return { ...EMPTY, title: 'where it is', pairs, table }
}

function replicaTable(replicas: readonly ReplicaReport[]): Section['table'] {
  if (replicas.length === 0) return null
  const head = ['storage', 'asked at', 'readers', 'state', 'answer', 'time']
  const rows = replicas.map((replica) => [
    `${replica.registered}${replica.isSource ? ' (source)' : ''}`,
    replica.address,
    replica.isOffered ? 'yes' : 'no',
    replica.state,
    outcomeText(replica.outcome),
    `${replica.ms} ms`,
  ])
  return { head, rows }
}

function outcomeText(outcome: ReplicaOutcome): string {
  switch (outcome.kind) {
    case 'absent':
      return 'has no such file'
    case 'failed':
      return outcome.fault.reason
    case 'has': {
      const { size, modified, type, isSizeRight, isChecksumRight } = outcome
      const sum =
        isChecksumRight === null ? [] : [isChecksumRight ? 'checksum right' : 'WRONG BYTES']
      return [
        `${size} bytes${isSizeRight ? '' : ' (WRONG SIZE)'}`,
        ...(modified === null ? [] : [`of ${formatTime(modified)}`]),
        ...(type === null ? [] : [type]),
        ...sum,
      ].join(', ')
    }
  }
}

function hostPairs({ localFile, nginx }: Explanation): Pairs {
  const pairs: Pairs = []
  if (localFile !== null) {
    const { path, size, trouble } = localFile
    pairs.push(['store path', [path, trouble ?? `${size} bytes, served from here`].join(': ')])
  }
  if (nginx !== null) pairs.push(['nginx cache', nginxText(nginx)])
  return pairs
}

function nginxText({ path, status, ageSeconds, expiresInSeconds }: NginxReport): string {
  if (status === null) return `nothing in ${path}`
  if (ageSeconds === null || expiresInSeconds === null) return `${status} in ${path}`
  const end =
    expiresInSeconds >= 0
      ? `good for ${formatDuration(expiresInSeconds)}`
      : `stale for ${formatDuration(expiresInSeconds)}`
  return `${status}, ${formatDuration(ageSeconds)} old, ${end}, in ${path}`
}

function answerPairs({ status, type, size, order, error, ms }: AnswerReport): Pairs {
  const what = status === 200 ? `, ${size} bytes, ${type}` : ''
  const pairs: Pairs = [['status', `${status}${what}, after ${ms} ms`]]
  if (order.length > 0) pairs.push(['order', order.join(', ')])
  if (error !== null) pairs.push(['log', `${error.code}: ${error.message}`])
  return pairs
}

/** The one line that says it all. */
export function headlineOf({ url, reading, verdict, answer }: Explanation): string {
  const name = reading.ref === null ? url : formatRef(reading.ref)
  return `${answer?.status ?? verdict.status} ${verdict.cause}: ${name}`
}
