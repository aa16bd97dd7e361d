import { EdgeError } from '../errors.ts'
import {
  type ByteRange,
  type Elsewhere,
  type Facts,
  formatRef,
  type Ref,
} from '../resolver/resolver.ts'
import type { Trace } from './trace.ts'

/** The bytes of a file or of one range of it. A small body is whole in memory and verified. */
export interface Opened {
  readonly facts: Facts
  /** The range that `body` holds. */
  readonly range: ByteRange
  /** Chunks lie in memory that is used again: each is valid until the next one is asked for. */
  readonly body: Buffer | AsyncIterable<Buffer>
}

/** A whole file that is in memory. */
export interface OpenedInMemory extends Opened {
  readonly body: Buffer
}

/** A file, and who else could send it. */
export interface Located {
  /** A storage, or the disk, has vouched for them. */
  readonly facts: Facts
  /** Null: nobody. */
  readonly elsewhere: Elsewhere | null
}

export interface OpenOptions {
  readonly signal: AbortSignal
  /** The facts that the caller has answered conditions with: the body must belong to them. */
  readonly facts?: Facts
  readonly trace?: Trace
}

/** An appender may change while it is asked for, again and again. */
export const CHANGES_MAX = 4

/** Between the question for its facts and the one for its bytes a file was overwritten. */
export class Overwritten extends EdgeError {
  /** Of what is there now. */
  readonly facts: Facts

  constructor(ref: Ref, facts: Facts) {
    super('wrong_content', `${formatRef(ref)} was overwritten while it was opened`)
    this.facts = facts
  }
}

export interface FactsOptions {
  /** Facts as of at most so long ago are wanted. */
  readonly maxAgeMs?: number
  readonly trace?: Trace
}

/** ref + range -> one stream, whatever happens to single replicas. Null is "there is no such file". */
export interface Transfer {
  /** Facts that a storage has vouched for. */
  facts(ref: Ref, signal: AbortSignal, options?: FactsOptions): Promise<Facts | null>
  /**
   * The bytes of `range` (within the facts' size), or of the whole file.
   * A stream that fails in the middle throws: the caller must cut its client's connection.
   * @throws EdgeError no_tracker, no_replica, replicas_failed, replicas_timed_out, overloaded, aborted;
   *   Overwritten where `facts` were given
   */
  open(ref: Ref, range: ByteRange | null, options: OpenOptions): Promise<Opened | null>
  /** The whole file, where it can be had without waiting. */
  peek(ref: Ref): OpenedInMemory | undefined
}
