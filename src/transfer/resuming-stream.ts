import type { Observe } from '../client/events.ts'
import { asEdgeError, EdgeError } from '../errors.ts'
import type { ByteRange } from '../resolver/resolver.ts'
import type { Source } from './open-replica.ts'
import { atRate } from './rate-watch.ts'
import { type RunningChecksum, wrongContent } from './verify.ts'

/** Where a stream broke. */
export interface Broken {
  readonly position: number
  /** How often each place has broken this stream: the one that did it least is to be asked first. */
  readonly breaks: ReadonlyMap<string, number>
  /** Places that have given nothing since the last byte: not to be asked again. */
  readonly barren: ReadonlySet<string>
}

export interface ResumingStreamOptions {
  readonly ref: string
  readonly range: ByteRange
  readonly signal: AbortSignal
  /** Opens another source there. @throws EdgeError when none is left */
  reopen(broken: Broken): Promise<Source>
  /** Content that may change under its name can be begun elsewhere, but not continued. */
  readonly isResumable: boolean
  /** Of the whole content, when `range` is all of it. */
  readonly checksum: RunningChecksum | null
  /** Bytes per second below which another source is tried, `slowTries` times at most. */
  readonly minRate: number
  readonly slowTries: number
  /** Places that sent bytes of content whose checksum is wrong. */
  onWrong(places: readonly string[]): void
  /** The checksum agrees. */
  onRight(): void
  onFailed(host: string, error: EdgeError): void
  /** No more will be read: the end, a failure, or the client has gone away. May be called again. */
  onEnd(): void
  readonly observe: Observe
}

/** However often a stream may change its source. */
const RESUMES_MAX = 100

/**
 * One stream out of as many sources as it takes: where one breaks, the next goes on at that byte.
 * No byte comes twice, none is left out. With a checksum the last chunk is held back until the sum
 * agrees, so that wrong content never makes a complete answer.
 */
export class ResumingStream {
  readonly #options: ResumingStreamOptions
  readonly #breaks = new Map<string, number>()
  readonly #barren = new Set<string>()
  readonly #used = new Set<string>()
  #source: Source
  #position: number
  #resumes = 0
  #slowTries: number
  #isSourceBarren = true

  constructor(first: Source, options: ResumingStreamOptions) {
    this.#source = first
    this.#options = options
    this.#position = options.range.start
    this.#slowTries = options.slowTries
    // Nobody may ever read: then the client's going away is what frees the source.
    options.signal.addEventListener('abort', this.#end)
    if (options.signal.aborted) this.#end()
  }

  /** @throws EdgeError when the stream cannot be brought to its end */
  [Symbol.asyncIterator](): AsyncGenerator<Buffer, void, undefined> {
    const { checksum } = this.#options
    return checksum === null ? this.#chunks() : this.#verified(checksum)
  }

  async *#verified(checksum: RunningChecksum): AsyncGenerator<Buffer, void, undefined> {
    const { onWrong, onRight } = this.#options
    let held: Buffer | undefined
    for await (const chunk of this.#chunks()) {
      checksum.update(chunk)
      if (held !== undefined) yield held
      held = chunk
    }
    if (!checksum.isRight()) {
      const places = [...this.#used]
      onWrong(places)
      throw wrongContent(places.join(', '), 'its checksum is another one')
    }
    onRight()
    if (held !== undefined) yield held
  }

  async *#chunks(): AsyncGenerator<Buffer, void, undefined> {
    const { range, signal } = this.#options
    try {
      while (this.#position < range.end) {
        try {
          yield* this.#readSource()
        } catch (error) {
          await this.#resume(asEdgeError(error))
        }
      }
    } finally {
      signal.removeEventListener('abort', this.#end)
      this.#end()
    }
  }

  async *#readSource(): AsyncGenerator<Buffer, void, undefined> {
    const { minRate } = this.#options
    const { host, place } = this.#source
    this.#used.add(place)
    for await (const chunk of atRate(this.#source, { minRate, mayGiveUp: this.#maySlowBeLeft })) {
      this.#position += chunk.length
      this.#barren.clear()
      this.#isSourceBarren = false
      yield chunk
    }
    if (this.#position < this.#options.range.end) {
      throw new EdgeError('connection_lost', `${host} sent less than it announced`, { host })
    }
  }

  async #resume(error: EdgeError): Promise<void> {
    const { signal, range, isResumable, ref, reopen, observe, onFailed } = this.#options
    if (signal.aborted) throw new EdgeError('aborted', 'the client has gone away')
    const { host: from, place } = this.#source
    onFailed(from, error)
    this.#resumes += 1
    this.#breaks.set(place, (this.#breaks.get(place) ?? 0) + 1)
    const mayGoOn = isResumable || this.#position === range.start
    if (!mayGoOn || !error.retriable || this.#resumes > RESUMES_MAX) throw error
    // One that gave something may go on itself: a storage that was restarted, a cut connection.
    if (this.#isSourceBarren) this.#barren.add(place)
    this.#isSourceBarren = true
    const broken = { position: this.#position, breaks: this.#breaks, barren: this.#barren }
    this.#source = await reopen(broken)
    if (signal.aborted) this.#end()
    const to = this.#source.host
    observe({ type: 'resumed', ref, from, to, offset: this.#position })
  }

  readonly #maySlowBeLeft = (): boolean => {
    if (this.#slowTries === 0) return false
    this.#slowTries -= 1
    return true
  }

  readonly #end = (): void => {
    this.#source.body.cancel()
    this.#options.onEnd()
  }
}
