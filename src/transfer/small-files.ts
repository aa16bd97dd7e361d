import { EdgeError } from '../errors.ts'
import type { ByteRange, Facts, Forgotten, Found, Resolver } from '../resolver/resolver.ts'
import type { ByteBudget, ByteBudgetState } from './byte-budget.ts'
import { LentBuffer } from './lent-buffer.ts'
import type { CachedObject, ObjectCache, ObjectCacheState } from './object-cache.ts'
import type { Loaded, ReplicaOpener } from './open-replica.ts'
import type { Opening } from './opening.ts'
import { type Load, openLoaded, SharedLoads, UNRESERVED_BYTES } from './shared-loads.ts'
import type { Opened, OpenedInMemory } from './transfer.ts'

export interface SmallFilesOptions {
  readonly resolver: Pick<Resolver, 'confirm'>
  readonly objectCache: ObjectCache
  /** For whole files on their way to clients. */
  readonly budget: ByteBudget
  /** Files up to this many bytes are checked before the first byte goes out. */
  readonly verifyMaxBytes: number
}

/** What is in memory. */
export interface TransferState {
  readonly objects: ObjectCacheState
  /** Small files on their way to clients. */
  readonly verifyPool: ByteBudgetState
}

/** Small files, whole and verified in memory: out of the cache, or by one flight per file. */
export class SmallFiles {
  readonly #options: SmallFilesOptions
  readonly #replicas: ReplicaOpener
  readonly #loads: SharedLoads

  constructor(replicas: ReplicaOpener, options: SmallFilesOptions) {
    this.#replicas = replicas
    this.#options = options
    this.#loads = new SharedLoads(options.budget)
  }

  get state(): TransferState {
    const { objectCache, budget } = this.#options
    return { objects: objectCache.state, verifyPool: budget.state }
  }

  /** What is kept under a content key. */
  get(key: string | undefined): CachedObject | undefined {
    return key === undefined ? undefined : this.#options.objectCache.get(key)
  }

  /** A kept file that may go out as it is, whole, with no word of the one who takes it. */
  peek(key: string | undefined): OpenedInMemory | undefined {
    const kept = this.get(key)
    if (kept === undefined || kept.content.length > UNRESERVED_BYTES) return undefined
    const { facts, content } = kept
    return { facts, range: { start: 0, end: facts.size }, body: content }
  }

  delete(key: string): void {
    this.#options.objectCache.delete(key)
  }

  /** How many were kept. Nobody joins what is being loaded either. */
  forget({ contents, contentPrefix }: Forgotten): number {
    const { objectCache } = this.#options
    this.#loads.clear()
    const named = contents.filter(({ key }) => objectCache.delete(key)).length
    return named + (contentPrefix === null ? 0 : objectCache.deletePrefix(contentPrefix))
  }

  /** A file that is kept; undefined when it is not, is another version, or memory is used up. */
  openKept({ range, options }: Opening, kept: CachedObject | undefined): Opened | undefined {
    if (kept === undefined) return undefined
    const { facts, content } = kept
    if (options.facts !== undefined && options.facts.etag !== facts.etag) return undefined
    const span = range ?? { start: 0, end: facts.size }
    const bytes = content.subarray(span.start, span.end)
    if (bytes.length <= UNRESERVED_BYTES) {
      options.trace?.cameFromMemory()
      return { facts, range: span, body: bytes }
    }
    if (!this.#options.budget.reserve(content.length)) return undefined
    options.trace?.cameFromMemory()
    const release = (): void => this.#options.budget.release(content.length)
    return { facts, range: span, body: new LentBuffer(bytes, release, options.signal) }
  }

  /** Undefined: the file is not small, or memory is used up. Null: no replica has it. */
  open(opening: Opening, found: Found, range: ByteRange): Promise<Opened | null> | undefined {
    const { facts, isConfirmed } = found
    if (facts.size === 0) return openEmpty(facts, isConfirmed)
    if (facts.size > this.#options.verifyMaxBytes) return undefined
    const load = this.#load(opening, found)
    return load && openLoaded(load, opening, { facts, range, from: 0 })
  }

  /** The load of a file that is under way, or a new one; undefined when memory is used up. */
  #load(opening: Opening, found: Found): Load | undefined {
    const { facts, contentKey } = found
    const read = (signal: AbortSignal) => this.#read(opening, found, signal)
    return this.#loads.share(`${contentKey} ${facts.etag}`, facts.size, read)
  }

  async #read(opening: Opening, found: Found, signal: AbortSignal): Promise<Loaded | null> {
    const { resolver, objectCache } = this.#options
    const { facts, contentKey, keepMs } = found
    const loaded = await this.#replicas.read({ key: contentKey, found, signal }, facts)
    if (loaded === null || !opening.isCurrent()) return loaded
    resolver.confirm(opening.ref, facts)
    objectCache.set(contentKey, { facts, content: loaded.content }, keepMs)
    return loaded
  }
}

/** An empty file cannot be downloaded; that it exists is known from its facts alone. */
async function openEmpty(facts: Facts, isConfirmed: boolean): Promise<Opened> {
  if (isConfirmed) return { facts, range: { start: 0, end: 0 }, body: Buffer.alloc(0) }
  throw new EdgeError('wrong_content', 'an empty file that no storage has vouched for')
}
