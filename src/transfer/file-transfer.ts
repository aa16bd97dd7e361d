import type { Observe } from '../client/events.ts'
import type { HostHealth } from '../client/host-health.ts'
import { asEdgeError, EdgeError } from '../errors.ts'
import {
  type ByteRange,
  type Facts,
  type Forgotten,
  type Found,
  formatRef,
  type KnownContent,
  type Ref,
  type RefPrefix,
  type Replica,
  type ResolveOptions,
  type Resolver,
} from '../resolver/resolver.ts'
import type { ByteBudget, ByteBudgetState } from './byte-budget.ts'
import { LentBuffer } from './lent-buffer.ts'
import type { CachedObject, ObjectCache, ObjectCacheState } from './object-cache.ts'
import { type Loaded, ReplicaOpener, type Source } from './open-replica.ts'
import { ProvenReplicas } from './proven-replicas.ts'
import { type Broken, ResumingStream } from './resuming-stream.ts'
import { type Load, SharedLoads } from './shared-loads.ts'
import type { Trace } from './trace.ts'
import {
  type FactsOptions,
  type Located,
  type Opened,
  type OpenedInMemory,
  type OpenOptions,
  Overwritten,
  type Transfer,
} from './transfer.ts'

export interface FileTransferOptions {
  readonly resolver: Resolver
  readonly objectCache: ObjectCache
  /** For whole small files on their way to clients. */
  readonly budget: ByteBudget
  /** Files up to this many bytes are checked before the first byte goes out. */
  readonly verifyMaxBytes: number
  /** Larger files are sent in ranges without a look at the rest. Absent: all that are not small. */
  readonly verifyRangesMaxBytes?: number
  readonly health: HostHealth
  readonly hedgeMs: number
  /** Bytes per second. */
  readonly minRate: number
  readonly observe: Observe
}

/** A file that is being opened for one request. */
interface Request {
  readonly ref: Ref
  /** Null is the whole file. */
  readonly range: ByteRange | null
  readonly options: OpenOptions
  /** `#purges` when it came. */
  readonly purges: number
}

/** How a stream goes on. */
interface Reopening {
  /** Of a whole file the checksum tells; of a range nothing does. */
  readonly opener: Pick<ReplicaOpener, 'stream'>
  readonly end: number
}

/** What a purge has dropped. */
export interface Purged {
  /** `formatRef` of those of which an answer of trackers, databases or storages was remembered. */
  readonly refs: readonly string[]
  /** Files in memory. */
  readonly objects: number
  readonly contents: readonly KnownContent[]
}

/** What is in memory. */
export interface TransferState {
  readonly objects: ObjectCacheState
  /** Small files on their way to clients. */
  readonly verifyPool: ByteBudgetState
}

/** A client that takes its time may hold on to a buffer of this size without a reservation. */
const UNRESERVED_BYTES = 128 * 1024

/**
 * Small files come whole and verified out of memory, one flight per file; large ones as a stream
 * that goes on from another replica where one breaks.
 */
export class FileTransfer implements Transfer {
  readonly #options: FileTransferOptions
  readonly #loads = new SharedLoads()
  readonly #replicas: ReplicaOpener
  readonly #proven: ProvenReplicas
  /** What was asked for before a purge is not kept after it, and nobody joins it. */
  #purges = 0

  constructor(options: FileTransferOptions) {
    this.#options = options
    this.#replicas = new ReplicaOpener(options)
    const { verifyRangesMaxBytes: maxBytes = 0, hedgeMs } = options
    this.#proven = new ProvenReplicas({ replicas: this.#replicas, maxBytes, hedgeMs })
  }

  /** Bytes of small files on their way to clients. */
  get bufferedBytes(): number {
    return this.#options.budget.usedBytes
  }

  get state(): TransferState {
    const { objectCache, budget } = this.#options
    return { objects: objectCache.state, verifyPool: budget.state }
  }

  /** Drops all that is kept of a file, also under other names of it. */
  forget(ref: Ref): Purged {
    return this.#drop(this.#options.resolver.forget(ref))
  }

  forgetPrefix(prefix: RefPrefix): Purged {
    return this.#drop(this.#options.resolver.forgetPrefix(prefix))
  }

