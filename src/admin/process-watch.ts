import type { EdgeEvent } from '../client/events.ts'
import type { SeenHost } from '../client/host-health.ts'
import type { PoolState } from '../client/pool.ts'
import type { RequestRecord } from '../http/request-record.ts'
import type { LocationCacheState } from '../resolver/location-cache.ts'
import type { TransferState } from '../transfer/small-files.ts'
import { Failures } from './failures.ts'
import { HostCounts, HostLabels, sumOf } from './host-counts.ts'
import { LoopLag } from './loop-lag.ts'
import type { CacheReport, HostReport, PoolReport, ProcessReport } from './process-report.ts'
import { writeHostCounts, writeProcess, writeState } from './process-samples.ts'
import { RequestCounts } from './request-counts.ts'
import { SampleSheet, type Samples } from './samples.ts'
import { Traffic } from './traffic.ts'

/** What a process can be asked for at any time. */
export interface Watched {
  /** What its clients have under way. */
  readonly load: { readonly connections: number; readonly requests: number }
  readonly transfer: TransferState
  /** Of the systems that are served. */
  readonly locations: {
    readonly fastdfs?: LocationCacheState
    readonly mogilefs?: LocationCacheState
  }
  readonly pools: readonly PoolState[]
  /** Every host that was asked for anything. */
  readonly hosts: readonly SeenHost[]
  /** Of hosts that are no storages. */
  readonly roles: ReadonlyMap<string, 'tracker' | 'database'>
}

/** Follows one edge process: hears of its requests and of what happens to daemons. */
export class ProcessWatch {
  readonly #startedAt = Date.now()
  readonly #traffic = new Traffic()
  readonly #failures = new Failures()
  readonly #labels = new HostLabels()
  readonly #hosts = new HostCounts(this.#labels)
  readonly #requests = new RequestCounts()
  /** For each of the two that take it, for it counts since it was taken before. */
  readonly #lags = { report: new LoopLag(), metrics: new LoopLag() }
  #staleLocations = 0

  readonly observe = (event: EdgeEvent): void => {
    this.#hosts.note(event)
    this.#failures.noteEvent(event)
    if (event.type === 'stale_location') this.#staleLocations += 1
  }

  readonly observeRequest = (record: RequestRecord): void => {
    this.#traffic.note(record)
    this.#failures.noteRequest(record)
    this.#requests.note(record)
  }

  samples(watched: Watched): Samples {
    const sheet = new SampleSheet()
    this.#requests.writeTo(sheet)
    writeState(sheet, watched, this.#labels)
    writeHostCounts(sheet, this.#hosts)
    sheet.add('dfs_edge_stale_locations_total', {}, this.#staleLocations)
    writeProcess(sheet, this.#lags.metrics.take())
    return sheet.samples
  }

  report(watched: Watched): ProcessReport {
    const { rss, heapUsed } = process.memoryUsage()
    return {
      pid: process.pid,
      startedAt: this.#startedAt,
      rssBytes: rss,
      heapUsedBytes: heapUsed,
      eventLoopLagMs: this.#lags.report.take(),
      requestsUnderWay: watched.load.requests,
      connections: watched.load.connections,
      traffic: this.#traffic.spans,
      caches: this.#caches(watched),
      pools: watched.pools.map(poolReport).toSorted(byBusiness),
      hosts: watched.hosts.map((seen) => this.#hostReport(seen)),
      failures: this.#failures.list,
    }
  }

  close(): void {
    this.#lags.report.close()
    this.#lags.metrics.close()
  }

  #caches({ transfer, locations }: Watched): CacheReport[] {
    const { objects, verifyPool } = transfer
    const { fastdfs, mogilefs } = locations
    const inBytes = { maxEntries: null }
    const inEntries = { bytes: null, maxBytes: null }
    return [
      { name: 'objects', ...objects, ...inBytes, ...this.#requests.memory },
      ...(fastdfs ? [{ name: 'fastdfs locations', ...fastdfs, ...inEntries } as const] : []),
      ...(mogilefs ? [{ name: 'mogilefs locations', ...mogilefs, ...inEntries } as const] : []),
      { name: 'verify pool', ...verifyPool, ...inBytes },
    ]
  }

  #hostReport({ host, isFailing }: SeenHost): HostReport {
    const { failures, silences = 0, wrongContents = 0 } = this.#hosts.of(host) ?? {}
    return {
      host,
      isFailing,
      failures: failures === undefined ? 0 : sumOf(failures),
      silences,
      wrongContents,
    }
  }
}

function poolReport({ host, open, idle, waiting, max }: PoolState): PoolReport {
  return { host, open, idle, waiting, max }
}

function byBusiness(a: PoolReport, b: PoolReport): number {
  return b.waiting - a.waiting || b.open - b.idle - (a.open - a.idle) || b.open - a.open
}
