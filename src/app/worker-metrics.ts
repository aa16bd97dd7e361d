import { DepartedCounts, type Samples } from '../admin/samples.ts'
import type { WorkerProcess } from './worker-process.ts'

/** A scrape waits no longer for a process; then what it said last counts. */
const DEADLINE_MS = 2000

/** The metrics of all edge processes there were: what one has counted stays when it is no more. */
export class WorkerMetrics {
  readonly #workers = new Set<WorkerProcess>()
  readonly #departed = new DepartedCounts()

  add(worker: WorkerProcess): void {
    this.#workers.add(worker)
    void worker.gone.then(() => {
      this.#workers.delete(worker)
      this.#departed.add(worker.samples)
    })
  }

  /** Of each process, of those that are no more, and how many did not answer. */
  async read(): Promise<{ readonly all: readonly Samples[]; readonly silent: number }> {
    const answers = await Promise.all([...this.#workers].map(refresh))
    const silent = answers.filter((isAnswered) => !isAnswered).length
    // At one moment: a process that went meanwhile is with the departed, and not counted twice.
    const all = [...this.#workers].map(({ samples }) => samples)
    return { all: [...all, this.#departed.samples], silent }
  }
}

/** False: it is silent. */
async function refresh(worker: WorkerProcess): Promise<boolean> {
  try {
    const samples = await worker.ask({ name: 'samples' }, DEADLINE_MS)
    if (samples !== undefined) worker.samples = samples
    return true
  } catch {
    return false
  }
}
