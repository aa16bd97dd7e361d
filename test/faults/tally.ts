import type { MemoryChange } from './resident.ts'

/** What became of one request. */
export interface Outcome {
  /** Why it failed: a status, or what happened to its connection. Undefined: all was well. */
  readonly failure?: string
  /** The answer was complete, and its bytes were other ones than those that were stored. */
  readonly isWrong?: boolean
  /** The connection ended in the middle of a body. */
  readonly isCut?: boolean
  readonly firstByteMs?: number
}

/** What clients saw while a fault lasted. */
export class Tally {
  requests = 0
  wrong = 0
  /** Bodies that began and did not end. */
  cut = 0
  /** The slowest first byte of each operation. */
  readonly slowestOf = new Map<string, number>()
  /** Of the edge's process, where it was looked at. */
  memory?: MemoryChange
  /** What else is to be said. */
  remark = ''
  readonly failures = new Map<string, number>()

  add(name: string, { failure, isWrong = false, isCut = false, firstByteMs = 0 }: Outcome): void {
    this.requests += 1
    this.slowestOf.set(name, Math.max(firstByteMs, this.slowestOf.get(name) ?? 0))
    if (isWrong) this.wrong += 1
    if (isCut) this.cut += 1
    if (failure === undefined || isCut) return
    const what = `${name}: ${failure}`
    this.failures.set(what, (this.failures.get(what) ?? 0) + 1)
  }

  get slowestMs(): number {
    return Math.max(0, ...this.slowestOf.values())
  }

  /** What was asked for then. */
  get slowest(): string {
    const isSlowest = ([, ms]: [string, number]): boolean => ms === this.slowestMs
    return [...this.slowestOf].find(isSlowest)?.[0] ?? ''
  }

  /** Requests that got no answer, or a wrong status, before the first byte of a body. */
  get failed(): number {
    return [...this.failures.values()].reduce((sum, count) => sum + count, 0)
  }

  /** `GET small: 502 (3)`. */
  get told(): string {
    return [...this.failures].map(([what, count]) => `${what} (${count})`).join(', ')
  }
}
