import {
  type CacheReport,
  FAILURES_MAX,
  type FailureReport,
  type HostReport,
  type PoolReport,
  type ProcessReport,
  TRAFFIC_SPAN_MS,
  TRAFFIC_SPANS,
  type TrafficSpan,
} from './process-report.ts'

/** What all edge processes did together, each list as in one report. */
export interface ProcessTotal {
  readonly requestsUnderWay: number
  readonly connections: number
  readonly rssBytes: number
  readonly traffic: readonly TrafficSpan[]
  readonly caches: readonly CacheReport[]
  readonly pools: readonly PoolReport[]
  readonly hosts: readonly HostReport[]
  readonly failures: readonly FailureReport[]
}

/** The sum of reports; a process that came later has nothing for the time before. */
export function totalOf(processes: readonly ProcessReport[]): ProcessTotal {
  return {
    requestsUnderWay: sum(processes.map(({ requestsUnderWay }) => requestsUnderWay)),
    connections: sum(processes.map(({ connections }) => connections)),
    rssBytes: sum(processes.map(({ rssBytes }) => rssBytes)),
    traffic: addTraffic(processes.flatMap(({ traffic }) => traffic)),
    caches: merged(
      processes,
      ({ caches }) => caches,
      ({ name }) => name,
      addCaches,
    ),
    pools: merged(
      processes,
      ({ pools }) => pools,
      ({ host }) => host,
      addPools,
    ).toSorted((a, b) => b.open - b.idle - (a.open - a.idle)),
    hosts: merged(
      processes,
      ({ hosts }) => hosts,
      ({ host }) => host,
      addHosts,
    ),
    failures: merged(processes, ({ failures }) => failures, nameOfFailure, addFailures)
      .toSorted((a, b) => b.at - a.at)
      .slice(0, FAILURES_MAX),
  }
}

/** Items of all processes that have one name become one, in the order in which they come. */
function merged<T>(
  processes: readonly ProcessReport[],
  itemsOf: (report: ProcessReport) => readonly T[],
  nameOf: (item: T) => string,
  add: (a: T, b: T) => T,
): readonly T[] {
  const groups = Map.groupBy(processes.flatMap(itemsOf), nameOf)
  return Array.from(groups.values(), (items) => items.reduce(add))
}

/** Without gaps, and no longer than one process tells. */
function addTraffic(spans: readonly TrafficSpan[]): readonly TrafficSpan[] {
  if (spans.length === 0) return []
  const byTime = Map.groupBy(spans, ({ startsAt }) => startsAt)
  const last = Math.max(...byTime.keys())
  const first = Math.max(Math.min(...byTime.keys()), last - (TRAFFIC_SPANS - 1) * TRAFFIC_SPAN_MS)
  const count = Math.round((last - first) / TRAFFIC_SPAN_MS) + 1
  return Array.from({ length: count }, (_, index) => {
    const startsAt = first + index * TRAFFIC_SPAN_MS
    const those = byTime.get(startsAt) ?? []
    return {
      startsAt,
      requests: sum(those.map(({ requests }) => requests)),
      errors: sum(those.map(({ errors }) => errors)),
      bytes: sum(those.map(({ bytes }) => bytes)),
    }
  })
}

function addCaches(a: CacheReport, b: CacheReport): CacheReport {
  return {
    name: a.name,
    entries: a.entries + b.entries,
    maxEntries: addLimits(a.maxEntries, b.maxEntries),
    bytes: addLimits(a.bytes, b.bytes),
    maxBytes: addLimits(a.maxBytes, b.maxBytes),
    hits: a.hits + b.hits,
    misses: a.misses + b.misses,
  }
}

function addPools(a: PoolReport, b: PoolReport): PoolReport {
  return {
    host: a.host,
    open: a.open + b.open,
    idle: a.idle + b.idle,
    waiting: a.waiting + b.waiting,
    max: a.max + b.max,
  }
}

function addHosts(a: HostReport, b: HostReport): HostReport {
  return {
    host: a.host,
    isFailing: a.isFailing || b.isFailing,
    failures: a.failures + b.failures,
    silences: a.silences + b.silences,
    wrongContents: a.wrongContents + b.wrongContents,
  }
}

function nameOfFailure({ kind, host, ref, code }: FailureReport): string {
  return JSON.stringify([kind, host, ref, code])
}

/** The words of the later one. */
function addFailures(a: FailureReport, b: FailureReport): FailureReport {
  return { ...(a.at >= b.at ? a : b), count: a.count + b.count }
}

function addLimits(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a + b
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0)
}
