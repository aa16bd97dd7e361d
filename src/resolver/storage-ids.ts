import type { StorageId } from '../wire/fastdfs/storage-ids.ts'

export interface StorageIdTableOptions {
  /** From the configuration; may be empty. */
  readonly known: readonly StorageId[]
  /** Asks a tracker (command 69). */
  fetch(): Promise<readonly StorageId[]>
  readonly refreshMs: number
  readonly now: () => number
}

/** Storage ids to addresses. Learned from a tracker in the background when an unknown id is met. */
export class StorageIdTable {
  readonly #options: StorageIdTableOptions
  readonly #ids = new Map<string, readonly string[]>()
  #fetchedAt = Number.NEGATIVE_INFINITY

  constructor(options: StorageIdTableOptions) {
    this.#options = options
    this.#add(options.known)
  }

  /** The addresses of a storage; empty while they are not known. */
  ipAddrs(groupName: string, id: number): readonly string[] {
    const known = this.#ids.get(`${groupName} ${id}`)
    if (known !== undefined) return known
    this.#refresh()
    return []
  }

  #refresh(): void {
    const now = this.#options.now()
    if (now - this.#fetchedAt < this.#options.refreshMs) return
    this.#fetchedAt = now
    this.#options.fetch().then(
      (ids) => this.#add(ids),
      // Without the table no storage is known to be the source: the order suffers, nothing else.
      () => undefined,
    )
  }

  #add(ids: readonly StorageId[]): void {
    for (const { groupName, id, ipAddrs } of ids) this.#ids.set(`${groupName} ${id}`, ipAddrs)
  }
}
