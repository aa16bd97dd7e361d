import { LRUCache } from 'lru-cache'

/** How long a replica that gave wrong bytes of a file is asked last for that file. */
const AVOID_MS = 10 * 60 * 1000

/** So many names for so long. `max` would make room for all of them at once, which takes 30 ms. */
export function rememberedFor(ttl: number, maxSize: number) {
  return { ttl, maxSize, sizeCalculation: () => 1 } as const
}

/** Which replica of which file gave wrong bytes. */
export class WrongReplicas {
  readonly #wrong = new LRUCache<string, true>(rememberedFor(AVOID_MS, 10_000))

  add(key: string, place: string): void {
    this.#wrong.set(`${key} ${place}`, true)
  }

  /** The same replicas, those known to be wrong for this file last. */
  demote<T extends { readonly place: string }>(key: string, replicas: readonly T[]): readonly T[] {
    if (this.#wrong.size === 0) return replicas
    const isWrong = ({ place }: T): boolean => this.#wrong.has(`${key} ${place}`)
    const isRight = (replica: T): boolean => !isWrong(replica)
    return [...replicas.filter(isRight), ...replicas.filter(isWrong)]
  }
}
