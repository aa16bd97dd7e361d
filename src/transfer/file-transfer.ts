import type { Observe } from '../client/events.ts'
import type { HostHealth } from '../client/host-health.ts'
import { asEdgeError, EdgeError } from '../errors.ts'
import type { ByteRange, Facts, Found, Ref, Replica, Resolver } from '../resolver/resolver.ts'
import { formatRef } from '../resolver/resolver.ts'
import type { ByteBudget } from './byte-budget.ts'
import { LentBuffer } from './lent-buffer.ts'
import type { ObjectCache } from './object-cache.ts'
import { ReplicaOpener, type Source } from './open-replica.ts'
import { type Broken, ResumingStream } from './resuming-stream.ts'
import { type Load, SharedLoads } from './shared-loads.ts'
import type { Opened, OpenedInMemory, OpenOptions, Transfer } from './transfer.ts'

export interface FileTransferOptions {
  readonly resolver: Resolver
  readonly objectCache: ObjectCache
  /** For whole small files on their way to clients. */
  readonly budget: ByteBudget
  /** Files up to this many bytes are checked before the first byte goes out. */
  readonly verifyMaxBytes: number
  readonly health: HostHealth
  readonly hedgeMs: number
  /** Bytes per second. */
  readonly minRate: number
  readonly observe: Observe
}

/** A file that is being opened for one request. */
interface Request {
  readonly ref: Ref
  readonly key: string
  /** Null is the whole file. */
  readonly range: ByteRange | null
  readonly options: OpenOptions
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

  constructor(options: FileTransferOptions) {
    this.#options = options
    this.#replicas = new ReplicaOpener(options)
  }

  /** Bytes of small files on their way to clients. */
  get bufferedBytes(): number {
    return this.#options.budget.usedBytes
  }

  /** Drops what is kept of a file. */
  forget(ref: Ref): void {
    this.#options.objectCache.delete(formatRef(ref))
  }

  async facts(ref: Ref): Promise<Facts | null> {
    const cached = this.#options.objectCache.get(formatRef(ref))
    if (cached !== undefined) return cached.facts
    const found = await this.#options.resolver.resolve(ref, { isConfirmed: true })
    return found?.facts ?? null
  }

  peek(ref: Ref): OpenedInMemory | undefined {
    const cached = this.#options.objectCache.get(formatRef(ref))
    if (cached === undefined || cached.content.length > UNRESERVED_BYTES) return undefined
    const { facts, content } = cached
    return { facts, range: { start: 0, end: facts.size }, body: content }
  }

  async open(ref: Ref, range: ByteRange | null, options: OpenOptions): Promise<Opened | null> {
    const request = { ref, key: formatRef(ref), range, options }
    const cached = this.#openCached(request)
    if (cached !== undefined) return cached
    const found = await this.#options.resolver.resolve(ref, { isConfirmed: range !== null })
    return found === null ? null : this.#openOrAskAnew(request, found)
  }

  /** What a cache or a client's id said may be wrong: then tracker and storages are asked anew. */
  async #openOrAskAnew(request: Request, found: Found): Promise<Opened | null> {
    const { resolver } = this.#options
    try {
      const opened = await this.#openFound(request, found)
      if (opened !== null) return opened
      if (found.isFresh) return this.#notFound(request)
    } catch (error) {
      if (!isWorthAskingAnew(asEdgeError(error), found)) throw error
    }
    const fresh = await resolver.resolve(request.ref, { isFresh: true, isConfirmed: true })
    if (fresh === null) return null
    return (await this.#openFound(request, fresh)) ?? this.#notFound(request)
  }

