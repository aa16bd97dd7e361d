import type {
  ClusterReport,
  FastdfsStorageReport,
  MogilefsDeviceReport,
  MogilefsHostReport,
} from '../../src/admin/cluster-report.ts'
import {
  type CacheReport,
  type FailureReport,
  type ProcessReport,
  TRAFFIC_SPAN_MS,
  TRAFFIC_SPANS,
  type TrafficSpan,
} from '../../src/admin/process-report.ts'
import { type Status, type StatusFacts, statusOf } from '../../src/admin/status.ts'

/** 2026-11-27 01:23:45 UTC */
export const NOW = Date.UTC(2026, 10, 27, 1, 23, 45)

export function storage(change: Partial<FastdfsStorageReport> = {}): FastdfsStorageReport {
  return {
    host: '10.0.1.11:23000',
    states: ['ACTIVE'],
    error: null,
    version: '6.12.2',
    totalMb: 7_630_000,
    freeMb: 3_120_000,
    reservedMb: 76_300,
    syncDelaySeconds: 0,
    lastHeartBeatAt: NOW - 12_000,
    uploads: { total: 1_204_112, succeeded: 1_204_112 },
    downloads: { total: 98_112_450, succeeded: 98_112_004 },
    ...change,
  }
}

export function mogilefsHost(change: Partial<MogilefsHostReport> = {}): MogilefsHostReport {
  return {
    hostid: 1,
    hostname: 'mog1',
    hostip: '10.0.2.11',
    status: 'alive',
    httpPort: 7500,
    httpGetPort: null,
    altip: null,
    altmask: null,
    error: null,
    ...change,
  }
}

export function device(change: Partial<MogilefsDeviceReport> = {}): MogilefsDeviceReport {
  return {
    devid: 1,
    hostid: 1,
    hostname: 'mog1',
    status: 'alive',
    observedState: 'writeable',
    observedStates: ['writeable'],
    weight: 100,
    mbTotal: 3_815_000,
    mbUsed: 2_210_000,
    error: null,
    ...change,
  }
}

/** Two groups, MogileFS, a primary and a replica, of which nothing is amiss. */
export function wellClusters(): ClusterReport {
  const hosts = [1, 2, 3].map((n) => ({ host: `10.0.1.1${n}:23000` }))
  const groups = ['group1', 'group2'].map((groupName, index) => ({
    groupName,
    totalMb: 7_630_000,
    freeMb: 3_120_000 - index * 1_000_000,
    reservedMb: 76_300,
    storages: hosts.map(({ host }) => storage({ host: host.replace('.1.', `.${index + 1}.`) })),
  }))
  return {
    at: NOW,
    fastdfs: {
      trackers: [
        { tracker: '10.0.0.1:22122', error: null },
        { tracker: '10.0.0.2:22122', error: null },
      ],
      groups,
    },
    mogilefs: {
      trackers: [{ tracker: '10.0.0.3:7001', error: null, databaseError: null }],
      hosts: [mogilefsHost(), mogilefsHost({ hostid: 2, hostname: 'mog2', hostip: '10.0.2.12' })],
      devices: [device(), device({ devid: 2 }), device({ devid: 3, hostid: 2, hostname: 'mog2' })],
    },
    databases: [
      { host: '10.0.3.1:3306', role: 'primary', error: null, lag: null },
      {
        host: '10.0.3.2:3306',
        role: 'replica',
        error: null,
        lag: { kind: 'seconds', seconds: 0 },
      },
    ],
  }
}

/** A day's ups and downs, with some errors in the middle of it. */
function traffic(): readonly TrafficSpan[] {
  const last = Math.floor(NOW / TRAFFIC_SPAN_MS) * TRAFFIC_SPAN_MS
  return Array.from({ length: TRAFFIC_SPANS }, (_, index) => {
    const requests = Math.round(4200 + 900 * Math.sin(index / 7) + ((index * 7919) % 600))
    const errors = index > 30 && index < 36 ? 40 - 8 * Math.abs(index - 33) : 0
    const startsAt = last - (TRAFFIC_SPANS - 1 - index) * TRAFFIC_SPAN_MS
    return { startsAt, requests, errors, bytes: requests * 31_000 }
  })
}

