import { LRUCache } from 'lru-cache'

/** How long a replica that gave wrong bytes of a file is asked last for that file. */
const AVOID_MS = 10 * 60 * 1000
const NAMES_MAX = 10_000

/** Which replica of which file gave wrong bytes. */
export class WrongReplicas {
  /** `max` would make room for all names at once, which takes 30 ms. */
  readonly #wrong = new LRUCache<string, true>({
    ttl: AVOID_MS,
    maxSize: NAMES_MAX,
    sizeCalculation: () => 1,
  })

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
