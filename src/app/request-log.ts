import type { ObserveRequest, RequestRecord } from '../http/request-record.ts'
import { formatRef } from '../resolver/resolver.ts'
import type { Logger } from './logger.ts'

/** One line for each request, at info; above that level it costs nothing. */
export function logRequests(logger: Logger): ObserveRequest {
  if (!logger.isLevelEnabled('info')) return () => undefined
  return (record) => logger.info(fieldsOf(record), 'request')
}

/** Undefined fields are left out. */
function fieldsOf(record: RequestRecord): object {
  const { ref, end } = record
  return {
    requestId: record.requestId ?? undefined,
    client: record.client,
    method: record.method,
    ...(ref === null ? { path: record.path } : { ref: formatRef(ref), system: ref.system }),
    status: record.status,
    end: end === 'whole' ? undefined : end,
    bytes: record.bytes,
    cache: record.cache,
    replica: record.host ?? undefined,
    ms: rounded(record.totalMs),
    firstByteMs: rounded(record.firstByteMs),
    resolveMs: rounded(record.resolveMs),
  }
}

function rounded(ms: number | null): number | undefined {
  return ms === null ? undefined : Math.round(ms * 100) / 100
}
