import type { Observe } from '../client/events.ts'
import { asEdgeError, EdgeError } from '../errors.ts'
import {
  type ByteRange,
  type Forgotten,
  type Found,
  formatRef,
  type Replica,
  type Resolver,
} from '../resolver/resolver.ts'
import type { ReplicaOpener, Source } from './open-replica.ts'
import type { Opening } from './opening.ts'
import { ProvenReplicas } from './proven-replicas.ts'
import { type Broken, ResumingStream } from './resuming-stream.ts'
import type { Opened } from './transfer.ts'
import { Turns } from './turns.ts'
import { startChecksum } from './verify.ts'

export interface LargeFilesOptions {
  readonly resolver: Pick<Resolver, 'confirm' | 'resolve'>
  /** Larger files are sent in ranges without a look at the rest. Absent: all. */
  readonly verifyRangesMaxBytes?: number
  readonly hedgeMs: number
  /** Bytes per second. */
  readonly minRate: number
  readonly observe: Observe
}

export interface Wanted {
  readonly found: Found
  readonly range: ByteRange
}

export interface OpenedFrom extends Opened {
  readonly body: AsyncIterable<Buffer>
  /** The replica that sends the first byte. */
  readonly host: string
}

/** How a stream goes on. */
interface Reopening {
  /** Of a whole file its checksum tells; of a range the sums of its blocks. */
  readonly opener: Pick<ReplicaOpener, 'stream'>
  readonly end: number
}

/** Until the event loop looks at what has come in: some 1 ms. */
const OPENED_PER_ROUND = 1

/** Large files, as streams that go on from another replica where one breaks. */
export class LargeFiles {
  readonly #options: LargeFilesOptions
  readonly #replicas: ReplicaOpener
  readonly #proven: ProvenReplicas
  /** A thousand clients at once are a thousand questions to storages, and as many answers. */
  readonly #turns = new Turns(OPENED_PER_ROUND)

  constructor(replicas: ReplicaOpener, options: LargeFilesOptions) {
    this.#replicas = replicas
    this.#options = options
    const { verifyRangesMaxBytes: maxBytes = 0, hedgeMs } = options
    this.#proven = new ProvenReplicas({ replicas, maxBytes, hedgeMs })
  }

  /** Null: no replica has the file. `onEnd` is called when the stream has ended, broken or been left. */
  async open(
    opening: Opening,
    { found, range }: Wanted,
    onEnd: () => void = () => undefined,
  ): Promise<OpenedFrom | null> {
    const { minRate, observe, resolver } = this.#options
    const { facts, contentKey: key } = found
    const { ref, options } = opening
    const { signal, trace } = options
    const isWhole = range.start === 0 && range.end === facts.size
    const opener = isWhole ? this.#replicas : this.#proven
    await this.#turns.take(1)
    const first = await opener.stream({ key, found, signal }, range, facts)
    if (first === null) return null
    trace?.cameFrom(first.host)
    if (isWhole && opening.isCurrent()) resolver.confirm(ref, facts)
    const sums = isWhole ? this.#proven.startSums(facts) : null
    const checksum = isWhole && facts.checksum ? (sums ?? startChecksum(facts.checksum)) : null
    const body = new ResumingStream(first, {
      ref: formatRef(ref),
      range,
      signal,
      reopen: (broken) => this.#reopen(opening, found, { ...broken, opener, end: range.end }),
      isResumable: facts.isImmutable,
      checksum,
      minRate,
      slowTries: found.replicas.length - 1,
      onWrong: (places) => {
        for (const place of places) this.#replicas.markWrong(key, place)
      },
      onRight: () => {
        if (sums !== null) this.#proven.add(key, facts, sums.ofBlocks)
      },
      onFailed: (host, error) => {
        // Wrong content is a matter of one file, and not of its host.
        if (error.code !== 'wrong_content') this.#replicas.noteFailure(host, error)
      },
      onEnd,
      observe,
    })
    return { facts, range, body, host: first.host }
  }

  /** Ranges have to wait for a proof again. */
  forget({ contents, contentPrefix }: Forgotten): void {
    for (const { key } of contents) this.#proven.forget(key)
    if (contentPrefix !== null) this.#proven.forgetPrefix(contentPrefix)
  }

  async #reopen(
    { ref, options: { signal } }: Opening,
    found: Found,
    { position, breaks, barren, opener, end }: Broken & Reopening,
  ): Promise<Source> {
    const { facts, contentKey: key } = found
    const range = { start: position, end }
    const openFrom = ({ replicas, source, isChanging }: Found): Promise<Source | null> => {
      const left = replicas.filter(({ place }) => !barren.has(place))
      const breaksOf = ({ place }: Replica): number => breaks.get(place) ?? 0
      const ordered = left.toSorted((a, b) => breaksOf(a) - breaksOf(b))
      const sought = { key, found: { replicas: ordered, source, isChanging }, signal }
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