  #drop({ refs, contents, contentPrefix }: Forgotten): Purged {
    const { objectCache } = this.#options
    this.#purges += 1
    const named = contents.filter(({ key }) => objectCache.delete(key)).length
    const below = contentPrefix === null ? 0 : objectCache.deletePrefix(contentPrefix)
    return { refs, objects: named + below, contents }
  }

  async facts(
    ref: Ref,
    _signal?: AbortSignal,
    { maxAgeMs, trace }: FactsOptions = {},
  ): Promise<Facts | null> {
    const cached = maxAgeMs === undefined ? this.#cached(ref) : undefined
    if (cached !== undefined) {
      trace?.cameFromMemory()
      return cached.facts
    }
    const age = maxAgeMs === undefined ? {} : { maxAgeMs }
    const found = await this.#resolve(ref, { isConfirmed: true, ...age }, trace)
    return found?.facts ?? null
  }

  /** Where the file could be had without the edge; null: there is none. */
  async locate(ref: Ref, trace?: Trace): Promise<Located | null> {
    const found = await this.#resolve(ref, { isConfirmed: true }, trace)
    if (found === null) return null
    const first = this.#replicas.first(found.contentKey, found)
    return { facts: found.facts, elsewhere: first?.elsewhere ?? null }
  }

  peek(ref: Ref): OpenedInMemory | undefined {
    const cached = this.#cached(ref)
    if (cached === undefined || cached.content.length > UNRESERVED_BYTES) return undefined
    const { facts, content } = cached
    return { facts, range: { start: 0, end: facts.size }, body: content }
  }

  async open(ref: Ref, range: ByteRange | null, options: OpenOptions): Promise<Opened | null> {
    const request = { ref, range, options, purges: this.#purges }
    const cached = this.#openCached(request, this.#cached(ref))
    if (cached !== undefined) return cached
    const isConfirmed = range !== null || options.facts !== undefined
    const found = await this.#resolve(ref, { isConfirmed }, options.trace)
    return found === null ? null : this.#openOrAskAnew(request, found)
  }

  async #resolve(ref: Ref, how: ResolveOptions, trace: Trace | undefined): Promise<Found | null> {
    const startedAt = performance.now()
    try {
      const found = await this.#options.resolver.resolve(ref, how)
      if (found !== null) trace?.located(found.cache)
      return found
    } finally {
      trace?.resolvedIn(performance.now() - startedAt)
    }
  }

  /** What a cache or a client's id said may be wrong: then tracker and storages are asked anew. */
  async #openOrAskAnew(request: Request, found: Found): Promise<Opened | null> {
    const { ref, options } = request
    try {
      const opened = await this.#openFound(request, found)
      if (opened !== null) return opened
      if (isLastWord(found)) return this.#notFound(request, found)
    } catch (error) {
      if (!isWorthAskingAnew(asEdgeError(error), found)) throw error
    }
    const how = { isFresh: true, isConfirmed: true }
    const fresh = await this.#resolve(ref, how, options.trace)
    if (fresh === null) return null
    return (await this.#openFound(request, fresh)) ?? this.#notFound(request, fresh)
  }

  #notFound(request: Request, { contentKey }: Found): null {
    this.#options.objectCache.delete(contentKey)
    if (this.#isCurrent(request)) this.#options.resolver.rememberNotFound(request.ref)
    return null
  }

  #isCurrent({ purges }: Request): boolean {
    return purges === this.#purges
  }

  #cached(ref: Ref): CachedObject | undefined {
    const key = this.#options.resolver.contentKey(ref)
    return key === undefined ? undefined : this.#options.objectCache.get(key)
  }

  #openCached({ range, options }: Request, cached: CachedObject | undefined): Opened | undefined {
    if (cached === undefined) return undefined
    const { facts, content } = cached
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

  async #openFound(request: Request, found: Found): Promise<Opened | null> {
    const { facts } = found
    requireSame(request, facts)
    const cached = this.#options.objectCache.get(found.contentKey)
    const kept = cached?.facts.etag === facts.etag ? this.#openCached(request, cached) : undefined
    if (kept !== undefined) return kept
    const range = request.range ?? { start: 0, end: facts.size }
    if (facts.size === 0) return this.#openEmpty(facts, found)
    const isSmall = facts.size <= this.#options.verifyMaxBytes
    const load = isSmall ? this.#load(request, found) : undefined
    if (load === undefined) return this.#openStream(request, found, range)
    return this.#openLoaded(load, request, { facts, range })
  }

  /** An empty file cannot be downloaded; that it exists is known from its facts alone. */
  #openEmpty(facts: Facts, { isConfirmed }: Found): Opened {
    if (isConfirmed) return { facts, range: { start: 0, end: 0 }, body: Buffer.alloc(0) }
    throw new EdgeError('wrong_content', 'an empty file that no storage has vouched for')
  }

  async #openLoaded(
    load: Load,
    { options }: Request,
    { facts, range }: Pick<Opened, 'facts' | 'range'>,
  ): Promise<Opened | null> {
    const { signal, trace } = options
    const loaded = await load.join(signal)
    if (loaded === null) {
      load.leave()
      return null
    }
    trace?.cameFrom(loaded.host)
    const bytes = loaded.content.subarray(range.start, range.end)
    if (bytes.length > UNRESERVED_BYTES) {
      return { facts, range, body: new LentBuffer(bytes, () => load.leave(), signal) }
    }
    load.leave()
    return { facts, range, body: bytes }
  }

  /** The load of a small file that is under way, or a new one; undefined when memory is used up. */
  #load(request: Request, found: Found): Load | undefined {
    const { facts } = found
    const { budget } = this.#options
    const name = `${request.purges} ${found.contentKey} ${facts.etag}`
    const underWay = this.#loads.get(name)
    if (underWay !== undefined) return underWay
    if (!budget.reserve(facts.size)) return undefined
    return this.#loads.start(name, {
      load: (signal) => this.#loadSmall(request, found, signal),
      onEnd: () => budget.release(facts.size),
    })
  }

  async #loadSmall(request: Request, found: Found, signal: AbortSignal): Promise<Loaded | null> {
    const { resolver, objectCache } = this.#options
    const { facts, contentKey, keepMs } = found
    const loaded = await this.#replicas.read({ key: contentKey, found, signal }, facts)
    if (loaded === null || !this.#isCurrent(request)) return loaded
    resolver.confirm(request.ref, facts)
    objectCache.set(contentKey, { facts, content: loaded.content }, keepMs)
    return loaded
  }

  async #openStream(request: Request, found: Found, range: ByteRange): Promise<Opened | null> {
    const { minRate, observe, resolver } = this.#options
    const { facts, contentKey: key } = found
    const { ref, options } = request
    const { signal, trace } = options
    const isWhole = range.start === 0 && range.end === facts.size
    const opener = isWhole ? this.#replicas : this.#proven
    const first = await opener.stream({ key, found, signal }, range, facts)
    if (first === null) return null
    trace?.cameFrom(first.host)
    if (isWhole && this.#isCurrent(request)) resolver.confirm(ref, facts)
    const body = new ResumingStream(first, {
      ref: formatRef(ref),
      range,
      signal,
      reopen: (broken) => this.#reopen(request, found, { ...broken, opener, end: range.end }),
      isResumable: facts.isImmutable,
      checksum: isWhole ? facts.checksum : null,
      minRate,
      slowTries: found.replicas.length - 1,
      onWrong: (places) => {
        for (const place of places) this.#replicas.markWrong(key, place)
      },
      onRight: (place) => this.#proven.add(key, place, facts),
      onFailed: (host, error) => this.#replicas.noteFailure(host, error),
      observe,
    })
    return { facts, range, body }
  }

  async #reopen(
    { ref, options }: Request,
    found: Found,
    { position, breaks, barren, opener, end }: Broken & Reopening,
  ): Promise<Source> {
    const { signal } = options
    const { facts, contentKey: key } = found
    const range = { start: position, end }
    const openFrom = ({ replicas, source }: Found): Promise<Source | null> => {
      const left = replicas.filter(({ place }) => !barren.has(place))
      const breaksOf = ({ place }: Replica): number => breaks.get(place) ?? 0
      const ordered = left.toSorted((a, b) => breaksOf(a) - breaksOf(b))
      const sought = { key, found: { replicas: ordered, source }, signal }
      return opener.stream(sought, range, facts)
    }
    const source = await openFrom(found).catch((error) => {
      if (asEdgeError(error).code === 'aborted') throw error
      return null
    })
    if (source !== null) return source
    const fresh = await this.#options.resolver.resolve(ref, { isFresh: true })
    // Another version under the same ref cannot go on with this one.
    const again = fresh?.facts.etag === facts.etag ? await openFrom(fresh) : null
    if (again !== null) return again
    const name = formatRef(ref)
    throw new EdgeError('replicas_failed', `no replica goes on with ${name} at ${position}`)
  }
}

/** @throws Overwritten: whoever wants these bytes has answered conditions with other facts */
function requireSame({ ref, options }: Request, facts: Facts): void {
  if (options.facts === undefined || options.facts.etag === facts.etag) return
  throw new Overwritten(ref, facts)
}

/**
 * Whether "not found" by all replicas is to be believed. A tracker may name storages that never had
 * the file; one that names the file's source tells no such tale.
 */
function isLastWord({ isFresh, isExhaustive, source }: Found): boolean {
  return isExhaustive || (isFresh && source !== null)
}

/** Other replicas may be known by now, or the size in the id may be a slave's master's. */
function isWorthAskingAnew(
  error: EdgeError,
  { isFresh, isExhaustive, isConfirmed }: Found,
): boolean {
  const { code, cause } = error
  // Which of the two is the older one nobody can tell from a cache or a replica of the database.
  if (error instanceof Overwritten) return !isFresh
  if (code === 'wrong_content') return !isConfirmed
  if (code !== 'replicas_failed' && code !== 'replicas_timed_out') return false
  const isWrong = cause instanceof EdgeError && cause.code === 'wrong_content'
  return !isExhaustive || (isWrong && !isConfirmed)
}
