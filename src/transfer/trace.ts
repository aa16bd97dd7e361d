import type { LocationResult } from '../resolver/resolver.ts'

/** Where the bytes of an answer come from: memory, or replicas that were remembered, asked for, or here. */
export type CacheResult = 'memory' | LocationResult

/**
 * The way to the bytes of one answer, told by those who go it, also where it leads nowhere. It goes down
 * with the question and is read by whoever put it, when the answer has ended.
 */
export class Trace {
  #cache: CacheResult = 'none'
  #host: string | null = null
  #resolveMs: number | null = null

  get cache(): CacheResult {
    return this.#cache
  }

  /** The replica that sent the first byte; null out of memory. */
  get host(): string | null {
    return this.#host
  }

  /** Null: nothing had to be found out. */
  get resolveMs(): number | null {
    return this.#resolveMs
  }

  /** Who had to be asked once was not remembered, whatever is remembered by then. */
  located(result: LocationResult): void {
    if (this.#cache !== 'miss') this.#cache = result
  }

  resolvedIn(ms: number): void {
    this.#resolveMs = (this.#resolveMs ?? 0) + ms
  }

  cameFromMemory(): void {
    this.#cache = 'memory'
  }

  cameFrom(host: string): void {
    this.#host ??= host
  }
}
