import type { Observe } from '../client/events.ts'
import { type Candidate, firstAnswer } from '../client/first-answer.ts'
import type { HostHealth } from '../client/host-health.ts'
import { asEdgeError, type EdgeError } from '../errors.ts'
import type { ByteRange, Facts, Found, Replica, ReplicaBody } from '../resolver/resolver.ts'
import { requireNotFound } from '../resolver/verdict.ts'
import { readVerified, requireLength } from './verify.ts'
import { WrongReplicas } from './wrong-replicas.ts'

/** A replica that sends, from some offset on. */
export interface Source {
  readonly host: string
  readonly place: string
  readonly body: ReplicaBody
}

export interface ReplicaOpenerOptions {
  readonly health: HostHealth
  readonly hedgeMs: number
  readonly observe: Observe
}

/** All of a small file, or of a range. */
export interface Loaded {
  readonly host: string
  readonly content: Buffer
}

/** Where to read, and under which name what goes wrong is remembered. */
export interface Place {
  readonly key: string
  readonly found: Pick<Found, 'replicas' | 'source' | 'isChanging'>
  readonly signal: AbortSignal
}

/**
 * Opens a file at the first replica that gives it as it should be. Null is "there is no such file".
 * Replicas that gave wrong content of a file that never changes are remembered and asked last for it.
 * @throws EdgeError replicas_failed, replicas_timed_out, overloaded, aborted
 */
export class ReplicaOpener {
  readonly #options: ReplicaOpenerOptions
  readonly #wrong = new WrongReplicas()

  constructor(options: ReplicaOpenerOptions) {
    this.#options = options
  }

  /** All of a small file, its length and checksum right. */
  read(place: Place, facts: Facts): Promise<Loaded | null> {
    const read = async ({ host, body }: Source): Promise<Loaded> => {
      try {
        return { host, content: await readVerified(body, facts, host) }
      } finally {
        body.cancel()
      }
    }
    return this.#open(place, facts, { span: wholeOf(facts), accept: read })
  }

  /** A stream of the bytes of `range`, its length right, and what `begin` makes of it as it should be. */
  stream(
    place: Place,
    range: ByteRange,
    facts: Facts,
    begin: (source: Source) => Promise<Source> = async (source) => source,
  ): Promise<Source | null> {
    const isWhole = range.start === 0 && range.end === facts.size
    const accept = async (source: Source): Promise<Source> => {
      requireLength(source.body, range.end - range.start, source.host)
      return begin(source)
    }
    const discard = ({ body }: Source): void => body.cancel()
    return this.#open(place, facts, { span: isWhole ? wholeOf(facts) : range, accept, discard })
  }

  /** The one that is asked first. */
  first(key: string, { replicas }: Pick<Found, 'replicas'>): Replica | undefined {
    return this.#wrong.demote(key, replicas)[0]
  }

  markWrong(key: string, place: string): void {
    this.#wrong.add(key, place)
    this.#options.observe({ type: 'wrong_content', ref: key, host: place })
  }

  /** A stream broke. */
  noteFailure(host: string, error: EdgeError): void {
    this.#options.health.failed(host)
    this.#options.observe({ type: 'host_failed', host, error })
  }

  async #open<T>(
    { key, found, signal }: Place,
    { isImmutable }: Facts,
    how: {
      span: ByteRange | null
      accept(source: Source): Promise<T>
      discard?(value: T): void
    },
  ): Promise<T | null> {
    const { span, accept, discard } = how
    const candidates = this.#wrong.demote(key, found.replicas).map(
      ({ host, place, open, ping }): Candidate<T> => ({
        host,
        ...(ping && { ping }),
        ask: async (attempt) => {
          const body = await open(span, attempt)
          if (body === null) return null
          const accepted = accept({ host, place, body })
          // Else it is another version, and may be the right one by the next time.
          return isImmutable ? this.#noting(key, place, accepted) : accepted
        },
      }),
    )
    // Who has another version by now says that the facts are old, whoever else still has theirs.
    const isFinal = ({ code }: EdgeError): boolean => found.isChanging && code === 'wrong_content'
    const options = { ...this.#options, signal, isFinal, ...(discard && { discard }) }
    const outcome = await firstAnswer(candidates, options)
    if (outcome.answer !== undefined) return outcome.answer.value
    requireNotFound(outcome, found.source)
    return null
  }

  async #noting<T>(key: string, place: string, accepted: Promise<T>): Promise<T> {
    try {
      return await accepted
    } catch (error) {
      if (asEdgeError(error).code === 'wrong_content') this.markWrong(key, place)
      throw error
    }
  }
}

/** The same, of these replicas alone. */
export function among(place: Place, replicas: readonly Replica[]): Place {
  return { ...place, found: { ...place.found, replicas } }
}

/**
 * How the whole content is asked for: what never changes as each replica has it, so that its length
 * can be held against the facts; what may have grown since, in the length that the facts say.
 */
function wholeOf(facts: Facts): ByteRange | null {
  return facts.isImmutable ? null : { start: 0, end: facts.size }
}
