import type { EdgeConf } from '../config/index.ts'
import { AdminListener } from './admin-listener.ts'
import { EdgeWorkers } from './edge-workers.ts'
import { describeError } from './exit-code.ts'
import type { Logger } from './logger.ts'

/** What `dfs-edge serve` runs: edge processes, and the admin listener in front of all of them. */
export class Serving {
  readonly #workers: EdgeWorkers
  readonly #admin: AdminListener
  readonly #logger: Logger
  #conf: EdgeConf

  private constructor(
    conf: EdgeConf,
    parts: { workers: EdgeWorkers; admin: AdminListener; logger: Logger },
  ) {
    this.#conf = conf
    this.#workers = parts.workers
    this.#admin = parts.admin
    this.#logger = parts.logger
  }

  /** @throws EdgeError invalid_config */
  static async start(conf: EdgeConf, logger: Logger): Promise<Serving> {
    const workers = await EdgeWorkers.start(conf, logger)
    try {
      const purgeEdges = workers.purge.bind(workers)
      const admin = await AdminListener.start(conf, { logger, purgeEdges })
      return new Serving(conf, { workers, admin, logger })
    } catch (error) {
      await workers.close(0)
      throw error
    }
  }

  get places(): { readonly urls: readonly string[]; readonly admin: string } {
    return { urls: this.#workers.urls, admin: this.#admin.url }
  }

  /** Takes a new configuration, or stays as it is and says why. */
  async reload(conf: EdgeConf): Promise<void> {
    try {
      await this.#admin.configure(conf)
      await this.#workers.replaceAll(conf)
      this.#conf = conf
      this.#logger.level = conf.logLevel
      this.#logger.info({ ...this.places, workers: conf.workers }, 'serving as newly configured')
    } catch (error) {
      await this.#admin.configure(this.#conf)
      this.#logger.error({ error: describeError(error) }, REFUSED)
    }
  }

  async close(deadlineMs: number): Promise<void> {
    await this.#workers.close(deadlineMs)
    await this.#admin.close()
  }
}

/** What the log says of a configuration that cannot be used. */
export const REFUSED = 'the new configuration is refused, the old one stays'
