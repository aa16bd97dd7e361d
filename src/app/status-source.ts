import type { ClusterReport } from '../admin/cluster-report.ts'
import type { ProcessReport } from '../admin/process-report.ts'
import { type Status, statusOf } from '../admin/status.ts'
import { Refreshed } from '../client/refreshed.ts'
import type { DatabaseState } from '../client/sql-replication.ts'
import type { EdgeConf } from '../config/index.ts'
import { surveyClusters, surveyReplication } from './cluster-survey.ts'
import { type Clusters, openClusters } from './clusters.ts'
import { packageVersion } from './package-version.ts'
import { monotonicMs } from './timing.ts'

export interface StatusParts {
  /** What each edge process tells of itself. */
  reports(): Promise<readonly ProcessReport[]>
  /** What an operator should know, although the edge serves. */
  warnings(): Promise<readonly string[]>
}

/** However many look at it, daemons are asked this often at most, and never while nobody looks. */
const SURVEY_MS = 3000
/** Whoever reads metrics every second does not need it so often. */
const REPLICATION_MS = 10_000
/** Edge processes are near. */
const REPORTS_MS = 1000
/** Whether an edge is ready is asked in haste, and an answer of the question before will do. */
const READY_MS = 15_000

/** What `/status` and the status page tell, gathered when somebody looks. */
export class StatusSource {
  readonly #clusters: Clusters
  readonly #survey: Refreshed<ClusterReport>
  readonly #replication: Refreshed<readonly DatabaseState[]>
  readonly #reports: Refreshed<readonly ProcessReport[]>
  readonly #parts: StatusParts
  readonly #version = packageVersion()
  readonly #startedAt = Math.round(Date.now() - process.uptime() * 1000)

  /** Connects to nobody yet, and to nobody that the edge processes do not know. */
  constructor(conf: EdgeConf, parts: StatusParts) {
    const clusters = openClusters(conf, () => undefined)
    const load = (): Promise<ClusterReport> => surveyClusters(clusters, conf)
    this.#clusters = clusters
    this.#survey = new Refreshed({ load, refreshMs: SURVEY_MS, now: monotonicMs })
    this.#replication = new Refreshed({
      load: () => surveyReplication(clusters),
      refreshMs: REPLICATION_MS,
      now: monotonicMs,
    })
    this.#reports = new Refreshed({
      load: () => parts.reports(),
      refreshMs: REPORTS_MS,
      now: monotonicMs,
    })
    this.#parts = parts
  }

  /** At most some seconds old. */
  async status(): Promise<Status> {
    return this.#statusWith(await this.#survey.newerThan(SURVEY_MS))
  }

  /** Without waiting for a daemon that hangs, if one was asked just before. */
  async statusInHaste(): Promise<Status> {
    const { ageMs } = this.#survey
    const isRecent = ageMs < READY_MS
    const last = this.#survey.last
    return this.#statusWith((isRecent ? last : undefined) ?? (await this.#survey.newerThan(0)))
  }

  /** Of MogileFS's databases; at most ten seconds old. */
  replication(): Promise<readonly DatabaseState[]> {
    return this.#replication.newerThan(REPLICATION_MS)
  }

  close(): void {
    this.#clusters.close()
  }

  async #statusWith(clusters: ClusterReport): Promise<Status> {
    const [processes, warnings] = await Promise.all([
      this.#reports.newerThan(REPORTS_MS),
      this.#parts.warnings(),
    ])
    const facts = { version: this.#version, startedAt: this.#startedAt, now: Date.now() }
    return statusOf({ ...facts, processes, clusters, warnings })
  }
}
