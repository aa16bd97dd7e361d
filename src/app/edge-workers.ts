import cluster from 'node:cluster'
import type { PurgedEdge } from '../admin/edge-caches.ts'
import { mergePurged } from '../admin/merge-purged.ts'
import type { ProcessReport } from '../admin/process-report.ts'
import type { PurgeTarget } from '../admin/purge-target.ts'
import { SampleSheet, type Samples } from '../admin/samples.ts'
import type { EdgeConf } from '../config/index.ts'
import { FIRST_FD, type InheritedSockets } from './inherited-sockets.ts'
import type { Logger } from './logger.ts'
import { OwnSockets } from './own-sockets.ts'
import type { Drain } from './worker-messages.ts'
import { WorkerMetrics } from './worker-metrics.ts'
import { type WorkerEnd, WorkerProcess } from './worker-process.ts'

/** One that lives for so long was well. */
const SETTLED_MS = 10_000
const RESTART_MIN_MS = 100
const RESTART_MAX_MS = 10_000
/** A download may go on in a process that was replaced; a page's next picture comes within seconds. */
const REPLACED: Drain = { deadlineMs: 10 * 60_000, graceMs: 5000 }
const PURGE_DEADLINE_MS = 10_000
/** A process that has more to do than that can say nothing of itself. */
const REPORT_DEADLINE_MS = 2000
/** For requests that are on their way while nobody listens any more: less than anyone notices. */
const LAST_REQUESTS_MS = 300
/**
 * Descriptors that each edge process has of a socket. libuv takes one connection of each in a round of the event
 * loop: with one alone, whoever comes behind a thousand others waits for as many rounds.
 */
const ACCEPTED_PER_ROUND = 16

export interface EdgeWorkersParts {
  readonly logger: Logger
  readonly sockets: InheritedSockets
}

/**
 * The edge processes, all accepting from the same sockets, which the primary holds open: what comes in
 * while none is there waits. One that dies is started again.
 */
export class EdgeWorkers {
  readonly #parts: EdgeWorkersParts
  readonly #own = new OwnSockets()
  /** Of a reload that is under way: they listen already. */
  readonly #coming = new Set<WorkerProcess>()
  readonly #serving = new Set<WorkerProcess>()
  readonly #draining = new Set<WorkerProcess>()
  readonly #metrics = new WorkerMetrics()
  #conf: EdgeConf
  /** Processes in a row that died young, or did not even come up. */
  #failures = 0
  #deaths = 0
  #restart: NodeJS.Timeout | undefined
  #isFillingUp = false
  #isClosing = false

  private constructor(conf: EdgeConf, parts: EdgeWorkersParts) {
    this.#conf = conf
    this.#parts = parts
  }

