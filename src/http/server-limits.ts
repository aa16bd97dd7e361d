import { NO_SEND_RATE, type SendRate } from './send-rate.ts'

export interface ServerLimits {
  /** Answers that are waited for or streamed at a time; one more is 503. */
  readonly maxRequests: number
  /** Of one client; 0: no bound. */
  readonly maxRequestsPerClient: number
  readonly maxConnections: number
  /** Of one address that is no trusted proxy's; 0: no bound. */
  readonly maxConnectionsPerClient: number
  /** Of answers to all but trusted proxies, whose own bounds know the clients. */
  readonly sendRate: SendRate
  /** A client that takes nothing for so long is cut. */
  readonly sendTimeoutMs: number
  readonly keepAliveTimeoutMs: number
  /** From the first byte of a request to the end of its header section. */
  readonly headersTimeoutMs: number
  /** From the first byte of a request to the end of its body. */
  readonly requestTimeoutMs: number
  readonly maxUrlBytes: number
  readonly maxHeaderBytes: number
  /** A request's body is read and thrown away; one that may be longer ends its connection. */
  readonly maxBodyBytes: number
  /** How long a connection that ends goes on reading, so that its last answer is not lost. */
  readonly lingerMs: number
}

export const DEFAULT_SERVER_LIMITS: ServerLimits = {
  maxRequests: 4096,
  maxRequestsPerClient: 0,
  maxConnections: 16_384,
  maxConnectionsPerClient: 0,
  sendRate: NO_SEND_RATE,
  sendTimeoutMs: 60_000,
  // nginx's upstream keepalive is 60 s: the end that asks must be the one that closes.
  keepAliveTimeoutMs: 75_000,
  headersTimeoutMs: 30_000,
  requestTimeoutMs: 60_000,
  maxUrlBytes: 8192,
  maxHeaderBytes: 32_768,
  maxBodyBytes: 65_536,
  lingerMs: 1000,
}
