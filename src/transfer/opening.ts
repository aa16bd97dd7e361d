import type { ByteRange, Ref } from '../resolver/resolver.ts'
import type { OpenOptions } from './transfer.ts'

/** A file that is being opened for one client. */
export interface Opening {
  readonly ref: Ref
  /** Null is the whole file. */
  readonly range: ByteRange | null
  readonly options: OpenOptions
  /** False once something was purged: what was asked for before is not remembered after it. */
  isCurrent(): boolean
}
