export interface ServerLimits {
  /** Answers that are waited for or streamed at a time; one more is 503. */
  readonly maxRequests: number
  readonly maxConnections: number
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
  maxConnections: 16_384,
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
