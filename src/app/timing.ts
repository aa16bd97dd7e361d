import { HostHealth } from '../client/host-health.ts'
import { Pools } from '../client/pool.ts'
import type { EdgeConf } from '../config/edge-conf.ts'

/** A host that failed is trusted again after this time. */
const RECOVER_MS = 10_000
/** Requests that may wait for a connection to one host, for each connection that there may be. */
const WAITING_PER_CONNECTION = 16
/** What an answer that no tracker gave may cost beside the hedges. */
const STALE_MARGIN_MS = 50

/** Cannot be set back, unlike the time of day. */
export function monotonicMs(): number {
  return performance.now()
}

/** What the edge has seen of the hosts of all clusters. */
export function createHealth(): HostHealth {
  return new HostHealth({ recoverMs: RECOVER_MS, now: monotonicMs })
}

export function createPools({ pool, timeouts }: EdgeConf): Pools {
  return new Pools({
    maxConnections: pool.maxConnections,
    maxWaiting: pool.maxConnections * WAITING_PER_CONNECTION,
    connectTimeoutMs: timeouts.connectMs,
    waitTimeoutMs: timeouts.firstAnswerMs,
    idleMs: pool.idleMs,
    lifetimeMs: pool.lifetimeMs,
    now: monotonicMs,
  })
}

/** How long to wait for so many hosts before an old location is used. */
export function staleAfterMs(hosts: number, { timeouts }: EdgeConf): number {
  return hosts * timeouts.hedgeMs + STALE_MARGIN_MS
}
