import { createRequestId } from './error-response.ts'
import type { EdgeRequest } from './message.ts'

/** The proxy's, or a new one; the record of the request then has the same. */
export function requestIdOf({ caller, trace }: Pick<EdgeRequest, 'caller' | 'trace'>): string {
  trace.requestId ??= caller.requestId ?? createRequestId()
  return trace.requestId
}
