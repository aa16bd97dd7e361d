import type { EdgeConf } from '../config/index.ts'
import { type AdminChange, AdminListener } from './admin-listener.ts'
import { EdgeWorkers, type EdgeWorkersParts } from './edge-workers.ts'
import type { LogChange, LogDestination } from './log-destination.ts'

export interface ServingParts extends EdgeWorkersParts {
  readonly log: LogDestination
}

type Change = AdminChange | LogChange

/** What `dfs-edge serve` runs: edge processes, and the admin listener in front of all of them. */
export class Serving {
  readonly #workers: EdgeWorkers
  readonly #admin: AdminListener
  readonly #parts: ServingParts

  private constructor(parts: ServingParts, own: { workers: EdgeWorkers; admin: AdminListener }) {
    this.#parts = parts
    this.#workers = own.workers
    this.#admin = own.admin
  }

  /** @throws EdgeError invalid_config */
  static async start(conf: EdgeConf, parts: ServingParts): Promise<Serving> {
    parts.sockets.checkAllUsed(conf)
    const workers = await EdgeWorkers.start(conf, parts)
    try {
      const purgeEdges = workers.purge.bind(workers)
      const reports = workers.reports.bind(workers)
      const metrics = workers.metrics.bind(workers)
      const admin = await AdminListener.start(conf, { ...parts, purgeEdges, reports, metrics })
      return new Serving(parts, { workers, admin })
    } catch (error) {
      await workers.close(0)
      throw error
    }
  }

  get places(): { readonly urls: readonly string[]; readonly admin: string } {
    return { urls: this.#workers.urls, admin: this.#admin.url }
  }

  /** Takes a new configuration as a whole. @throws EdgeError invalid_config, or Error: all stays */
  async reload(conf: EdgeConf): Promise<void> {
    const { logger, sockets, log } = this.#parts
    sockets.checkAllUsed(conf)
    const changes: Change[] = []
    try {
      changes.push(log.prepare(conf.logFile))
      changes.push(await this.#admin.prepare(conf))
      await this.#workers.replaceAll(conf)
    } catch (error) {
      for (const change of changes) change.drop()
      throw error
    }
    for (const change of changes) change.take()
    logger.level = conf.logLevel
    logger.info({ ...this.places, workers: conf.workers }, 'serving as newly configured')
  }

  /** In all processes. */
  reopenLog(): void {
    this.#workers.reopenLog()
    this.#parts.log.reopen(this.#parts.logger)
  }

  /** Answers under way have as long as is configured. */
  async close(): Promise<void> {
    await this.#workers.close()
    await this.#admin.close()
  }
}
