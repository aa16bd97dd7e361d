import type { ByteBudget } from './byte-budget.ts'
import type { LargeFiles, Wanted } from './large-files.ts'
import type { Loaded } from './open-replica.ts'
import type { Opening } from './opening.ts'
import { openLoaded, SharedLoads } from './shared-loads.ts'
import type { Opened } from './transfer.ts'

export interface SharedRangesOptions {
  /** For ranges on their way to clients. */
  readonly budget: ByteBudget
  /** Whoever asks for a longer one does not wait until all of it is there. */
  readonly sharedRangeMaxBytes: number
}

/**
 * Short ranges of large files that never change, as nginx's slices are: the first client has a stream, and all who
 * ask for the same bytes before it has ended share one more, however many they are.
 */
export class SharedRanges {
  readonly #options: SharedRangesOptions
  readonly #large: Pick<LargeFiles, 'open'>
  readonly #streams = new Set<string>()
  readonly #loads: SharedLoads

  constructor(large: Pick<LargeFiles, 'open'>, options: SharedRangesOptions) {
    this.#large = large
    this.#options = options
    this.#loads = new SharedLoads(options.budget)
  }

  /** Nobody joins what is under way. */
  forget(): void {
    this.#loads.clear()
  }

  /** Undefined: it is none of these ranges, or memory is used up. Null: no replica has the file. */
  open(opening: Opening, wanted: Wanted): Promise<Opened | null> | undefined {
    const { found, range } = wanted
    const { facts, contentKey } = found
    const { start, end } = range
    if (!facts.isImmutable || end - start > this.#options.sharedRangeMaxBytes) return undefined
    const name = `${contentKey} ${facts.etag} ${start}-${end}`
    const isUnderWay = this.#loads.has(name) || this.#streams.has(name)
    if (!isUnderWay) return this.#stream(name, opening, wanted)
    const read = (signal: AbortSignal) => this.#read({ ...opening, options: { signal } }, wanted)
    const load = this.#loads.share(name, end - start, read)
    return load && openLoaded(load, opening, { facts, range, from: start })
  }

  async #stream(name: string, opening: Opening, wanted: Wanted): Promise<Opened | null> {
    const end = (): void => void this.#streams.delete(name)
    this.#streams.add(name)
    try {
      const opened = await this.#large.open(opening, wanted, end)
      if (opened === null) end()
      return opened
    } catch (error) {
      end()
      throw error
    }
  }

  async #read(opening: Opening, wanted: Wanted): Promise<Loaded | null> {
    const opened = await this.#large.open(opening, wanted)
    if (opened === null) return null
    const content = Buffer.allocUnsafeSlow(wanted.range.end - wanted.range.start)
    let length = 0
    for await (const chunk of opened.body) length += chunk.copy(content, length)
    return { host: opened.host, content }
  }
}
