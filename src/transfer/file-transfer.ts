import type { Observe } from '../client/events.ts'
import { type Candidate, firstAnswer } from '../client/first-answer.ts'
import type { HostHealth } from '../client/host-health.ts'
import { asEdgeError, EdgeError } from '../errors.ts'
import type { ByteRange, Facts, Found, Ref, Replica, Resolver } from '../resolver/resolver.ts'
import { formatRef } from '../resolver/resolver.ts'
import { requireNotFound } from '../resolver/verdict.ts'
import type { ByteBudget } from './byte-budget.ts'
import { LentBuffer } from './lent-buffer.ts'
import type { ObjectCache } from './object-cache.ts'
import { ResumingStream, type Source } from './resuming-stream.ts'
import { type Load, SharedLoads } from './shared-loads.ts'
import type { Opened, OpenedInMemory, OpenOptions, Transfer } from './transfer.ts'
import { readVerified, requireLength } from './verify.ts'
import { WrongReplicas } from './wrong-replicas.ts'

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
  readonly #wrong = new WrongReplicas()

  constructor(options: FileTransferOptions) {
    this.#options = options
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
    const read = async ({ host, body }: Source): Promise<Buffer> => {
      try {
        return await readVerified(body, facts, host)
      } catch (error) {
        throw this.#noteWrong(key, host, asEdgeError(error))
      } finally {
        body.cancel()
      }
    }
    const content = await this.#ask(key, found, { signal, span: wholeOf(facts), read })
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
    const span = isWhole ? wholeOf(facts) : range
    const first = await this.#openSource(key, found.replicas, { span, range, signal, found })
    if (first === null) return null
    if (isWhole) resolver.confirm(ref, facts)
    const body = new ResumingStream(first, {
      ref: key,
      range,
      signal,
      reopen: (start, failed, barren) =>
        this.#reopen(request, found, { start, end: range.end, failed, barren }),
      isResumable: facts.isImmutable,
      checksum: isWhole ? facts.checksum : null,
      minRate,
      slowTries: found.replicas.length - 1,
      onWrong: (hosts) => {
        for (const host of hosts) this.#markWrong(key, host)
      },
      onFailed: (host, error) => this.#noteFailure(host, error),
      observe,
    })
    return { facts, range, body }
  }

  #openSource(
    key: string,
    replicas: readonly Replica[],
    {
      span,
      range,
      signal,
      found,
    }: { span: ByteRange | null; range: ByteRange; signal: AbortSignal; found: Found },
  ): Promise<Source | null> {
    const read = async (source: Source): Promise<Source> => {
      try {
        requireLength(source.body, range.end - range.start, source.host)
        return source
      } catch (error) {
        throw this.#noteWrong(key, source.host, asEdgeError(error))
      }
    }
    const discard = ({ body }: Source): void => body.cancel()
    return this.#ask(key, { ...found, replicas }, { signal, span, read, discard })
  }

  async #reopen(
    { ref, key, options }: Request,
    found: Found,
    at: ByteRange & { failed: string; barren: ReadonlySet<string> },
  ): Promise<Source> {
    const { start, end, failed, barren } = at
    const range = { start, end }
    const openFrom = (from: Found): Promise<Source | null> => {
      const others = from.replicas.filter(({ host }) => !barren.has(host))
      const replicas = others.toSorted(
        (a, b) => Number(a.host === failed) - Number(b.host === failed),
      )
      const { signal } = options
      return this.#openSource(key, replicas, { span: range, range, signal, found: from })
    }
    const source = await openFrom(found).catch((error) => {
      if (asEdgeError(error).code === 'aborted') throw error
      return null
    })
    if (source !== null) return source
    const fresh = await this.#options.resolver.resolve(ref, { isFresh: true })
    const again = fresh === null ? null : await openFrom(fresh)
    if (again !== null) return again
    throw new EdgeError('replicas_failed', `no replica goes on with ${key} at ${start}`)
  }

  async #ask<T>(
    key: string,
    { replicas, source }: Found,
    how: {
      signal: AbortSignal
      span: ByteRange | null
      read(source: Source): Promise<T>
      discard?(value: T): void
    },
  ): Promise<T | null> {
    const { health, hedgeMs, observe } = this.#options
    const { signal, span, read, discard } = how
    const candidates = this.#wrong.demote(key, replicas).map(
      (replica): Candidate<T> => ({
        host: replica.host,
        ask: async (attempt) => {
          const body = await replica.open(span, attempt)
          return body === null ? null : read({ host: replica.host, body })
        },
      }),
    )
    const options = { signal, health, hedgeMs, observe, ...(discard && { discard }) }
    const outcome = await firstAnswer(candidates, options)
    if (outcome.answer !== undefined) return outcome.answer.value
    requireNotFound(outcome, source)
    return null
  }

  #noteFailure(host: string, error: EdgeError): void {
    this.#options.health.failed(host)
    this.#options.observe({ type: 'host_failed', host, error })
  }

  #noteWrong(key: string, host: string, error: EdgeError): EdgeError {
    if (error.code === 'wrong_content') this.#markWrong(key, host)
    return error
  }

  #markWrong(key: string, host: string): void {
    this.#wrong.add(key, host)
    this.#options.observe({ type: 'wrong_content', ref: key, host })
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

/**
 * How the whole content is asked for: what never changes as each replica has it, so that its length
 * can be held against the facts; what may have grown since, in the length that the facts say.
 */
function wholeOf(facts: Facts): ByteRange | null {
  return facts.isImmutable ? null : { start: 0, end: facts.size }
}
