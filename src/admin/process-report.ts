/**
 * What one edge process tells of itself: for `/status`, the status page and the metrics. The primary asks
 * every process and shows the sum. Plain data, for it crosses processes.
 */
export interface ProcessReport {
  readonly pid: number
  /** Milliseconds since 1970. */
  readonly startedAt: number
  readonly rssBytes: number
  readonly heapUsedBytes: number
  /** The 99th percentile since the report before. */
  readonly eventLoopLagMs: number
  readonly requestsUnderWay: number
  /** Clients' connections that are open. */
  readonly connections: number
  /** Oldest first, without gaps; the last one is not yet full. */
  readonly traffic: readonly TrafficSpan[]
  readonly caches: readonly CacheReport[]
  /** Connections to daemons, busiest first. */
  readonly pools: readonly PoolReport[]
  /** Every host that was asked for anything, and what the edge has seen of it. */
  readonly hosts: readonly HostReport[]
  /** Newest first, at most `FAILURES_MAX`; the same thing about the same host is one, with a count. */
  readonly failures: readonly FailureReport[]
}

export const TRAFFIC_SPAN_MS = 10_000
/** Ten minutes. */
export const TRAFFIC_SPANS = 60
export const FAILURES_MAX = 50

export interface TrafficSpan {
  /** Its beginning, milliseconds since 1970, a multiple of `TRAFFIC_SPAN_MS`. */
  readonly startsAt: number
  readonly requests: number
  /** Answers with 5xx, and those cut in the middle. */
  readonly errors: number
  /** Of bodies. */
  readonly bytes: number
}

export interface CacheReport {
  readonly name: 'objects' | 'fastdfs locations' | 'mogilefs locations' | 'verify pool'
  readonly entries: number
  readonly maxEntries: number | null
  /** Null where it is counted in entries. */
  readonly bytes: number | null
  readonly maxBytes: number | null
  /** Of the verify pool: files that got their memory, and with `misses` those that did not. */
  readonly hits: number
  readonly misses: number
}

export interface PoolReport {
  /** `host:port` */
  readonly host: string
  readonly open: number
  readonly idle: number
  readonly waiting: number
  readonly max: number
}

export interface HostReport {
  /** `host:port`, or the folder of a store path. */
  readonly host: string
  readonly isFailing: boolean
  readonly failures: number
  /** Times that it was silent for `hedge_ms` while another one was asked as well. */
  readonly silences: number
  readonly wrongContents: number
}

export interface FailureReport {
  /** When it happened last, milliseconds since 1970. */
  readonly at: number
  readonly kind: 'host' | 'content' | 'request'
  /** Null where no host is to blame. */
  readonly host: string | null
  /** `formatRef`, or the path of a request; null where it is about no file. */
  readonly ref: string | null
  /** An error's code (`ErrorCode`), or `internal`. */
  readonly code: string
  readonly reason: string
  readonly count: number
}
