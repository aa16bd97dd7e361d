import { EdgeCaches, type PurgedEdge } from '../admin/edge-caches.ts'
import type { ProcessReport } from '../admin/process-report.ts'
import { ProcessWatch, type Watched } from '../admin/process-watch.ts'
import type { PurgeTarget } from '../admin/purge-target.ts'
import type { Samples } from '../admin/samples.ts'
import type { EdgeConf } from '../config/index.ts'
import { ClientBounds } from '../http/admission.ts'
import type { Page } from '../http/edge.ts'
import { CacheDisk } from './cache-disk.ts'
import { openClusters } from './clusters.ts'
import { createTransfer } from './create-transfer.ts'
import { edgeOptions, handoverOptions, limitsOf } from './edge-options.ts'
import type { InheritedSockets } from './inherited-sockets.ts'
import { Listeners } from './listeners.ts'
import { type Logger, logEvents, logFaults } from './logger.ts'
import { Repeats } from './repeats.ts'
import { logRequests } from './request-log.ts'
import { proxyTrustOf } from './trusted-proxies.ts'
import { watchedOf } from './watched.ts'

export interface EdgeParts {
  readonly logger: Logger
  /** A page of the edge's own for a path that can be no file. */
  readonly page?: (path: string) => Page | undefined
  /** Absent: every address is opened. */
  readonly sockets?: InheritedSockets
}

/** An edge that listens. */
export interface RunningEdge {
  /** `http://host:port/`, one for each address. */
  readonly urls: readonly string[]
  /** Drops what this process remembers. Undefined: the target means nothing. */
  purge(target: PurgeTarget): PurgedEdge | undefined
  /** What this process tells of itself. */
  report(): ProcessReport
  /** Its metrics. */
  samples(): Samples
  /**
   * Lets answers under way end within `deadlineMs`, then closes everything in reverse order. For
   * `graceMs` idle connections may bring one more request.
   */
  close(deadlineMs: number, graceMs?: number): Promise<void>
}

/** Makes every object of the edge, in order, and listens. @throws EdgeError invalid_config */
export async function startEdge(conf: EdgeConf, parts: EdgeParts): Promise<RunningEdge> {
  const { logger, page, sockets } = parts
  const watch = new ProcessWatch()
  const repeats = new Repeats()
  const observe = toAll(logEvents(logger, repeats), watch.observe)
  const clusters = openClusters(conf, observe)
  const transfer = createTransfer(conf, clusters, observe)
  const cacheDisk = await CacheDisk.watch({ path: conf.nginx.cachePath })
  const limits = limitsOf(conf)
  const bounds = new ClientBounds(limits)
  const listeners = new Listeners({
    ...edgeOptions(conf),
    ...handoverOptions(conf, transfer),
    ...(page && { page }),
    urls: clusters.urls,
    transfer,
    trust: proxyTrustOf(conf),
    limits,
    bounds,
    canProxyKeep: () => cacheDisk.isUsable,
    observeRequest: toAll(watch.observeRequest, logRequests(logger)),
    log: logFaults(logger, repeats),
  })
  const close = async (deadlineMs: number, graceMs = 0): Promise<void> => {
    await listeners.close(deadlineMs, graceMs)
    for (const part of [cacheDisk, clusters, watch, repeats]) part.close()
  }
  try {
    await clusters.check()
    await listeners.listen(conf.listen, sockets)
  } catch (error) {
    await close(0)
    throw error
  }
  const { urls } = listeners
  const caches = new EdgeCaches({ urls: clusters.urls, transfer })
  const watched = (): Watched => watchedOf({ conf, bounds, transfer, clusters })
  return {
    urls,
    close,
    purge: (target) => caches.purge(target),
    report: () => watch.report(watched()),
    samples: () => watch.samples(watched()),
  }
}

function toAll<T>(...observers: readonly ((told: T) => void)[]): (told: T) => void {
  return (told) => {
    for (const observe of observers) observe(told)
  }
}
