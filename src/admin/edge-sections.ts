import { html } from 'hono/html'
import { formatBytes } from './byte-text.ts'
import { formatAgo, formatDuration } from './duration-text.ts'
import { type Html, state, table } from './layout.ts'
import { formatCount, formatPercent, formatRate } from './number-text.ts'
import { bar, clip, section } from './page-parts.ts'
import { type CacheReport, TRAFFIC_SPAN_MS, TRAFFIC_SPANS } from './process-report.ts'
import type { ProcessTotal } from './process-total.ts'
import { lastMinute, type Status } from './status.ts'
import { type ChartParts, trafficChart } from './traffic-chart.ts'

const SPAN_SECONDS = TRAFFIC_SPAN_MS / 1000
/** The page is for the newest; `/status` has all. */
const FAILURES_SHOWN = 12

/** Requests, errors and bytes, three small charts of one kind. */
export function trafficSection(status: Status): Html {
  const { requests, errors, bytes, seconds } = lastMinute(status)
  const { requestsUnderWay, connections } = status.total
  const share = formatPercent(errors / Math.max(1, requests))
  const cards = [
    card(`${formatRate(requests / seconds)} requests/s`, {
      about: `${formatCount(requestsUnderWay)} under way, ${formatCount(connections)} connections`,
      chart: chart(status, 'requests', (value) => `${formatRate(value)}/s`),
    }),
    card(`${share} errors`, {
      about: `${formatCount(errors)} failed in the last minute`,
      chart: chart(status, 'errors', (value) => `${formatRate(value)}/s`),
    }),
    card(`${formatBytes(Math.round(bytes / seconds))}/s`, {
      about: 'of pictures, videos and whatever else',
      chart: chart(status, 'bytes', (value) => `${formatBytes(Math.round(value))}/s`),
    }),
  ]
  return section('The last ten minutes', html`<div class="cards">${cards}</div>`)
}

function card(figure: string, { about, chart }: { about: string; chart: Html }): Html {
  return html`<div class="card"><h3 class="figure">${figure}</h3>
<p class="quiet">${about}</p>
${chart}</div>`
}

/** Without the span that is not over yet: its rate would always fall. */
function chart(
  { total, now }: Status,
  what: 'requests' | 'errors' | 'bytes',
  format: ChartParts['format'],
): Html {
  const whole = total.traffic.filter(({ startsAt }) => startsAt + TRAFFIC_SPAN_MS <= now)
  const points = whole.map((span) => ({
    at: span.startsAt + TRAFFIC_SPAN_MS,
    value: span[what] / SPAN_SECONDS,
  }))
  const title = `${what[0]?.toUpperCase()}${what.slice(1)} a second`
  const spanMs = TRAFFIC_SPANS * TRAFFIC_SPAN_MS
  const base = what === 'bytes' ? 1024 : 1000
  const kind = what === 'errors' ? { kind: what } : {}
  return trafficChart({ id: what, title, points, now, spanMs, format, base, ...kind })
}

const CACHE_NAMES = {
  objects: 'files in memory',
  'fastdfs locations': 'places of FastDFS files',
  'mogilefs locations': 'places of MogileFS files',
  'verify pool': 'memory for checks',
} as const satisfies Record<CacheReport['name'], string>

export function cachesSection({ total }: Status): Html {
  const columns = [
    { name: 'cache' },
    { name: 'full' },
    { name: 'entries', isNumber: true },
    { name: 'size', isNumber: true },
    { name: 'found there', isNumber: true },
  ]
  const rows = total.caches.map((cache) => {
    const { name, entries, bytes, hits, misses } = cache
    // Nobody looks for a file in that memory: it is had or not.
    const asked = name === 'verify pool' ? 0 : hits + misses
    return [
      CACHE_NAMES[name],
      bar(fullnessOf(cache)),
      formatCount(entries),
      bytes === null ? '–' : formatBytes(bytes),
      asked === 0 ? '–' : formatPercent(hits / asked),
    ]
  })
  return section('Caches', html`<div class="card">${table('Caches', columns, rows)}</div>`)
}

function fullnessOf({ entries, maxEntries, bytes, maxBytes }: CacheReport): number {
  const byBytes = bytes === null || maxBytes === null ? 0 : bytes / Math.max(1, maxBytes)
  const byEntries = maxEntries === null ? 0 : entries / Math.max(1, maxEntries)
  return Math.max(byBytes, byEntries)
}

export function processesSection({ processes, now }: Status): Html {
  const columns = [
    { name: 'process' },
    { name: 'runs for', isNumber: true },
    { name: 'memory', isNumber: true },
    { name: 'heap', isNumber: true },
    { name: 'event loop lag', isNumber: true },
    { name: 'under way', isNumber: true },
    { name: 'connections', isNumber: true },
  ]
  const rows = processes.map((one) => [
    `${one.pid}`,
    formatDuration(now - one.startedAt),
    formatBytes(one.rssBytes),
    formatBytes(one.heapUsedBytes),
    `${one.eventLoopLagMs < 10 ? one.eventLoopLagMs.toFixed(1) : Math.round(one.eventLoopLagMs)} ms`,
    formatCount(one.requestsUnderWay),
    formatCount(one.connections),
  ])
  const body = table('Edge processes', columns, rows)
  return section('Edge processes', html`<div class="card">${body}</div>`)
}

/** Every host that the edge had to do with: what it has seen of it, and connections to it. */
export function hostsSection({ total }: Status): Html {
  const columns = [
    { name: 'host' },
    { name: 'seen as' },
    { name: 'connections', isNumber: true },
    { name: 'waiting', isNumber: true },
    { name: 'failures', isNumber: true },
    { name: 'silences', isNumber: true },
    { name: 'wrong contents', isNumber: true },
  ]
  const names = new Set([...total.pools, ...total.hosts].map(({ host }) => host))
  const rows = Array.from(names, (host) => hostRow(host, total))
  if (rows.length === 0)
    return section('Connections', quietCard('No host was asked for anything yet.'))
  const body = table('Connections to daemons', columns, rows)
  return section('Connections', html`<div class="card">${body}</div>`)
}

function hostRow(name: string, { pools, hosts }: ProcessTotal): readonly unknown[] {
  const pool = pools.find(({ host }) => host === name)
  const seen = hosts.find(({ host }) => host === name)
  return [
    clip(name),
    seen?.isFailing ? state('bad', 'failing') : state('ok', 'well'),
    pool === undefined ? '–' : `${pool.open - pool.idle} busy, ${pool.idle} idle`,
    formatCount(pool?.waiting ?? 0),
    ...[seen?.failures, seen?.silences, seen?.wrongContents].map((count) =>
      formatCount(count ?? 0),
    ),
  ]
}

export function failuresSection({ total, now }: Status): Html {
  const columns = [
    { name: 'when' },
    { name: 'where' },
    { name: 'what happened' },
    { name: 'times', isNumber: true },
  ]
  const shown = total.failures.slice(0, FAILURES_SHOWN)
  if (shown.length === 0) return section('Last failures', quietCard('Nothing has failed.'))
  const rows = shown.map(({ at, host, ref, code, reason, count }) => [
    formatAgo(at, now),
    clip(host ?? 'this edge'),
    html`${clip(reason)}<small class="why">${code}${ref === null ? '' : `, ${clip(ref)}`}</small>`,
    formatCount(count),
  ])
  const body = table('Last failures, newest first', columns, rows)
  return section('Last failures', html`<div class="card">${body}</div>`)
}

function quietCard(text: string): Html {
  return html`<p class="card quiet">${text}</p>`
}
