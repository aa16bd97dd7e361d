import type { EdgeError } from '../errors.ts'

/** What happened to a daemon or a file, for the log and the metrics. */
export type EdgeEvent =
  /** A question to a host failed; the next one is asked. */
  | { readonly type: 'host_failed'; readonly host: string; readonly error: EdgeError }
  /** A host did not answer within `hedge_ms`; another one is asked as well. */
  | { readonly type: 'host_silent'; readonly host: string }
  /** A host gave what another one, which failed or is silent, did not. */
  | { readonly type: 'failed_over'; readonly from: string; readonly to: string }
  /** A location past its time was used because no tracker answered. */
  | { readonly type: 'stale_location'; readonly ref: string }
  /** A stream broke and went on from another replica at `offset`. */
  | {
      readonly type: 'resumed'
      readonly ref: string
      readonly from: string
      readonly to: string
      readonly offset: number
    }
  /** A replica's content has the wrong size or checksum. */
  | { readonly type: 'wrong_content'; readonly ref: string; readonly host: string }

export type Observe = (event: EdgeEvent) => void
