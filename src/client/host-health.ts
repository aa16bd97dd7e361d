/** A host that was asked for anything. */
export interface SeenHost {
  readonly host: string
  /** The last question to it failed. */
  readonly isFailing: boolean
}

interface State {
  failures: number
  failedAt: number
  usedAt: number
}

export interface HostHealthOptions {
  /** After this long without a new failure a host counts as well again. */
  readonly recoverMs: number
  readonly now: () => number
}

/**
 * What the edge has seen of each host: failed least comes first, then least recently used. A host
 * that failed is asked last, not never, and is trusted again after `recoverMs` or one success.
 */
export class HostHealth {
  readonly #states = new Map<string, State>()
  readonly #options: HostHealthOptions
  #uses = 0

  constructor(options: HostHealthOptions) {
    this.#options = options
  }

  succeeded(host: string): void {
    this.#stateOf(host).failures = 0
  }

  /** It refused, broke, timed out, or was silent while another one answered. */
  failed(host: string): void {
    const state = this.#stateOf(host)
    state.failures += 1
    state.failedAt = this.#options.now()
  }

  isFailing(host: string): boolean {
    return this.#failuresOf(host) > 0
  }

  /** Whether it is asked last does not matter here: a host that nobody asks again stays as it was seen. */
  get hosts(): readonly SeenHost[] {
    return Array.from(this.#states, ([host, { failures }]) => ({ host, isFailing: failures > 0 }))
  }

  /** The same hosts, best first; the first one counts as used. Equals keep the given order. */
  order<T>(items: readonly T[], hostOf: (item: T) => string): readonly T[] {
    if (items.length < 2) return items
    const sorted = items
      .map((item) => ({ item, failures: this.#failuresOf(hostOf(item)), host: hostOf(item) }))
      .sort((a, b) => a.failures - b.failures || this.#usedAt(a.host) - this.#usedAt(b.host))
    const first = sorted[0]
    if (first !== undefined) this.#stateOf(first.host).usedAt = ++this.#uses
    return sorted.map(({ item }) => item)
  }

  /** Failing hosts last, otherwise the given order: where the order means something. */
  demote<T>(items: readonly T[], hostOf: (item: T) => string): readonly T[] {
    return items.toSorted((a, b) => this.#failuresOf(hostOf(a)) - this.#failuresOf(hostOf(b)))
  }

  #usedAt(host: string): number {
    return this.#states.get(host)?.usedAt ?? 0
  }

  #failuresOf(host: string): number {
    const state = this.#states.get(host)
    if (state === undefined || state.failures === 0) return 0
    return this.#options.now() - state.failedAt > this.#options.recoverMs ? 0 : state.failures
  }

  #stateOf(host: string): State {
    const known = this.#states.get(host)
    if (known !== undefined) return known
    const state = { failures: 0, failedAt: 0, usedAt: 0 }
    this.#states.set(host, state)
    return state
  }
}
