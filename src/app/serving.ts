import type { EdgeConf } from '../config/index.ts'
import { AdminListener } from './admin-listener.ts'
import { EdgeWorkers, type EdgeWorkersParts } from './edge-workers.ts'
import type { InheritedSockets } from './inherited-sockets.ts'
import type { Logger } from './logger.ts'

/** What `dfs-edge serve` runs: edge processes, and the admin listener in front of all of them. */
export class Serving {
  readonly #workers: EdgeWorkers
  readonly #admin: AdminListener
  readonly #logger: Logger
  readonly #sockets: InheritedSockets

  private constructor(parts: EdgeWorkersParts & { workers: EdgeWorkers; admin: AdminListener }) {
    this.#workers = parts.workers
    this.#admin = parts.admin
    this.#logger = parts.logger
    this.#sockets = parts.sockets
  }

  /** @throws EdgeError invalid_config */
  static async start(conf: EdgeConf, parts: EdgeWorkersParts): Promise<Serving> {
    parts.sockets.checkAllUsed(conf)
    const workers = await EdgeWorkers.start(conf, parts)
    try {
      const purgeEdges = workers.purge.bind(workers)
      const reports = workers.reports.bind(workers)
      const admin = await AdminListener.start(conf, { ...parts, purgeEdges, reports })
      return new Serving({ ...parts, workers, admin })
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
    this.#sockets.checkAllUsed(conf)
    const admin = await this.#admin.prepare(conf)
    try {
      await this.#workers.replaceAll(conf)
    } catch (error) {
      admin.drop()
      throw error
    }
    admin.take()
    this.#logger.level = conf.logLevel
    this.#logger.info({ ...this.places, workers: conf.workers }, 'serving as newly configured')
  }

  async close(deadlineMs: number): Promise<void> {
    await this.#workers.close(deadlineMs)
    await this.#admin.close()
  }
}
