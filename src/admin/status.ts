import type { ClusterReport } from './cluster-report.ts'
import { type ProcessReport, TRAFFIC_SPAN_MS, type TrafficSpan } from './process-report.ts'
import { type ProcessTotal, totalOf } from './process-total.ts'

/** What `/status` answers, and the page shows. Times are milliseconds since 1970. */
export interface Status {
  readonly version: string
  /** When the primary was. */
  readonly startedAt: number
  readonly now: number
  readonly uptimeSeconds: number
  readonly processes: readonly ProcessReport[]
  readonly total: ProcessTotal
  readonly clusters: ClusterReport
  /** What an operator should know, although the edge serves. */
  readonly warnings: readonly string[]
}

export type StatusFacts = Omit<Status, 'uptimeSeconds' | 'total'>

export function statusOf(facts: StatusFacts): Status {
  const { now, startedAt, processes } = facts
  const uptimeSeconds = Math.max(0, Math.floor((now - startedAt) / 1000))
  return { ...facts, uptimeSeconds, total: totalOf(processes) }
}

const MINUTE_MS = 60_000

/** What happened in the last minute, and in which time: spans are whole, and the last is not over. */
export function lastMinute({ total, now }: Pick<Status, 'total' | 'now'>): {
  readonly requests: number
  readonly errors: number
  readonly bytes: number
  readonly seconds: number
} {
  const spans = total.traffic.filter(({ startsAt }) => startsAt > now - MINUTE_MS - TRAFFIC_SPAN_MS)
  const add = (of: (span: TrafficSpan) => number): number =>
    spans.reduce((sum, span) => sum + of(span), 0)
  const seconds = Math.max(1, (now - (spans[0]?.startsAt ?? now)) / 1000)
  return {
    requests: add(({ requests }) => requests),
    errors: add(({ errors }) => errors),
    bytes: add(({ bytes }) => bytes),
    seconds,
  }
}
