import type { Ref } from '../resolver/resolver.ts'
import type { CacheResult } from '../transfer/trace.ts'

/** nginx's number for a client that went before its answer was whole. */
export const CLIENT_GONE = 499

/** One request and what became of it, told when its answer has ended. */
export interface RequestRecord {
  /** Empty, as the path is, where the request could not be read. */
  readonly method: string
  /** As it came, but without the query, which may hold a token. */
  readonly path: string
  /** The file that is meant, if any. */
  readonly ref: Ref | null
  /** As it was sent; `CLIENT_GONE` where the client did not wait for the end. */
  readonly status: number
  /** `cut`: by the edge, which could not bring it to its end; `aborted`: by the client. */
  readonly end: 'whole' | 'cut' | 'aborted'
  /** Of the body, as far as they are known to have gone out. */
  readonly bytes: number
  readonly cache: CacheResult
  /** The replica that the first byte came from; null where none was read for this request. */
  readonly host: string | null
  /** The proxy's, or what an answer that is no file said; else null. */
  readonly requestId: string | null
  readonly client: string
  /** How long it took to find out where the file is; null where nobody had to. */
  readonly resolveMs: number | null
  /** Until the first byte went out; null where none did. */
  readonly firstByteMs: number | null
  readonly totalMs: number
  /** What was thrown, where the answer is a 5xx or was cut. */
  readonly fault: unknown
}

export type ObserveRequest = (record: RequestRecord) => void

/** Of what is no request that could be read. */
export function recordOfUnread(
  told: Pick<RequestRecord, 'status' | 'requestId' | 'client'>,
): RequestRecord {
  return {
    ...told,
    ...{ method: '', path: '', ref: null, end: 'whole', bytes: 0, cache: 'none', host: null },
    ...{ resolveMs: null, firstByteMs: null, totalMs: 0, fault: undefined },
  }
}