  #notFound({ ref, key }: Request): null {
    this.#options.objectCache.delete(key)
    this.#options.resolver.rememberNotFound(ref)
    return null
  }

  #openCached({ key, range, options }: Request): Opened | undefined {
    const cached = this.#options.objectCache.get(key)
    if (cached === undefined) return undefined
    const { facts, content } = cached
    if (options.facts !== undefined && options.facts.etag !== facts.etag) return undefined
    const span = range ?? { start: 0, end: facts.size }
    const bytes = content.subarray(span.start, span.end)
    if (bytes.length <= UNRESERVED_BYTES) return { facts, range: span, body: bytes }
    if (!this.#options.budget.reserve(content.length)) return undefined
    const release = (): void => this.#options.budget.release(content.length)
    return { facts, range: span, body: new LentBuffer(bytes, release, options.signal) }
  }

  async #openFound(request: Request, found: Found): Promise<Opened | null> {
    const facts = request.options.facts ?? found.facts
    const range = request.range ?? { start: 0, end: facts.size }
    if (facts.size === 0) return this.#openEmpty(facts, found)
    const isSmall = facts.size <= this.#options.verifyMaxBytes
    const load = isSmall ? this.#load(request, found, facts) : undefined
    if (load === undefined) return this.#openStream(request, found, { facts, range })
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
    const { signal } = options
    const content = await load.join(signal)
    if (content === null) {
      load.leave()
      return null
    }
    const bytes = content.subarray(range.start, range.end)
    if (bytes.length > UNRESERVED_BYTES) {
      return { facts, range, body: new LentBuffer(bytes, () => load.leave(), signal) }
    }
    load.leave()
    return { facts, range, body: bytes }
  }

  /** The load of a small file that is under way, or a new one; undefined when memory is used up. */
  #load(request: Request, found: Found, facts: Facts): Load | undefined {
    const { budget } = this.#options
    const { key } = request
    const name = `${key} ${facts.etag}`
    const underWay = this.#loads.get(name)
    if (underWay !== undefined) return underWay
    if (!budget.reserve(facts.size)) return undefined
    return this.#loads.start(name, {
      load: (signal) => this.#loadSmall(request, found, { facts, signal }),
      onEnd: () => budget.release(facts.size),
    })
  }

  async #loadSmall(
    { ref, key }: Request,
    found: Found,
    { facts, signal }: { facts: Facts; signal: AbortSignal },
  ): Promise<Buffer | null> {
    const { resolver, objectCache } = this.#options
    const content = await this.#replicas.read({ key, found, signal }, facts)
    if (content === null) return null
    resolver.confirm(ref, facts)
    objectCache.set(key, { facts, content }, found.keepMs)
    return content
  }

  async #openStream(
    request: Request,
    found: Found,
    { facts, range }: { facts: Facts; range: ByteRange },
  ): Promise<Opened | null> {
    const { minRate, observe, resolver } = this.#options
    const { ref, key } = request
    const { signal } = request.options
    const isWhole = range.start === 0 && range.end === facts.size
    const first = await this.#replicas.stream({ key, found, signal }, range, facts)
    if (first === null) return null
    if (isWhole) resolver.confirm(ref, facts)
    const body = new ResumingStream(first, {
      ref: key,
      range,
      signal,
      reopen: (broken) => this.#reopen(request, found, { ...broken, end: range.end, facts }),
      isResumable: facts.isImmutable,
      checksum: isWhole ? facts.checksum : null,
      minRate,
      slowTries: found.replicas.length - 1,
      onWrong: (hosts) => {
        for (const host of hosts) this.#replicas.markWrong(key, host)
      },
      onFailed: (host, error) => this.#replicas.noteFailure(host, error),
      observe,
    })
    return { facts, range, body }
  }

  async #reopen(
    { ref, key, options }: Request,
    found: Found,
    { position, failed, barren, end, facts }: Broken & { end: number; facts: Facts },
  ): Promise<Source> {
    const { signal } = options
    const range = { start: position, end }
    const openFrom = ({ replicas, source }: Found): Promise<Source | null> => {
      const left = replicas.filter(({ host }) => !barren.has(host))
      const isFailed = ({ host }: Replica): number => Number(host === failed)
      const ordered = left.toSorted((a, b) => isFailed(a) - isFailed(b))
      const place = { key, found: { replicas: ordered, source }, signal }
      return this.#replicas.stream(place, range, facts)
    }
    const source = await openFrom(found).catch((error) => {
      if (asEdgeError(error).code === 'aborted') throw error
      return null
    })
    if (source !== null) return source
    const fresh = await this.#options.resolver.resolve(ref, { isFresh: true })
    const again = fresh === null ? null : await openFrom(fresh)
    if (again !== null) return again
    throw new EdgeError('replicas_failed', `no replica goes on with ${key} at ${position}`)
  }
}

/** Other replicas may be known by now, or the size in the id may be a slave's master's. */
function isWorthAskingAnew(error: EdgeError, { isFresh, isConfirmed }: Found): boolean {
  const { code, cause } = error
  if (code === 'wrong_content') return !isConfirmed
  if (code !== 'replicas_failed' && code !== 'replicas_timed_out') return false
  const isWrong = cause instanceof EdgeError && cause.code === 'wrong_content'
  return !isFresh || (isWrong && !isConfirmed)
}
