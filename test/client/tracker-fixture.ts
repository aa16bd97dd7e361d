import type { Address } from '../../src/client/address.ts'
import type { EdgeEvent } from '../../src/client/events.ts'
import { HostHealth } from '../../src/client/host-health.ts'
import { MogilefsTracker, type MogilefsTrackerOptions } from '../../src/client/mogilefs-tracker.ts'
import { Pools } from '../../src/client/pool.ts'
import type { Reply, ScriptedTracker } from '../support/scripted-tracker.ts'
import { byCommand, ok, startTracker } from '../support/scripted-tracker.ts'

export const { signal } = new AbortController()
export const KEY = { domain: 'img', key: 'test' }
export const FID_3 = {
  paths: ok({
    paths: 2,
    path2: 'http://127.0.0.2:7500/dev2/0/000/000/0000000003.fid',
    path1: 'http://127.0.0.1:7500/dev1/0/000/000/0000000003.fid',
  }),
  info: ok({ fid: 3, class: 'along', devcount: 2, length: 13, key: 'test', domain: 'img' }),
}
export const GOOD = { get_paths: FID_3.paths, file_info: FID_3.info }

/** What a test hands its clean-up to. */
export interface Context {
  after(fn: () => unknown): void
}

export function poolsFor(t: Context): Pools {
  const pools = new Pools({
    maxConnections: 4,
    maxWaiting: 4,
    connectTimeoutMs: 2000,
    waitTimeoutMs: 2000,
    idleMs: 60_000,
    lifetimeMs: 600_000,
    now: () => performance.now(),
  })
  t.after(() => pools.close())
  return pools
}

export function trackerOf(
  t: Context,
  trackers: readonly Address[],
  options: Partial<MogilefsTrackerOptions> = {},
) {
  const events: EdgeEvent[] = []
  const pools = poolsFor(t)
  const health = new HostHealth({ recoverMs: 60_000, now: () => 0 })
  const tracker = new MogilefsTracker({
    trackers,
    pools,
    health,
    hedgeMs: 5000,
    firstAnswerMs: 5000,
    networkTimeoutMs: 5000,
    observe: (event) => void events.push(event),
    ...options,
  })
  return { tracker, health, events }
}

/** Trackers that answer by command, one for each script, as one. */
export async function start(
  t: Context,
  scripts: readonly Readonly<Record<string, Reply | null>>[],
  options: Partial<MogilefsTrackerOptions> = {},
) {
  const daemons = await Promise.all(scripts.map((script) => startTracker(byCommand(script))))
  t.after(() => Promise.all(daemons.map((daemon) => daemon.close())))
  const addresses = daemons.map(({ address }) => address)
  return { daemons, ...trackerOf(t, addresses, options) }
}

export function first(daemons: readonly ScriptedTracker[]): ScriptedTracker {
  const [daemon] = daemons
  if (daemon === undefined) throw new Error('no tracker was started')
  return daemon
}
