import type { PoolState } from '../client/pool.ts'
import { type HostCounts, type HostLabels, OTHER_HOSTS } from './host-counts.ts'
import type { Watched } from './process-watch.ts'
import type { SampleSheet } from './samples.ts'

/** Writes down what can be seen of a process at the moment. */
export function writeState(sheet: SampleSheet, watched: Watched, labels: HostLabels): void {
  sheet.add('dfs_edge_requests_under_way', {}, watched.load.requests)
  sheet.add('dfs_edge_connections', {}, watched.load.connections)
  writePools(sheet, watched.pools, labels)
  for (const { host: name, isFailing } of watched.hosts) {
    const host = labels.of(name)
    // What others are up cannot be told in one number.
    if (host === OTHER_HOSTS) continue
    const role = watched.roles.get(name) ?? 'storage'
    sheet.add('dfs_edge_host_up', { host, role }, isFailing ? 0 : 1)
  }
  writeCaches(sheet, watched)
}

function writePools(sheet: SampleSheet, pools: readonly PoolState[], labels: HostLabels): void {
  for (const { host, ...pool } of sumByHost(pools, labels)) {
    sheet.add('dfs_edge_pool_connections', { host, state: 'active' }, pool.open - pool.idle)
    sheet.add('dfs_edge_pool_connections', { host, state: 'idle' }, pool.idle)
    sheet.add('dfs_edge_pool_waiting', { host }, pool.waiting)
    sheet.add('dfs_edge_pool_waits_total', { host }, pool.waits)
    sheet.add('dfs_edge_pool_wait_seconds_total', { host }, pool.waitedMs / 1000)
    sheet.add('dfs_edge_pool_refusals_total', { host }, pool.refusals)
  }
}

/** A series is told once. */
function sumByHost(pools: readonly PoolState[], labels: HostLabels): Iterable<PoolState> {
  const sums = new Map<string, PoolState>()
  for (const pool of pools) {
    const host = labels.of(pool.host)
    const sum = sums.get(host)
    sums.set(host, sum === undefined ? { ...pool, host } : addPools(sum, pool))
  }
  return sums.values()
}

function addPools(one: PoolState, other: PoolState): PoolState {
  return {
    host: one.host,
    open: one.open + other.open,
    idle: one.idle + other.idle,
    waiting: one.waiting + other.waiting,
    max: one.max + other.max,
    waits: one.waits + other.waits,
    waitedMs: one.waitedMs + other.waitedMs,
    refusals: one.refusals + other.refusals,
  }
}

function writeCaches(sheet: SampleSheet, { transfer, locations }: Watched): void {
  const { objects, verifyPool } = transfer
  sheet.add('dfs_edge_object_cache_entries', {}, objects.entries)
  sheet.add('dfs_edge_object_cache_bytes', {}, objects.bytes)
  sheet.add('dfs_edge_object_cache_max_bytes', {}, objects.maxBytes)
  sheet.add('dfs_edge_verify_pool_bytes', {}, verifyPool.bytes)
  sheet.add('dfs_edge_verify_pool_max_bytes', {}, verifyPool.maxBytes)
  sheet.add('dfs_edge_verify_pool_refusals_total', {}, verifyPool.misses)
  for (const [system, cache] of Object.entries(locations)) {
    sheet.add('dfs_edge_location_cache_entries', { system }, cache.entries)
    sheet.add('dfs_edge_location_cache_max_entries', { system }, cache.maxEntries)
    sheet.add('dfs_edge_location_cache_hits_total', { system }, cache.hits)
    sheet.add('dfs_edge_location_cache_misses_total', { system }, cache.misses)
  }
}

/** Writes down what happened with hosts. */
export function writeHostCounts(sheet: SampleSheet, hosts: HostCounts): void {
  for (const [host, count] of hosts.byHost) {
    for (const [code, failures] of count.failures) {
      sheet.add('dfs_edge_host_failures_total', { host, code }, failures)
    }
    sheet.add('dfs_edge_host_silences_total', { host }, count.silences)
    sheet.add('dfs_edge_failovers_total', { host }, count.failovers)
    sheet.add('dfs_edge_resumes_total', { host }, count.resumes)
    sheet.add('dfs_edge_wrong_contents_total', { host }, count.wrongContents)
  }
}

/** @param lagMs of the event loop */
export function writeProcess(sheet: SampleSheet, lagMs: number): void {
  const { rss, heapUsed } = process.memoryUsage()
  const { user, system } = process.cpuUsage()
  sheet.add('dfs_edge_event_loop_lag_seconds', {}, lagMs / 1000)
  sheet.add('dfs_edge_process_resident_memory_bytes', {}, rss)
  sheet.add('dfs_edge_process_heap_bytes', {}, heapUsed)
  sheet.add('dfs_edge_process_cpu_seconds_total', {}, (user + system) / 1e6)
}
