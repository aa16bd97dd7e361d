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
  readonly slowest: Timed
  readonly totalMs: number
  readonly findings: readonly Finding[]
  readonly outcomes: ReadonlyMap<string, number>
}

/** How long a case took. */
export interface Timed {
  readonly index: number
  readonly ms: number
}

/** Enough to see what is wrong. */
const MAX_FINDINGS = 3
const MAX_SLOW = 30
/** Of those that take so many times as long as they may no more are waited for. */
const HANGS = 10
/** So often others get their turn. */
const TURN = 500
/** A slow machine is told from a slow case by trying it again. */
const TRIES = 3
/** So many of the slowest are timed once more, though they were not too slow. */
const TIMED_AGAIN = 3
/** Of each kind of case that a target must have. */
const MANY = 6

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
      while (next < cases && !run.isEnough) {
        next += 1
        await run.case(next - 1)
      }
    }
    await Promise.all(Array.from({ length: target.parallel ?? 1 }, work))
    await run.timeSlowAgain()
    const { slowest, findings } = run
    const totalMs = performance.now() - startedAt
    const { outcomes = new Map() } = open
    return { name: target.name, cases: next, slowest, totalMs, findings, outcomes }
  } finally {
    await open.close?.()
  }
}

class Run {
  readonly findings: Finding[] = []
  readonly #target: FuzzTarget
  readonly #open: OpenTarget
  readonly #seed: number
  /** As they were beside each other, the slowest first. */
  readonly #slow: Timed[] = []
  slowest: Timed = { index: 0, ms: 0 }

  constructor(target: FuzzTarget, open: OpenTarget, seed: number) {
    this.#target = target
    this.#open = open
    this.#seed = seed
  }

  get isEnough(): boolean {
    const ms = this.#slow[MAX_SLOW - 1]?.ms ?? 0
    return this.findings.length >= MAX_FINDINGS || ms > HANGS * this.#target.maxMs
  }

  async case(index: number): Promise<void> {
    const text = this.#textOf(index)
    try {
      this.#note({ index, ms: await this.#time(text) })
    } catch (error) {
      await this.#report({ index, text }, error)
    }
    if (index % TURN === 0) await new Promise((resolve) => setImmediate(resolve))
  }

  /** While no other case is under way: what it takes now is its own. */
  async timeSlowAgain(): Promise<void> {
    for (const [rank, { index, ms }] of this.#slow.entries()) {
      const isDue = this.#isTooLong(ms) || rank < TIMED_AGAIN
      if (!isDue || this.findings.length >= MAX_FINDINGS) return
      const text = this.#textOf(index)
      const alone = await this.#shortest(text)
      if (alone > this.slowest.ms) this.slowest = { index, ms: alone }
      if (!this.#isTooLong(alone)) continue
      const error = new Error(`it takes ${Math.round(alone)} ms`)
      await this.#report({ index, text }, error, async (candidate) =>
        this.#isTooLong(await this.#shortest(candidate)),
      )
    }
  }

  #isTooLong(ms: number): boolean {
    return ms > this.#target.maxMs
  }

  #textOf(index: number): string {
    return this.#open.generate(new Random(this.#seed, index))
  }

  #note(timed: Timed): void {
    const { length } = this.#slow
    if (length >= MAX_SLOW && timed.ms <= (this.#slow[length - 1]?.ms ?? 0)) return
    this.#slow.push(timed)
    this.#slow.sort((a, b) => b.ms - a.ms).splice(MAX_SLOW)
  }

  async #time(text: string): Promise<number> {
    const startedAt = performance.now()
    const checked = this.#open.check(text)
    if (checked !== undefined) await checked
    return performance.now() - startedAt
  }

  /** Of a few tries, the first that is quick enough. */
  async #shortest(text: string): Promise<number> {
    let ms = Number.POSITIVE_INFINITY
    for (let tries = 0; tries < TRIES && this.#isTooLong(ms); tries += 1) {
      ms = Math.min(ms, await this.#time(text))
    }
    return ms
  }

  async #report(
    { index, text }: { readonly index: number; readonly text: string },
    error: unknown,
    fails = (candidate: string): Promise<boolean> => this.#fails(candidate),
  ): Promise<void> {
    const message = error instanceof Error ? (error.stack ?? error.message) : `${error}`
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

/** Kinds of cases that a target must have and hardly had: that nothing was found says little then. */
export function findRareOutcomes({ outcomes = [] }: FuzzTarget, run: TargetRun): string[] {
  return outcomes.filter((outcome) => (run.outcomes.get(outcome) ?? 0) < MANY)
}

/** One finding for people: how to have it again, and the case. */
export function formatFinding(name: string, { seed, index, text, message }: Finding): string {
  return `${name}: seed ${seed}, case ${index}\n  ${JSON.stringify(text)}\n  ${message}`
}
