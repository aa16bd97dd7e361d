import type { RequestRecord } from '../http/request-record.ts'
import type { CacheResult } from '../transfer/trace.ts'
import { Latency } from './latency.ts'
import type { SampleSheet } from './samples.ts'

/** Of the files of one system, or of what is no file. */
class SystemCounts {
  readonly caches = new Map<CacheResult, CacheCounts>()
  readonly resolve = new Latency()
  bytes = 0
  cut = 0

  cache(result: CacheResult): CacheCounts {
    const known = this.caches.get(result)
    if (known !== undefined) return known
    const counts = new CacheCounts()
    this.caches.set(result, counts)
    return counts
  }
}

class CacheCounts {
  readonly statuses = new Map<number, number>()
  readonly total = new Latency()
  readonly firstByte = new Latency()
}

/** Counts requests, their bytes and their times. */
export class RequestCounts {
  readonly #systems = {
    fastdfs: new SystemCounts(),
    mogilefs: new SystemCounts(),
    none: new SystemCounts(),
  }
  #hits = 0
  #misses = 0

  /** How often a file was in memory, and how often it was not. */
  get memory(): { readonly hits: number; readonly misses: number } {
    return { hits: this.#hits, misses: this.#misses }
  }

  note(record: RequestRecord): void {
    const { ref, cache, status, firstByteMs, resolveMs } = record
    const system = this.#systems[ref?.system ?? 'none']
    const counts = system.cache(cache)
    counts.statuses.set(status, (counts.statuses.get(status) ?? 0) + 1)
    counts.total.addMs(record.totalMs)
    if (firstByteMs !== null) counts.firstByte.addMs(firstByteMs)
    if (resolveMs !== null) system.resolve.addMs(resolveMs)
    system.bytes += record.bytes
    if (record.end === 'cut') system.cut += 1
    if (cache === 'memory') this.#hits += 1
    else if (cache !== 'none') this.#misses += 1
  }

  writeTo(sheet: SampleSheet): void {
    for (const [system, counts] of Object.entries(this.#systems)) {
      sheet.add('dfs_edge_answers_cut_total', { system }, counts.cut)
      sheet.add('dfs_edge_sent_bytes_total', { system }, counts.bytes)
      counts.resolve.writeTo(sheet, 'dfs_edge_resolve_duration_seconds', { system })
      for (const [cache, { statuses, total, firstByte }] of counts.caches) {
        total.writeTo(sheet, 'dfs_edge_request_duration_seconds', { system, cache })
        firstByte.writeTo(sheet, 'dfs_edge_first_byte_duration_seconds', { system, cache })
        for (const [status, count] of statuses) {
          sheet.add('dfs_edge_requests_total', { system, status: `${status}`, cache }, count)
        }
      }
    }
    sheet.add('dfs_edge_object_cache_hits_total', {}, this.#hits)
    sheet.add('dfs_edge_object_cache_misses_total', {}, this.#misses)
  }
}
