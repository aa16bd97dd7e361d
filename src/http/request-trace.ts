import type { Ref } from '../resolver/resolver.ts'
import { Trace } from '../transfer/trace.ts'

/** What is learnt of a request on the way to its answer, for its record. */
export class RequestTrace extends Trace {
  /** The file that the URL names. */
  ref: Ref | null = null
  /** What the answer says; undefined while nobody needed one. */
  requestId: string | undefined
  /** Why the answer is no better: what was thrown. */
  fault: unknown
}
