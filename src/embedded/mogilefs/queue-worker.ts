import { isDiskError } from '../disk-error.ts'
import type { QueueTable } from './queue-tables.ts'

export interface QueueWorkerOptions {
  readonly queue: QueueTable
  /** False when it cannot be done now. */
  readonly act: (fid: number) => Promise<boolean>
  readonly nowSeconds: () => number
  readonly onError: (error: unknown) => void
}

const RETRY_MS = 1000

/** Works on a queue, one fid after the other, whenever it is woken and as long as anything is due. */
export class QueueWorker {
  readonly #options: QueueWorkerOptions
  #work: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  #isClosed = true
  #isWoken = false
  #hasChanged = false

  constructor(options: QueueWorkerOptions) {
    this.#options = options
  }

  open(): void {
    this.#isClosed = false
    this.wake()
  }

  wake(): void {
    this.#isWoken = true
    if (this.#isClosed || this.#work !== undefined) return
    clearTimeout(this.#timer)
    const { onError } = this.#options
    this.#work = this.#runAll()
      .catch(onError)
      .finally(() => this.#rest())
  }

  /** Something has changed: what was deferred may be possible now. */
  retry(): void {
    if (this.#isClosed) return
    this.#hasChanged = true
    this.#options.queue.hurry(this.#options.nowSeconds())
    this.wake()
  }

  /** Settles when nothing is due. */
  async settled(): Promise<void> {
    while (this.#work !== undefined) await this.#work
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    await this.settled()
  }

  async #runAll(): Promise<void> {
    const { queue, nowSeconds } = this.#options
    this.#isWoken = false
    while (!this.#isClosed) {
      const job = queue.begin(nowSeconds())
      if (job === undefined) return
      this.#hasChanged = false
      const isDone = await this.#run(job.fid)
      // Closing ends a job early, which then only seems done.
      if (isDone && !this.#isClosed) queue.finish(job)
      else queue.defer(job, nowSeconds())
      if (this.#hasChanged) queue.hurry(nowSeconds())
    }
  }

  async #run(fid: number): Promise<boolean> {
    try {
      return await this.#options.act(fid)
    } catch (error) {
      // What a disk refuses is tried again, like everything that cannot be done now.
      if (!isDiskError(error)) this.#options.onError(error)
      return false
    }
  }

  /** What was deferred is looked at again from time to time. */
  #rest(): void {
    this.#work = undefined
    // What came as the last look into the queue was over.
    if (this.#isWoken) this.wake()
    if (this.#work !== undefined || this.#isClosed || this.#options.queue.isEmpty) return
    this.#timer = setTimeout(() => this.wake(), RETRY_MS)
    this.#timer.unref()
  }
}
