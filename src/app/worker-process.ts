import cluster, { type Worker } from 'node:cluster'
import type { Samples } from '../admin/samples.ts'
import { EdgeError } from '../errors.ts'
import {
  type Answered,
  type Answers,
  type Drain,
  type FromWorker,
  isAnswerTo,
  isMessage,
  type Question,
  type ToWorker,
  type WorkerStart,
} from './worker-messages.ts'

const START_DEADLINE_MS = 60_000
/** For `returnMemory`. */
const WORKER_FLAGS = ['--expose-gc']
/**
 * What glibc gets free goes back to the system. It would else raise its bounds with each large block that it gets
 * back, and keep in pieces, one heap for each thread, what many clients at once have taken.
 */
const WORKER_ENV = { MALLOC_TRIM_THRESHOLD_: `${128 * 1024}`, MALLOC_ARENA_MAX: '1' }
/** Between the deadline of a process and its end by force. */
const KILL_AFTER_MS = 2000

type Started = Extract<FromWorker, { type: 'ready' | 'failed' }>

type Farewell = Extract<FromWorker, { type: 'farewell' }>

/** How a process ended. */
export interface WorkerEnd {
  readonly code: number | null
  readonly signal: string | null
}

/** One edge process, as the primary sees it. */
export class WorkerProcess {
  readonly #worker: Worker
  readonly #started = Promise.withResolvers<Started>()
  /** Those who asked; they hear nothing (undefined) where it has ended. */
  readonly #asking = new Map<number, (answered: Answered | undefined) => void>()
  readonly ended: Promise<WorkerEnd>
  /** It has ended, and nothing more will be heard of it. */
  readonly gone: Promise<void>
  #lastId = 0

  private constructor() {
    cluster.setupPrimary({ execArgv: [...process.execArgv, ...WORKER_FLAGS] })
    this.#worker = cluster.fork({ ...WORKER_ENV, ...process.env })
    this.#worker.on('message', (message: unknown) => this.#hear(message))
    // What cannot be sent to a process that is just ending is known from its end.
    this.#worker.on('error', () => undefined)
    const { promise, resolve } = Promise.withResolvers<WorkerEnd>()
    this.ended = promise
    this.#worker.once('exit', (code, signal) => this.#end({ code, signal }, resolve))
    const disconnected = Promise.withResolvers<void>()
    this.#worker.once('disconnect', disconnected.resolve)
    this.gone = this.ended.then(() => disconnected.promise)
  }

  /** Resolves when it listens. @throws EdgeError invalid_config, or Error: it does not come up */
  static async start(start: WorkerStart): Promise<WorkerProcess> {
    const worker = new WorkerProcess()
    worker.#tell({ type: 'start', ...start })
    const timer = setTimeout(() => worker.kill(), START_DEADLINE_MS)
    const started = await worker.#started.promise.finally(() => clearTimeout(timer))
    if (started.type === 'ready') {
      worker.urls = started.urls
      return worker
    }
    worker.kill()
    if (started.isConfFault) throw new EdgeError('invalid_config', started.message)
    throw new Error(started.message)
  }

  urls: readonly string[] = []

  /** What it has counted, as last known. */
  samples: Samples = {}

  get pid(): number | undefined {
    return this.#worker.process.pid
  }

  get hasEnded(): boolean {
    return this.#worker.isDead()
  }

  /** Undefined: it has ended. @throws Error: it does not answer within `deadlineMs` */
  async ask<N extends Question['name']>(
    question: Question & { readonly name: N },
    deadlineMs: number,
  ): Promise<Answers[N] | undefined> {
    this.#lastId += 1
    const id = this.#lastId
    const { promise, resolve, reject } = Promise.withResolvers<Answers[N] | undefined>()
    this.#asking.set(id, (answered) => {
      if (answered === undefined) resolve(undefined)
      else if (isAnswerTo(question.name, answered)) resolve(answered.answer)
    })
    this.#tell({ type: 'ask', id, question })
    if (this.hasEnded) resolve(undefined)
    const silent = (): void => reject(new Error(`edge process ${this.pid} does not answer`))
    const timer = setTimeout(silent, deadlineMs)
    return promise.finally(() => {
      clearTimeout(timer)
      this.#asking.delete(id)
    })
  }

  reopenLog(): void {
    this.#tell({ type: 'reopen' })
  }

  /** Resolves when it has ended. */
  async stop(drain: Drain): Promise<void> {
    this.#tell({ type: 'stop', drain })
    const timer = setTimeout(() => this.kill(), drain.deadlineMs + KILL_AFTER_MS)
    await this.ended
    clearTimeout(timer)
  }

  kill(): void {
    this.#worker.process.kill('SIGKILL')
  }

  #tell(message: ToWorker): void {
    if (this.#worker.isConnected()) this.#worker.send(message, () => undefined)
  }

  #hear(message: unknown): void {
    if (isMessage<Started>(message, ['ready', 'failed'])) this.#started.resolve(message)
    else if (isMessage<Answered>(message, ['answered'])) this.#asking.get(message.id)?.(message)
    else if (isMessage<Farewell>(message, ['farewell'])) this.samples = message.samples
  }

  #end(end: WorkerEnd, resolve: (end: WorkerEnd) => void): void {
    const message = `edge process ${this.pid} ended before it listened`
    this.#started.resolve({ type: 'failed', message, isConfFault: false })
    for (const hear of this.#asking.values()) hear(undefined)
    resolve(end)
  }
}
