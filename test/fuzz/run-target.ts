import { minimize } from './minimize.ts'
import { Random } from './random.ts'
import type { FuzzTarget, OpenTarget } from './target.ts'

export interface Finding {
  readonly seed: number
  /** The number of the case. */
  readonly index: number
  /** As small as it could be made. */
  readonly text: string
  readonly message: string
}

export interface TargetRun {
  readonly name: string
  readonly cases: number
  readonly slowestMs: number
  readonly totalMs: number
  readonly findings: readonly Finding[]
}

/** Enough to see what is wrong. */
const MAX_FINDINGS = 3
/** So often others get their turn. */
const TURN = 500
/** A slow machine is told from a slow case by trying it again. */
const TRIES = 3

/** Feeds one target. */
export async function runTarget(
  target: FuzzTarget,
  { seed, cases }: { readonly seed: number; readonly cases: number },
): Promise<TargetRun> {
  const open = await target.open()
  const run = new Run(target, open, seed)
  const startedAt = performance.now()
  try {
    let next = 0
    const work = async (): Promise<void> => {
      while (next < cases && run.findings.length < MAX_FINDINGS) {
        next += 1
        await run.case(next - 1)
      }
    }
    await Promise.all(Array.from({ length: target.parallel ?? 1 }, work))
    const { slowestMs, findings } = run
    const totalMs = performance.now() - startedAt
    return { name: target.name, cases: next, slowestMs, totalMs, findings }
  } finally {
    await open.close?.()
  }
}

class Run {
  readonly findings: Finding[] = []
  readonly #target: FuzzTarget
  readonly #open: OpenTarget
  readonly #seed: number
  slowestMs = 0

  constructor(target: FuzzTarget, open: OpenTarget, seed: number) {
    this.#target = target
    this.#open = open
    this.#seed = seed
  }

  async case(index: number): Promise<void> {
    const text = this.#open.generate(new Random(this.#seed, index))
    const startedAt = performance.now()
    try {
      const checked = this.#open.check(text)
      if (checked !== undefined) await checked
      const ms = performance.now() - startedAt
      if (ms > this.#target.maxMs) await this.#tryAgain(text)
      else this.slowestMs = Math.max(this.slowestMs, ms)
    } catch (error) {
      await this.#report(index, text, error)
    }
    if (index % TURN === 0) await new Promise((resolve) => setImmediate(resolve))
  }

  async #tryAgain(text: string): Promise<void> {
    const times: number[] = []
    for (let count = 0; count < TRIES; count += 1) {
      const startedAt = performance.now()
      await this.#open.check(text)
      times.push(performance.now() - startedAt)
    }
    const ms = Math.min(...times)
    this.slowestMs = Math.max(this.slowestMs, ms)
    if (ms > this.#target.maxMs) throw new Error(`it takes ${Math.round(ms)} ms`)
  }

  async #report(index: number, text: string, error: unknown): Promise<void> {
    const message = error instanceof Error ? (error.stack ?? error.message) : `${error}`
    const fails = (candidate: string): Promise<boolean> => this.#fails(candidate)
    const smallest = this.findings.length < MAX_FINDINGS ? await minimize(text, fails) : text
    this.findings.push({ seed: this.#seed, index, text: smallest, message })
  }

  async #fails(text: string): Promise<boolean> {
    try {
      await this.#open.check(text)
      return false
    } catch {
      return true
    }
  }
}

/** One finding for people: how to have it again, and the case. */
export function formatFinding(name: string, { seed, index, text, message }: Finding): string {
  return `${name}: seed ${seed}, case ${index}\n  ${JSON.stringify(text)}\n  ${message}`
}
