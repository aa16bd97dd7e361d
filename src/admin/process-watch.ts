import type { EdgeEvent } from '../client/events.ts'
import type { SeenHost } from '../client/host-health.ts'
import type { PoolState } from '../client/pool.ts'
import type { RequestRecord } from '../http/request-record.ts'
import type { ServerLoad } from '../http/serve.ts'
import type { LocationCacheState } from '../resolver/location-cache.ts'
import type { TransferState } from '../transfer/file-transfer.ts'
import { Failures } from './failures.ts'
import { HostCounts, sumOf } from './host-counts.ts'
import { LoopLag } from './loop-lag.ts'
import type { CacheReport, HostReport, PoolReport, ProcessReport } from './process-report.ts'
import { Traffic } from './traffic.ts'

/** What a process can be asked for at any time. */
export interface Watched {
  readonly load: ServerLoad
  readonly transfer: TransferState
  /** Of the systems that are served. */
  readonly locations: {
    readonly fastdfs?: LocationCacheState
    readonly mogilefs?: LocationCacheState
  }
  readonly pools: readonly PoolState[]
  /** Every host that was asked for anything. */
  readonly hosts: readonly SeenHost[]
}

/** Follows one edge process: hears of its requests and of what happens to daemons. */
export class ProcessWatch {
  readonly #startedAt = Date.now()
  readonly #traffic = new Traffic()
  readonly #failures = new Failures()
  readonly #hosts = new HostCounts()
  readonly #lag = new LoopLag()
  #memoryHits = 0
  #memoryMisses = 0

  readonly observe = (event: EdgeEvent): void => {
    this.#hosts.note(event)
    this.#failures.noteEvent(event)
  }

  readonly observeRequest = (record: RequestRecord): void => {
    this.#traffic.note(record)
    this.#failures.noteRequest(record)
    if (record.cache === 'memory') this.#memoryHits += 1
    else if (record.cache !== 'none') this.#memoryMisses += 1
  }

  report(watched: Watched): ProcessReport {
    const { rss, heapUsed } = process.memoryUsage()
    return {
      pid: process.pid,
      startedAt: this.#startedAt,
      rssBytes: rss,
      heapUsedBytes: heapUsed,
      eventLoopLagMs: this.#lag.take(),
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
    this.#lag.close()
  }

  #caches({ transfer, locations }: Watched): CacheReport[] {
    const { objects, verifyPool } = transfer
    const { fastdfs, mogilefs } = locations
    const inBytes = { maxEntries: null }
    const inEntries = { bytes: null, maxBytes: null }
    const used = { hits: this.#memoryHits, misses: this.#memoryMisses }
    return [
      { name: 'objects', ...objects, ...inBytes, ...used },
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