  /** @throws EdgeError invalid_config */
  static async start(conf: EdgeConf, parts: EdgeWorkersParts): Promise<EdgeWorkers> {
    const workers = new EdgeWorkers(conf, parts)
    try {
      workers.#openSockets(conf)
      // The first tells what is wrong with the configuration, once.
      await workers.#launch(conf)
      await Promise.all(Array.from({ length: conf.workers - 1 }, () => workers.#launch(conf)))
      return workers
    } catch (error) {
      await workers.close(0)
      throw error
    }
  }

  get urls(): readonly string[] {
    return [...this.#serving][0]?.urls ?? []
  }

  /** Also in those that are going: what they still answer may come into nginx's cache. */
  async purge(target: PurgeTarget): Promise<PurgedEdge | undefined> {
    if (this.#serving.size === 0) throw new Error('no edge process is running')
    const asked = this.#all.map((worker) =>
      worker.ask({ name: 'purge', target }, PURGE_DEADLINE_MS),
    )
    return mergePurged(await Promise.all(asked))
  }

  /** Of those that answer in time. */
  async reports(): Promise<readonly ProcessReport[]> {
    const asked = this.#all.map((worker) => worker.ask({ name: 'report' }, REPORT_DEADLINE_MS))
    const reports = await Promise.all(asked.map((report) => report.catch(() => undefined)))
    return reports.filter((report) => report !== undefined)
  }

  /** Of all processes, those included that are no more, and what the primary itself knows. */
  async metrics(): Promise<readonly Samples[]> {
    const { all, silent } = await this.#metrics.read()
    const sheet = new SampleSheet()
    sheet.add('dfs_edge_workers', { state: 'up' }, this.#all.length - silent)
    sheet.add('dfs_edge_workers', { state: 'silent' }, silent)
    sheet.add('dfs_edge_worker_deaths_total', {}, this.#deaths)
    return [...all, sheet.samples]
  }

  /**
   * New processes in place of the old: those go when all of the new listen.
   * @throws EdgeError invalid_config, or Error: with this configuration one does not come up, and all is
   * as before
   */
  async replaceAll(conf: EdgeConf): Promise<void> {
    const old = this.#conf
    try {
      this.#openSockets(conf)
      await this.#bringUp(conf)
    } catch (error) {
      this.#retireAll(this.#coming)
      this.#own.keep(old.listen)
      throw error
    }
    this.#conf = conf
    this.#own.keep(conf.listen)
    this.#retireAll(this.#serving)
    for (const worker of this.#coming) this.#watch(worker)
    this.#coming.clear()
  }

  async #bringUp(conf: EdgeConf): Promise<void> {
    const bringUpOne = async () => this.#coming.add(await this.#startProcess(conf))
    this.#failWhileClosing()
    await bringUpOne()
    const others = Array.from({ length: conf.workers - 1 }, bringUpOne)
    for (const other of await Promise.allSettled(others)) {
      if (other.status === 'rejected') throw other.reason
    }
    this.#failWhileClosing()
    const dead = [...this.#coming].find((worker) => worker.hasEnded)
    if (dead !== undefined) throw new Error(`edge process ${dead.pid} died at once`)
  }

  /** The sockets are going: what is started now would not get them. */
  #failWhileClosing(): void {
    if (this.#isClosing) throw new Error('the edge is stopping')
  }

  reopenLog(): void {
    for (const worker of this.#all) worker.reopenLog()
  }

  /** @param deadlineMs for answers under way; as configured by default */
  async close(deadlineMs = this.#conf.drainMs): Promise<void> {
    this.#isClosing = true
    clearTimeout(this.#restart)
    this.#own.keep([])
    const drain = { deadlineMs, graceMs: Math.min(LAST_REQUESTS_MS, deadlineMs) }
    await Promise.all(this.#all.map((worker) => worker.stop(drain)))
  }

  get #all(): readonly WorkerProcess[] {
    return [...this.#coming, ...this.#serving, ...this.#draining]
  }

  /** @throws EdgeError invalid_config */
  #openSockets({ listen }: EdgeConf): void {
    const { sockets } = this.#parts
    this.#own.open(listen.filter((address) => sockets.find(address).length === 0))
  }

  async #startProcess(conf: EdgeConf): Promise<WorkerProcess> {
    const sockets = [...this.#parts.sockets.fds, ...this.#own.fds]
    const fds = sockets.flatMap((fd) => Array<number>(ACCEPTED_PER_ROUND).fill(fd))
    const stdio = ['inherit', 'inherit', 'inherit', ...fds, 'ipc'] as const
    cluster.setupPrimary({ serialization: 'advanced', stdio: [...stdio] })
    const inheritedFds = fds.map((_, index) => FIRST_FD + index)
    const worker = await WorkerProcess.start({ conf, inheritedFds })
    this.#metrics.add(worker)
    return worker
  }

  async #launch(conf: EdgeConf): Promise<void> {
    const worker = await this.#startProcess(conf)
    if (this.#isClosing) await worker.stop({ deadlineMs: 0, graceMs: 0 })
    // Begun before a reload, and done after it.
    else if (conf !== this.#conf) this.#drain(worker)
    else this.#watch(worker)
  }

  #watch(worker: WorkerProcess): void {
    const startedAt = performance.now()
    this.#serving.add(worker)
    void worker.ended.then((end) => this.#replaceDead(worker, { ...end, startedAt }))
  }

  #retireAll(workers: Set<WorkerProcess>): void {
    for (const worker of workers) this.#drain(worker)
    workers.clear()
  }

  #drain(worker: WorkerProcess): void {
    this.#draining.add(worker)
    void worker.stop(REPLACED).then(() => this.#draining.delete(worker))
  }

  #replaceDead(worker: WorkerProcess, end: WorkerEnd & { startedAt: number }): void {
    if (!this.#serving.delete(worker) || this.#isClosing) return
    this.#deaths += 1
    const { startedAt, ...how } = end
    this.#parts.logger.error(
      { pid: worker.pid, ...how },
      'an edge process died, another one is started',
    )
    this.#failures = performance.now() - startedAt < SETTLED_MS ? this.#failures + 1 : 0
    this.#scheduleRestart()
  }

  #scheduleRestart(): void {
    clearTimeout(this.#restart)
    const delayMs = Math.min(RESTART_MAX_MS, RESTART_MIN_MS * 2 ** this.#failures)
    this.#restart = setTimeout(() => void this.#fillUp(), delayMs)
  }

  /** Once at a time: one that is just coming up is not among those that serve yet. */
  async #fillUp(): Promise<void> {
    if (this.#isFillingUp) return
    this.#isFillingUp = true
    try {
      while (!this.#isClosing && this.#serving.size < this.#conf.workers) {
        await this.#launch(this.#conf)
      }
    } catch (err) {
      this.#failures += 1
      this.#parts.logger.error({ err }, 'an edge process does not come up')
      if (!this.#isClosing) this.#scheduleRestart()
    } finally {
      this.#isFillingUp = false
    }
  }
}
