import { once } from 'node:events'
import { createAdaptorServer } from '@hono/node-server'
import { createAdminApp } from '../admin/admin-app.ts'
import type { PurgedEdge } from '../admin/edge-caches.ts'
import { NginxCache } from '../admin/nginx-cache.ts'
import type { ProcessReport } from '../admin/process-report.ts'
import { purge } from '../admin/purge.ts'
import type { PurgeTarget } from '../admin/purge-target.ts'
import { renderMetrics } from '../admin/render-metrics.ts'
import { SampleSheet, type Samples } from '../admin/samples.ts'
import { type Address, formatAddress } from '../client/address.ts'
import type { EdgeConf } from '../config/index.ts'
import { cannotListen } from '../http/listen-fault.ts'
import { explainOnce } from './explain-sources.ts'
import type { InheritedSockets } from './inherited-sockets.ts'
import type { Logger } from './logger.ts'
import { packageVersion } from './package-version.ts'

export interface AdminParts {
  readonly logger: Logger
  /** Absent: the address is opened. */
  readonly sockets?: InheritedSockets
  /** In every edge process. Undefined: the target means nothing. */
  purgeEdges(target: PurgeTarget): Promise<PurgedEdge | undefined>
  /** What each edge process tells of itself; one that does not answer in time is left out. */
  reports(): Promise<readonly ProcessReport[]>
  /** The metrics of all edge processes, those included that are no more. */
  metrics(): Promise<readonly Samples[]>
}

type AdminApp = ReturnType<typeof createAdminApp>
type Server = ReturnType<typeof createAdaptorServer>

/** Other settings, ready to be taken. Either of the two is called, once. */
export interface AdminChange {
  take(): void
  drop(): void
}

/** What answers requests: another one after a reload. */
interface Current {
  app: AdminApp
}

/** The listener for operators. */
export class AdminListener {
  readonly #parts: AdminParts
  readonly #current: Current
  #server: Server
  #address: Address
  #url: string

  private constructor(
    parts: AdminParts,
    { current, server, address }: { current: Current; server: Server; address: Address },
  ) {
    this.#parts = parts
    this.#current = current
    this.#server = server
    this.#address = address
    this.#url = urlOf(server, address)
  }

  /** @throws EdgeError invalid_config: the address cannot be listened on */
  static async start(settings: EdgeConf, parts: AdminParts): Promise<AdminListener> {
    const current = { app: await createApp(settings, parts) }
    const address = settings.admin.listen
    const server = await listen(address, current, parts)
    return new AdminListener(parts, { current, server, address })
  }

  /** `http://host:port` */
  get url(): string {
    return this.#url
  }

  /**
   * Makes all that other settings need, and changes nothing yet.
   * @throws EdgeError invalid_config: the new address cannot be listened on
   */
  async prepare(settings: EdgeConf): Promise<AdminChange> {
    const app = await createApp(settings, this.#parts)
    const { listen: address } = settings.admin
    const isMoving = formatAddress(address) !== formatAddress(this.#address)
    const server = isMoving ? await listen(address, this.#current, this.#parts) : this.#server
    return {
      take: () => {
        this.#current.app = app
        this.#moveTo(server, address)
      },
      drop: () => {
        if (isMoving) server.close()
      },
    }
  }

  #moveTo(server: Server, address: Address): void {
    if (server === this.#server) return
    // A reload may have been asked for through it.
    this.#server.close()
    this.#server = server
    this.#address = address
    this.#url = urlOf(server, address)
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    if ('closeAllConnections' in this.#server) this.#server.closeAllConnections()
    await closed
  }
}

async function createApp(conf: EdgeConf, parts: AdminParts): Promise<AdminApp> {
  const { admin, nginx } = conf
  const { logger, purgeEdges, metrics } = parts
  const cache = new NginxCache({ path: nginx.cachePath, sliceBytes: nginx.sliceBytes })
  const warning = await cache.whyUnusable()
  if (warning !== undefined) logger.warn(warning)
  return createAdminApp({
    token: admin.token,
    host: admin.listen.host,
    purge: (target) => purge(target, { purgeEdges, nginx: cache }),
    explain: (question) => explainOnce(question, conf),
    metrics: async () => renderMetrics([...(await metrics()), buildInfo()]),
    warnings: async () => [(await cache.whyUnusable()) ?? []].flat(),
    log: logger,
  })
}

function buildInfo(): Samples {
  const sheet = new SampleSheet()
  const versions = { version: packageVersion(), node: process.version }
  sheet.add('dfs_edge_build_info', versions, 1)
  return sheet.samples
}

async function listen(
  address: Address,
  current: Current,
  { logger, sockets }: AdminParts,
): Promise<Server> {
  const server = createAdaptorServer({ fetch: (request) => current.app.fetch(request) })
  const listening = once(server, 'listening')
  server.listen(sockets?.find(address) ?? address)
  await listening.catch((cause) => {
    throw cannotListen(address, cause)
  })
  server.on('error', (err) => logger.error({ err }, 'the admin listener failed'))
  return server
}

function urlOf(server: Server, { host, port }: Address): string {
  const bound = server.address()
  const isBound = typeof bound === 'object' && bound !== null
  return `http://${formatAddress({ host, port: isBound ? bound.port : port })}`
}
