import type { HostHealth } from '../client/host-health.ts'
import { asEdgeError, EdgeError } from '../errors.ts'
import type {
  ByteRange,
  Facts,
  Forgotten,
  Found,
  KnownContent,
  Ref,
  RefPrefix,
  ResolveOptions,
  Resolver,
} from '../resolver/resolver.ts'
import { LargeFiles, type LargeFilesOptions } from './large-files.ts'
import { ReplicaOpener } from './open-replica.ts'
import type { Opening } from './opening.ts'
import { SharedRanges, type SharedRangesOptions } from './shared-ranges.ts'
import { SmallFiles, type SmallFilesOptions, type TransferState } from './small-files.ts'
import type { Trace } from './trace.ts'
import {
  CHANGES_MAX,
  type FactsOptions,
  type Located,
  type Opened,
  type OpenedInMemory,
  type OpenOptions,
  Overwritten,
  type Transfer,
} from './transfer.ts'

export interface FileTransferOptions
  extends SmallFilesOptions,
    LargeFilesOptions,
    SharedRangesOptions {
  readonly resolver: Resolver
  readonly health: HostHealth
}

/** What a purge has dropped. */
export interface Purged {
  /** `formatRef` of those of which an answer of trackers, databases or storages was remembered. */
  readonly refs: readonly string[]
  /** Files in memory. */
  readonly objects: number
  readonly contents: readonly KnownContent[]
}

/**
 * Small files come whole and verified out of memory, one flight per file; large ones as a stream
 * that goes on from another replica where one breaks, or, of a range that several want at once, out of memory.
 */
export class FileTransfer implements Transfer {
  readonly #resolver: Resolver
  readonly #replicas: ReplicaOpener
  readonly #small: SmallFiles
  readonly #large: LargeFiles
  readonly #ranges: SharedRanges
  #purges = 0

  constructor(options: FileTransferOptions) {
    this.#resolver = options.resolver
    this.#replicas = new ReplicaOpener(options)
    this.#small = new SmallFiles(this.#replicas, options)
    this.#large = new LargeFiles(this.#replicas, options)
    this.#ranges = new SharedRanges(this.#large, options)
  }

  get state(): TransferState {
    return this.#small.state
  }

  /** Drops all that is kept of a file, also under other names of it. */
  forget(ref: Ref): Purged {
    return this.#drop(this.#resolver.forget(ref))
  }

  forgetPrefix(prefix: RefPrefix): Purged {
    return this.#drop(this.#resolver.forgetPrefix(prefix))
  }

  #drop(forgotten: Forgotten): Purged {
    const { refs, contents } = forgotten
    this.#purges += 1
    this.#ranges.forget()
    this.#large.forget(forgotten)
    return { refs, objects: this.#small.forget(forgotten), contents }
  }

  async facts(
    ref: Ref,
    _signal?: AbortSignal,
    { maxAgeMs, trace }: FactsOptions = {},
  ): Promise<Facts | null> {
    const kept = maxAgeMs === undefined ? this.#small.get(this.#keyOf(ref)) : undefined
    if (kept !== undefined) {
      trace?.cameFromMemory()
      return kept.facts
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
    return this.#small.peek(this.#keyOf(ref))
  }

  async open(ref: Ref, range: ByteRange | null, options: OpenOptions): Promise<Opened | null> {
    const purges = this.#purges
    const opening = { ref, range, options, isCurrent: () => purges === this.#purges }
    const kept = this.#small.openKept(opening, this.#small.get(this.#keyOf(ref)))
    if (kept !== undefined) return kept
    const isConfirmed = range !== null || options.facts !== undefined
    const found = await this.#resolve(ref, { isConfirmed }, options.trace)
    return found === null ? null : this.#openOrAskAnew(opening, found)
  }

  #keyOf(ref: Ref): string | undefined {
    return this.#resolver.contentKey(ref)
  }

  async #resolve(ref: Ref, how: ResolveOptions, trace: Trace | undefined): Promise<Found | null> {
    const startedAt = performance.now()
    try {
      const found = await this.#resolver.resolve(ref, how)
      if (found !== null) trace?.located(found.cache)
      return found
    } finally {
      trace?.resolvedIn(performance.now() - startedAt)
    }
  }

  /** What a cache or a client's id said may be wrong: then tracker and storages are asked anew. */
  async #openOrAskAnew(opening: Opening, found: Found): Promise<Opened | null> {
    let current = found
    for (let anew = 0; ; anew += 1) {
      try {
        const opened = await this.#openFound(opening, current)
        if (opened !== null) return opened
        if (anew > 0 || isLastWord(current)) return this.#notFound(opening, current)
      } catch (error) {
        if (!isWorthAskingAnew(asEdgeError(error), current, anew)) throw error
      }
      const how = { isFresh: true, isConfirmed: true }
      const fresh = await this.#resolve(opening.ref, how, opening.options.trace)
      if (fresh === null) return null
      current = fresh
    }
  }

  #notFound(opening: Opening, { contentKey }: Found): null {
    this.#small.delete(contentKey)
    if (opening.isCurrent()) this.#resolver.rememberNotFound(opening.ref)
    return null
  }

  async #openFound(opening: Opening, found: Found): Promise<Opened | null> {
    const { facts, contentKey } = found
    requireSame(opening, facts)
    const cached = this.#small.get(contentKey)
    const isSame = cached?.facts.etag === facts.etag
    const kept = isSame ? this.#small.openKept(opening, cached) : undefined
    if (kept !== undefined) return kept
    const range = opening.range ?? { start: 0, end: facts.size }
    const wanted = { found, range }
    const small = this.#small.open(opening, found, range)
    const shared = small ?? this.#ranges.open(opening, wanted)
    return shared ?? this.#large.open(opening, wanted)
  }
}

/** @throws Overwritten: whoever wants these bytes has answered conditions with other facts */
function requireSame({ ref, options }: Opening, facts: Facts): void {
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

/**
 * Other replicas may be known by now, the size in the id may be a slave's master's, or the file has changed between
 * the question for its facts and the one for its bytes.
 */
function isWorthAskingAnew(
  error: EdgeError,
  { isChanging, isFresh, isExhaustive, isConfirmed }: Found,
  anew: number,
): boolean {
  const { code, cause } = error
  // Which of the two is the older one nobody can tell from a cache or a replica of the database.
  if (error instanceof Overwritten) return anew === 0 && !isFresh
  if (code === 'wrong_content') return anew === 0 && !isConfirmed
  if (code !== 'replicas_failed' && code !== 'replicas_timed_out') return false
  const isWrong = cause instanceof EdgeError && cause.code === 'wrong_content'
  if (isChanging && isWrong) return anew < CHANGES_MAX
  return anew === 0 && (!isExhaustive || (isWrong && !isConfirmed))
}
