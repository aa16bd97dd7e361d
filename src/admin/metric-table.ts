/** What is told of one metric, and how those of several processes become one. */
export interface MetricSpec {
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly labels: readonly string[]
  /** For operators. */
  readonly help: string
  /** Of gauges; all else is added up. */
  readonly merge?: 'sum' | 'max' | 'min'
}

/** Upper bounds in seconds: from memory, over one storage on the same network, to what nobody waits for. */
export const LATENCY_BUCKETS = [
  0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
] as const

/**
 * Every metric of `/metrics`. `system` is fastdfs, mogilefs, or none for what is no file; `cache` is memory,
 * location (where the file is was remembered), miss, or none; `host` is an address as it is connected
 * to, or a store path, and `other` for all beyond some hundred.
 */
export const METRICS = {
  dfs_edge_requests_total: {
    type: 'counter',
    labels: ['system', 'status', 'cache'],
    help: 'Answers that have ended. Status 499: the client did not wait for the end.',
  },
  dfs_edge_answers_cut_total: {
    type: 'counter',
    labels: ['system'],
    help: 'Answers that the edge cut in the middle, because no replica could go on with them.',
  },
  dfs_edge_sent_bytes_total: {
    type: 'counter',
    labels: ['system'],
    help: 'Bytes of bodies that were sent to clients.',
  },
  dfs_edge_request_duration_seconds: {
    type: 'histogram',
    labels: ['system', 'cache'],
    help: 'From the header of a request to the end of its answer, the time that the client takes included.',
  },
  dfs_edge_first_byte_duration_seconds: {
    type: 'histogram',
    labels: ['system', 'cache'],
    help: 'From the header of a request to the first byte of its answer.',
  },
  dfs_edge_resolve_duration_seconds: {
    type: 'histogram',
    labels: ['system'],
    help: 'How long requests waited to learn where a file is and what it is like, from caches, trackers, databases or storages.',
  },
  dfs_edge_requests_under_way: {
    type: 'gauge',
    labels: [],
    help: 'Answers that are waited for or streamed at the moment; max_requests is the most for each process.',
  },
  dfs_edge_connections: {
    type: 'gauge',
    labels: [],
    help: 'Connections of clients, or of the proxy in front, that are open.',
  },
  dfs_edge_pool_connections: {
    type: 'gauge',
    labels: ['host', 'state'],
    help: 'Connections to a tracker, storage or database, by state: active or idle.',
  },
  dfs_edge_pool_waiting: {
    type: 'gauge',
    labels: ['host'],
    help: 'Requests that wait for a connection to a host, because max_connections are in use.',
  },
  dfs_edge_pool_waits_total: {
    type: 'counter',
    labels: ['host'],
    help: 'Requests that had to wait for a connection to a host.',
  },
  dfs_edge_pool_wait_seconds_total: {
    type: 'counter',
    labels: ['host'],
    help: 'How long they waited, all together.',
  },
  dfs_edge_pool_refusals_total: {
    type: 'counter',
    labels: ['host'],
    help: 'Requests that got no connection to a host: too many waited, or for too long.',
  },
  dfs_edge_host_up: {
    type: 'gauge',
    labels: ['host', 'role'],
    help: '1 while the last question to a tracker, storage or database was answered, 0 while some process saw it fail.',
    merge: 'min',
  },
  dfs_edge_host_failures_total: {
    type: 'counter',
    labels: ['host', 'code'],
    help: 'Questions to a host that failed, by the kind of failure.',
  },
  dfs_edge_host_silences_total: {
    type: 'counter',
    labels: ['host'],
    help: 'Times that a host was silent for hedge_ms, so that another one was asked as well.',
  },
  dfs_edge_failovers_total: {
    type: 'counter',
    labels: ['host'],
    help: 'Times that another host gave what this one did not.',
  },
  dfs_edge_resumes_total: {
    type: 'counter',
    labels: ['host'],
    help: 'Streams that broke at a host, and went on from another replica.',
  },
  dfs_edge_wrong_contents_total: {
    type: 'counter',
    labels: ['host'],
    help: 'Files of which a host gave another size or checksum than they must have.',
  },
  dfs_edge_stale_locations_total: {
    type: 'counter',
    labels: [],
    help: 'Times that a location past its time was used, because no tracker or database answered.',
  },
  dfs_edge_location_cache_entries: {
    type: 'gauge',
    labels: ['system'],
    help: 'Files of which it is remembered where they are, or that there is none.',
  },
  dfs_edge_location_cache_max_entries: {
    type: 'gauge',
    labels: ['system'],
    help: 'location_cache_entries, of all processes together.',
  },
  dfs_edge_location_cache_hits_total: {
    type: 'counter',
    labels: ['system'],
    help: 'Questions that the remembered locations answered.',
  },
  dfs_edge_location_cache_misses_total: {
    type: 'counter',
    labels: ['system'],
    help: 'Questions for which trackers, databases or storages were asked.',
  },
  dfs_edge_object_cache_entries: {
    type: 'gauge',
    labels: [],
    help: 'Small files in memory.',
  },
  dfs_edge_object_cache_bytes: {
    type: 'gauge',
    labels: [],
    help: 'Memory that small files take.',
  },
  dfs_edge_object_cache_max_bytes: {
    type: 'gauge',
    labels: [],
    help: 'object_cache_size, of all processes together.',
  },
  dfs_edge_object_cache_hits_total: {
    type: 'counter',
    labels: [],
    help: 'Requests that were answered out of memory.',
  },
  dfs_edge_object_cache_misses_total: {
    type: 'counter',
    labels: [],
    help: 'Requests for files that were not in memory.',
  },
  dfs_edge_verify_pool_bytes: {
    type: 'gauge',
    labels: [],
    help: 'Memory of small files, and of slices that several ask for, on their way.',
  },
  dfs_edge_verify_pool_max_bytes: {
    type: 'gauge',
    labels: [],
    help: 'verify_pool, of all processes together.',
  },
  dfs_edge_verify_pool_refusals_total: {
    type: 'counter',
    labels: [],
    help: 'Small files and shared slices that were streamed, because verify_pool was used up.',
  },
  dfs_edge_replication_lag_seconds: {
    type: 'gauge',
    labels: ['host'],
    help: 'How far a replica of MogileFS is behind its primary, by its own word. It is asked when metrics are read, every ten seconds at most, and says so to a user with REPLICA MONITOR (REPLICATION CLIENT) alone.',
  },
  dfs_edge_replication_stopped: {
    type: 'gauge',
    labels: ['host'],
    help: '1 where such a replica gets nothing from its primary any more.',
  },
  dfs_edge_replication_lag_files: {
    type: 'gauge',
    labels: ['host'],
    help: 'Where a replica may not say: how many of the newest fids of the primary it does not have yet, at most.',
  },
  dfs_edge_event_loop_lag_seconds: {
    type: 'gauge',
    labels: [],
    help: 'How late a process comes to what is due: the 99th percentile since it was read before, of the latest process.',
    merge: 'max',
  },
  dfs_edge_process_resident_memory_bytes: {
    type: 'gauge',
    labels: [],
    help: 'Memory of all edge processes.',
  },
  dfs_edge_process_heap_bytes: {
    type: 'gauge',
    labels: [],
    help: 'Of that, what JavaScript uses.',
  },
  dfs_edge_process_cpu_seconds_total: {
    type: 'counter',
    labels: [],
    help: 'Processor time of the edge processes.',
  },
  dfs_edge_workers: {
    type: 'gauge',
    labels: ['state'],
    help: 'Edge processes, by state: up, or silent where one did not answer in time.',
  },
  dfs_edge_worker_deaths_total: {
    type: 'counter',
    labels: [],
    help: 'Edge processes that died and were replaced.',
  },
  dfs_edge_build_info: {
    type: 'gauge',
    labels: ['version', 'node'],
    help: 'Always 1: the versions of dfs-edge and of Node.js.',
  },
} as const satisfies Record<`dfs_edge_${string}`, MetricSpec>

export type MetricName = keyof typeof METRICS

export type LabelsOf<N extends MetricName> = {
  readonly [label in (typeof METRICS)[N]['labels'][number]]: string
}
