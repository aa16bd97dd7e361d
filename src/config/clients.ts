import { single } from './directive.ts'
import { bytes, integer } from './kind.ts'
import type { Settings } from './settings.ts'

const GB = 1024 ** 3
const MANY = 1_000_000

/** What clients may take, in each process. */
export interface ClientsConf {
  /** Answered at once; one more is 503. */
  readonly maxRequests: number
  /** 0: no bound. */
  readonly maxRequestsPerClient: number
  readonly maxConnections: number
  /** 0: no bound. */
  readonly maxConnectionsPerClient: number
  /** Bytes a second of one answer; 0: as fast as it is taken. */
  readonly rate: number
  /** Bytes of an answer before the rate holds. */
  readonly rateAfter: number
}

export const CLIENTS = {
  max_requests: single(
    integer(1, MANY),
    '10000',
    'Requests under way at once in each process; one more is answered 503',
  ),
  max_requests_per_client: single(
    integer(0, MANY),
    '0',
    'The same of one client, whom a trusted_proxy may name; 0: no bound of its own',
  ),
  max_client_connections: single(
    integer(1, MANY),
    '16384',
    'Connections of clients at once in each process, fewer where the limit of open files is low; one more is answered 503',
  ),
  max_connections_per_client: single(
    integer(0, MANY),
    '0',
    'The same of one address that is no trusted_proxy; 0: no bound of its own',
  ),
  client_rate: single(
    bytes(0, GB),
    '0',
    'Bytes a second of one answer, to all but a trusted_proxy; 0: as fast as it is taken',
  ),
  client_rate_after: single(
    bytes(0, 64 * GB),
    '1MB',
    'Bytes of an answer that go out before client_rate holds',
  ),
} as const

export function buildClients(settings: Settings): ClientsConf {
  return {
    maxRequests: settings.get('max_requests'),
    maxRequestsPerClient: settings.get('max_requests_per_client'),
    maxConnections: settings.get('max_client_connections'),
    maxConnectionsPerClient: settings.get('max_connections_per_client'),
    rate: settings.get('client_rate'),
    rateAfter: settings.get('client_rate_after'),
  }
}
