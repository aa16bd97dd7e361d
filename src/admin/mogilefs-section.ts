import { html } from 'hono/html'
import type { DatabaseState } from '../client/sql-replication.ts'
import { formatBytes } from './byte-text.ts'
import type {
  MogilefsDeviceReport,
  MogilefsHostReport,
  MogilefsReport,
  MogilefsTrackerReport,
} from './cluster-report.ts'
import { formatDuration } from './duration-text.ts'
import { type Html, state, table } from './layout.ts'
import { isLagging } from './mogilefs-concerns.ts'
import { formatStates, isAsItShould, isInUse } from './mogilefs-problems.ts'
import { formatCount } from './number-text.ts'
import { answerState, bar, clip, section } from './page-parts.ts'

const MIB = 1024 ** 2

export function mogilefsSection({ trackers, hosts, devices }: MogilefsReport): Html {
  const statusOf = new Map(hosts.map(({ hostid, status }) => [hostid, status]))
  const daemons = [
    tableCard('MogileFS trackers', ['tracker', 'state', 'its database'], trackers.map(trackerRow)),
    tableCard('MogileFS hosts', ['host', 'address', 'set to', 'state'], hosts.map(hostRow)),
  ]
  const cards = [
    html`<div class="cards pair">${daemons}</div>`,
    tableCard(
      'MogileFS devices',
      ['device', 'host', 'set to', 'seen as', 'used'],
      devices.map((device) => deviceRow(device, statusOf.get(device.hostid) ?? 'dead')),
    ),
  ]
  return section('MogileFS', html`${cards}`)
}

function tableCard(
  caption: string,
  names: readonly string[],
  rows: readonly (readonly unknown[])[],
): Html | '' {
  if (rows.length === 0) return ''
  const columns = names.map((name) => ({ name }))
  return html`<div class="card">${table(caption, columns, rows)}</div>`
}

function trackerRow({ tracker, error, databaseError }: MogilefsTrackerReport): readonly unknown[] {
  const database = error === null ? answerState(databaseError) : state('off', 'unknown')
  return [clip(tracker), answerState(error), database]
}

function hostRow(host: MogilefsHostReport): readonly unknown[] {
  const { hostname, hostip, httpPort, error } = host
  const answers = isInUse(host) ? answerState(error) : state('off', 'not asked')
  return [clip(hostname), clip(`${hostip}:${httpPort}`), statusWord(host), answers]
}

function deviceRow(device: MogilefsDeviceReport, hostStatus: string): readonly unknown[] {
  const { devid, hostname, mbUsed, mbTotal } = device
  const space = `${formatBytes(mbUsed * MIB)} of ${formatBytes(mbTotal * MIB)}`
  const used = mbTotal === 0 ? '–' : html`${space}${bar(mbUsed / mbTotal)}`
  return [`dev${devid}`, clip(hostname), statusWord(device), seenState(device, hostStatus), used]
}

function statusWord({ status }: { readonly status: string }): Html | string {
  return status === 'down' ? state('look', status) : clip(status)
}

function seenState(device: MogilefsDeviceReport, hostStatus: string): Html {
  const { error } = device
  const word = clip(formatStates(device))
  if (!isInUse(device) || !isInUse({ status: hostStatus })) return state('off', word)
  if (error !== null)
    return html`${state('bad', 'no answer')}<small class="why">${clip(error)}</small>`
  return state(isAsItShould(device, hostStatus) ? 'ok' : 'look', word)
}

export function databasesSection(databases: readonly DatabaseState[]): Html {
  const rows = databases.map(({ host, role, error, lag }) => [
    clip(host),
    role,
    answerState(error),
    lagOf(lag),
  ])
  return section(
    'Databases',
    html`${tableCard('Databases', ['database', 'role', 'state', 'behind'], rows)}`,
  )
}

function lagOf(lag: DatabaseState['lag']): Html | string {
  if (lag === null) return '–'
  const how = isLagging(lag) ? 'look' : 'ok'
  switch (lag.kind) {
    case 'seconds':
      return state(how, formatDuration(lag.seconds * 1000))
    case 'files':
      return html`${state(how, `${formatCount(lag.files)} files at most`)}<small>by the newest fid</small>`
    case 'stopped':
      return html`${state(how, 'stopped')}<small class="why">${clip(lag.reason)}</small>`
    case 'unknown':
      return html`${state('off', 'unknown')}<small class="why">${clip(lag.reason)}</small>`
  }
}
