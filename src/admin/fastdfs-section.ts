import { html } from 'hono/html'
import { formatBytes } from './byte-text.ts'
import {
  ACTIVE,
  type Counted,
  type FastdfsGroupReport,
  type FastdfsReport,
  type FastdfsStorageReport,
} from './cluster-report.ts'
import { formatAgo, formatDuration } from './duration-text.ts'
import { isBehind, isGone, isNearlyFull } from './fastdfs-concerns.ts'
import { type Html, state, table } from './layout.ts'
import { formatCount } from './number-text.ts'
import { answerState, bar, clip, section } from './page-parts.ts'

const MIB = 1024 ** 2

const COLUMNS = [
  { name: 'storage', width: 18 },
  { name: 'state', width: 24 },
  { name: 'version', width: 8 },
  { name: 'free', isNumber: true, width: 10 },
  { name: 'behind', isNumber: true, width: 10 },
  { name: 'heart beat', isNumber: true, width: 10 },
  { name: 'uploads', isNumber: true, width: 10 },
  { name: 'downloads', isNumber: true, width: 10 },
]

export function fastdfsSection({ trackers, groups }: FastdfsReport, now: number): Html {
  const cards = groups.map((group) => groupCard(group, now))
  const rows = trackers.map(({ tracker, error }) => [clip(tracker), answerState(error)])
  const columns = [{ name: 'tracker', width: 18 }, { name: 'state' }]
  const heads =
    rows.length === 0
      ? ''
      : html`<div class="card">${table('FastDFS trackers', columns, rows)}</div>`
  return section('FastDFS', html`${heads}${cards}`)
}

function groupCard(group: FastdfsGroupReport, now: number): Html {
  const { groupName, totalMb, freeMb, storages } = group
  const space = `${formatBytes(freeMb * MIB)} of ${formatBytes(totalMb * MIB)} free`
  const rows = storages.map((storage) => storageRow(storage, now))
  return html`<div class="card">
<div class="head"><h3>${groupName}</h3><span class="quiet">${space}</span></div>
${bar(1 - freeMb / Math.max(1, totalMb), isNearlyFull(group) ? 'look' : '')}
${table(`Storages of ${groupName}`, COLUMNS, rows)}
</div>`
}

function storageRow(storage: FastdfsStorageReport, now: number): readonly unknown[] {
  const { host, version, freeMb, totalMb, lastHeartBeatAt, uploads, downloads } = storage
  return [
    clip(host),
    storageState(storage),
    version,
    html`${formatBytes(freeMb * MIB)}<small>of ${formatBytes(totalMb * MIB)}</small>`,
    behindOf(storage),
    lastHeartBeatAt === null ? 'never' : formatAgo(lastHeartBeatAt, now),
    countOf(uploads),
    countOf(downloads),
  ]
}

function storageState(storage: FastdfsStorageReport): Html {
  const { states, error } = storage
  const word = states.join(', ')
  if (isGone(storage)) return state('off', word)
  if (error !== null)
    return html`${state('bad', 'no answer')}<small class="why">${word}: ${clip(error)}</small>`
  if (states.length === 1 && states[0] === ACTIVE) return state('ok', word)
  return state(states.includes('OFFLINE') && !states.includes(ACTIVE) ? 'bad' : 'look', word)
}

function behindOf(storage: FastdfsStorageReport): Html | string {
  const { syncDelaySeconds } = storage
  if (syncDelaySeconds === null) return '–'
  if (syncDelaySeconds === 'never') return 'nothing yet'
  const text = formatDuration(syncDelaySeconds * 1000)
  return isBehind(storage) ? state('look', text) : text
}

function countOf({ total, succeeded }: Counted): Html | string {
  const failed = total - succeeded
  if (failed <= 0) return formatCount(succeeded)
  return html`${formatCount(succeeded)}<small>${formatCount(failed)} failed</small>`
}
