import { EdgeCaches, type PurgedEdge } from '../admin/edge-caches.ts'
import type { ProcessReport } from '../admin/process-report.ts'
import { ProcessWatch, type Watched } from '../admin/process-watch.ts'
import type { PurgeTarget } from '../admin/purge-target.ts'
import type { Samples } from '../admin/samples.ts'
import { formatAddress } from '../client/address.ts'
import type { Observe } from '../client/events.ts'
import type { EdgeConf } from '../config/index.ts'
import { ClientBounds } from '../http/admission.ts'
import { ContentTypes } from '../http/content-type.ts'
import type { CorsOptions } from '../http/cors.ts'
import type { EdgeOptions, Page } from '../http/edge.ts'
import { createEdgeServer, type EdgeServer } from '../http/serve.ts'
import type { ServerLimits } from '../http/server-limits.ts'
import type { TokenOptions } from '../http/token-check.ts'
import { ByteBudget } from '../transfer/byte-budget.ts'
import { FileTransfer } from '../transfer/file-transfer.ts'
import { ObjectCache } from '../transfer/object-cache.ts'
import { CacheDisk } from './cache-disk.ts'
import { type Clusters, openClusters } from './clusters.ts'
import type { InheritedSockets } from './inherited-sockets.ts'
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
  const options = {
    ...edgeOptions(conf),
    canProxyKeep: () => cacheDisk.isUsable,
    urls: clusters.urls,
    transfer,
    trust: proxyTrustOf(conf),
    observeRequest: toAll(watch.observeRequest, logRequests(logger)),
    ...handoverOptions(conf, transfer),
    log: logFaults(logger, repeats),
    ...(page && { page }),
  }
  const limits = limitsOf(conf)
  const bounds = new ClientBounds(limits)
  const caches = new EdgeCaches({ urls: clusters.urls, transfer })
  const servers: EdgeServer[] = []
  const close = async (deadlineMs: number, graceMs = 0): Promise<void> => {
    await Promise.all(servers.map((server) => server.close(deadlineMs, graceMs)))
    cacheDisk.close()
    clusters.close()
    watch.close()
    repeats.close()
  }
  const watched = (): Watched => watchedOf({ conf, bounds, transfer, clusters })
  const answers = {
    purge: (target: PurgeTarget) => caches.purge(target),
    report: () => watch.report(watched()),
    samples: () => watch.samples(watched()),
  }
  try {
    await clusters.check()
    const urls: string[] = []
    for (const address of conf.listen) {
      const server = createEdgeServer({ ...options, limits, bounds })
      urls.push(`http://${formatAddress(await server.listen(address, sockets?.find(address)))}/`)
      servers.push(server)
    }
    return { urls, close, ...answers }
  } catch (error) {
    await close(0)
    throw error
  }
}

function toAll<T>(...observers: readonly ((told: T) => void)[]): (told: T) => void {
  return (told) => {
    for (const observe of observers) observe(told)
  }
}

/** What gives the bytes of the clusters' files, with caches and bounds as configured. */
export function createTransfer(
  { memory, timeouts }: EdgeConf,
  { resolver, health }: Pick<Clusters, 'resolver' | 'health'>,
  observe: Observe,
): FileTransfer {
  return new FileTransfer({
    resolver,
    objectCache: new ObjectCache({
      maxBytes: memory.objectCacheBytes,
      maxObjectBytes: memory.objectMaxBytes,
      now: () => performance.now(),
    }),
    budget: new ByteBudget(memory.verifyPoolBytes),
    verifyMaxBytes: memory.verifyMaxBytes,
    verifyRangesMaxBytes: memory.verifyRangesMaxBytes,
    health,
    hedgeMs: timeouts.hedgeMs,
    minRate: timeouts.minRate,
    observe,
  })
}

function limitsOf({ clients }: EdgeConf): Partial<ServerLimits> {
  const { rate, rateAfter, ...counts } = clients
  return { ...counts, sendRate: { bytesPerSecond: rate, afterBytes: rateAfter } }
}

/** What of the answers is the operator's choice. */
export function edgeOptions(
  conf: EdgeConf,
): Omit<EdgeOptions, 'urls' | 'transfer' | 'log' | 'page'> {
  const token = tokenOptions(conf)
  const cors = corsOptions(conf)
  return {
    contentTypes: contentTypesOf(conf),
    cacheControl: conf.cacheControl,
    flvExtensions: conf.flvExtension === null ? [] : [conf.flvExtension],
    isMultiRangeEnabled: conf.isMultiRangeEnabled,
    ...(token && { token }),
    ...(cors && { cors }),
  }
}

function handoverOptions(
  { response, urlHaveGroupName }: EdgeConf,
  transfer: FileTransfer,
): Pick<EdgeOptions, 'handover'> {
  const { mode, redirectPort } = response
  if (mode === 'proxy') return {}
  const locate = transfer.locate.bind(transfer)
  return { handover: { mode, redirectPort, hasGroupName: urlHaveGroupName, locate } }
}

function contentTypesOf({ contentType }: EdgeConf): ContentTypes {
  return new ContentTypes(contentType.mimeTypes, contentType.defaultType)
}

function tokenOptions(conf: EdgeConf): TokenOptions | undefined {
  const { checkToken, secretKey, tokenTtlSeconds, tokenCheckFail } = conf.antiSteal
  if (!checkToken) return undefined
  const token = { secret: secretKey, ttlSeconds: tokenTtlSeconds }
  if (tokenCheckFail === null) return token
  const contentType = contentTypesOf(conf).of(tokenCheckFail.filename)
  return { ...token, failBody: { bytes: tokenCheckFail.content, contentType } }
}

function corsOptions({ cors }: EdgeConf): CorsOptions | undefined {
  const { allowOrigins, maxAgeSeconds } = cors
  if (allowOrigins.length === 0) return undefined
  return { origins: allowOrigins.includes('*') ? '*' : allowOrigins, maxAgeSeconds }
}