export function cache(change: Partial<CacheReport> = {}): CacheReport {
  return {
    name: 'objects',
    entries: 4120,
    maxEntries: null,
    bytes: 126 * 1024 ** 2,
    maxBytes: 256 * 1024 ** 2,
    hits: 912_331,
    misses: 88_200,
    ...change,
  }
}

export function processReport(change: Partial<ProcessReport> = {}): ProcessReport {
  const locations = { entries: 61_220, maxEntries: 100_000, bytes: null, maxBytes: null }
  return {
    pid: 4711,
    startedAt: NOW - 3 * 86_400_000,
    rssBytes: 212 * 1024 ** 2,
    heapUsedBytes: 64 * 1024 ** 2,
    eventLoopLagMs: 3.4,
    requestsUnderWay: 12,
    connections: 96,
    traffic: traffic(),
    caches: [
      cache(),
      cache({ name: 'fastdfs locations', ...locations }),
      cache({ name: 'mogilefs locations', ...locations, entries: 8120, hits: 0, misses: 0 }),
      cache({ name: 'verify pool', entries: 3, bytes: 900_000, hits: 5, misses: 0 }),
    ],
    pools: [
      { host: '10.0.1.11:23000', open: 14, idle: 6, waiting: 0, max: 64 },
      { host: '10.0.0.1:22122', open: 2, idle: 2, waiting: 0, max: 64 },
    ],
    hosts: [
      {
        host: '10.0.1.11:23000',
        isFailing: false,
        failures: 0,
        silences: 2,
        wrongContents: 0,
      },
    ],
    failures: [],
    ...change,
  }
}

export function failure(change: Partial<FailureReport> = {}): FailureReport {
  return {
    at: NOW - 95_000,
    kind: 'host',
    host: '10.0.2.13:23000',
    ref: null,
    code: 'connect_failed',
    reason: 'cannot connect to 10.0.2.13:23000',
    count: 41,
    ...change,
  }
}

export function status(change: Partial<StatusFacts> = {}): Status {
  return statusOf({
    version: '0.1.0',
    startedAt: NOW - 3 * 86_400_000,
    now: NOW,
    processes: [processReport(), processReport({ pid: 4712 })],
    clusters: wellClusters(),
    warnings: [],
    ...change,
  })
}

/** One storage is down, one far behind, a replica lags, a device cannot be written to, and more. */
export function troubledStatus(): Status {
  const well = wellClusters()
  const [first, second] = well.fastdfs?.groups ?? []
  if (first === undefined || second === undefined || well.mogilefs === null) {
    throw new Error('there should be groups')
  }
  const refused = 'cannot connect to 10.0.2.13:23000 (ECONNREFUSED)'
  const down = storage({ host: '10.0.2.13:23000', error: refused })
  const behind = storage({ host: '10.0.1.12:23000', syncDelaySeconds: 1520 })
  const groups = [
    { ...first, storages: first.storages.with(1, behind) },
    { ...second, freeMb: 420_000, storages: second.storages.with(2, down) },
  ]
  const readable = { observedState: 'readable', observedStates: ['readable'] }
  const devices = well.mogilefs.devices.with(1, device({ devid: 2, ...readable }))
  const lag = { kind: 'seconds', seconds: 95 } as const
  const failures = [
    failure(),
    failure({
      at: NOW - 640_000,
      kind: 'content',
      host: '10.0.1.12:23000',
      ref: 'group1/M00/00/0A/rBAABF8xyzCAR2qDAAB4AIokZSM648.jpg',
      code: 'wrong_content',
      reason: 'crc32 is 8a246523, not 8a246522',
      count: 1,
    }),
    failure({ at: NOW - 4_000_000, kind: 'request', host: null, code: 'no_tracker', count: 3 }),
  ]
  return status({
    processes: [processReport({ failures }), processReport({ pid: 4712 })],
    clusters: {
      ...well,
      fastdfs: { trackers: well.fastdfs?.trackers ?? [], groups },
      mogilefs: { ...well.mogilefs, devices },
      databases: well.databases.map((one) => (one.role === 'replica' ? { ...one, lag } : one)),
    },
    warnings: ["nginx's cache in /var/cache/nginx cannot be purged: EACCES"],
  })
}
