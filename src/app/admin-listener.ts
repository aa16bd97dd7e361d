import { once } from 'node:events'
import type { Server } from 'node:http'
import { createAdminApp } from '../admin/admin-app.ts'
import type { PurgedEdge } from '../admin/edge-caches.ts'
import { EventStreams } from '../admin/event-streams.ts'
import { NginxCache } from '../admin/nginx-cache.ts'
import type { ProcessReport } from '../admin/process-report.ts'
import { purge } from '../admin/purge.ts'
import type { PurgeTarget } from '../admin/purge-target.ts'
import { renderMetrics } from '../admin/render-metrics.ts'
import { SampleSheet, type Samples } from '../admin/samples.ts'
import { type Address, formatAddress } from '../client/address.ts'
import type { EdgeConf } from '../config/index.ts'
import { cannotListen } from '../http/listen-fault.ts'
import { createAdminServer } from './admin-server.ts'
import { explainOnce } from './explain-sources.ts'
import type { InheritedSockets } from './inherited-sockets.ts'
import type { Logger } from './logger.ts'
import { packageVersion } from './package-version.ts'
import { replicationSamples } from './replication-samples.ts'
import { StatusSource } from './status-source.ts'

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

/** Other settings, ready to be taken. Either of the two is called, once. */
export interface AdminChange {
  take(): void
  drop(): void
}

/** What answers requests: another one after a reload. */
interface Current {
  answering: Answering
}

interface Answering {
  readonly app: AdminApp
  close(): void
}

/** Pages of the status that are open at a time: more than there are operators. */
const STREAMS_MAX = 16

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
    const current = { answering: await createAnswering(settings, parts) }
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
    const answering = await createAnswering(settings, this.#parts)
    const { listen: address } = settings.admin
    const isMoving = formatAddress(address) !== formatAddress(this.#address)
    const server = isMoving ? await this.#listenToo(address, answering) : this.#server
    return {
      take: () => {
        this.#current.answering.close()
        this.#current.answering = answering
        this.#moveTo(server, address)
      },
      drop: () => {
        answering.close()
        if (isMoving) server.close()
      },
    }
  }

  async #listenToo(address: Address, answering: Answering): Promise<Server> {
    try {
      return await listen(address, this.#current, this.#parts)
    } catch (error) {
      answering.close()
      throw error
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
    this.#current.answering.close()
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }
}

async function createAnswering(settings: EdgeConf, parts: AdminParts): Promise<Answering> {
  const { admin, nginx } = settings
  const { logger, purgeEdges, reports, metrics } = parts
  const cache = new NginxCache({ path: nginx.cachePath, sliceBytes: nginx.sliceBytes })
  const warning = await cache.whyUnusable()
  if (warning !== undefined) logger.warn(warning)
  const warnings = async (): Promise<readonly string[]> =>
    [(await cache.whyUnusable()) ?? []].flat()
  const source = new StatusSource(settings, { reports, warnings })
  const streams = new EventStreams(STREAMS_MAX)
  const app = createAdminApp({
    token: admin.token,
    host: admin.listen.host,
    purge: (target) => purge(target, { purgeEdges, nginx: cache }),
    explain: (question) => explainOnce(question, settings),
    metrics: async () => {
      const [ofProcesses, databases] = await Promise.all([metrics(), source.replication()])
      return renderMetrics([...ofProcesses, replicationSamples(databases), buildInfo()])
    },
    status: () => source.status(),
    statusInHaste: () => source.statusInHaste(),
    streams,
    log: logger,
  })
  const close = (): void => {
    streams.close()
    source.close()
  }
  return { app, close }
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
  const server = createAdminServer((request) => current.answering.app.fetch(request))
  const listening = once(server, 'listening')
  server.listen(sockets?.find(address)[0] ?? address)
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
