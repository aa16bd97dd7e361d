/**
 * Every fault that dfs-edge knows. `retriable` says whether the same question may be put to another
 * host. Lower layers know no HTTP status: `http/error-response.ts` maps each code to one.
 */
const FAULTS = {
  /** A file id, key or URL that no cluster can have written. */
  invalid_ref: { retriable: false },
  /** A connection was refused, reset or never came about. */
  connect_failed: { retriable: true },
  /** A daemon accepted the connection and then did not answer in time. */
  timeout: { retriable: true },
  /** The connection ended in the middle of an answer. */
  connection_lost: { retriable: true },
  /** A body came, but slower than `min_rate`. */
  too_slow: { retriable: true },
  /** Bytes that are not the protocol: a frame with a wrong length, command or content. */
  protocol_error: { retriable: true },
  /** A daemon answered with an error status other than "not found". */
  refused_by_server: { retriable: true },
  /** A replica's content has the wrong size or checksum. */
  wrong_content: { retriable: true },
  /** Every pooled connection to a host is in use and the queue for them is full. */
  pool_exhausted: { retriable: true },
  /** No tracker (or database) answered and nothing is cached. */
  no_tracker: { retriable: false },
  /** The tracker names no storage that may be asked. */
  no_replica: { retriable: false },
  /** Every replica was tried, at least one failed. */
  replicas_failed: { retriable: false },
  /** Every replica was tried, at least one did not answer in time and none failed otherwise. */
  replicas_timed_out: { retriable: false },
  /** The edge has more to do than it may take on. */
  overloaded: { retriable: false },
  /** The one who asked has gone away. */
  aborted: { retriable: false },
  /** A configuration that cannot be used. */
  invalid_config: { retriable: false },
  /** A local file that cannot be read or written. */
  local_file: { retriable: false },
} as const satisfies Record<string, { readonly retriable: boolean }>

export type ErrorCode = keyof typeof FAULTS

export interface EdgeErrorOptions {
  readonly cause?: unknown
  /** `host:port` of the daemon that failed. */
  readonly host?: string | undefined
  /** FastDFS's errno-like status, where a daemon answered with one. */
  readonly status?: number
  /** No connection came about: a timeout of another kind than silence after a question. */
  readonly isConnecting?: boolean
}

/** The one error class of dfs-edge. `message` is for operators and never reaches a client. */
export class EdgeError extends Error {
  readonly code: ErrorCode
  readonly host: string | undefined
  readonly status: number | undefined
  readonly isConnecting: boolean

  constructor(code: ErrorCode, message: string, options: EdgeErrorOptions = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause })
    this.name = 'EdgeError'
    this.code = code
    this.host = options.host
    this.status = options.status
    this.isConnecting = options.isConnecting ?? false
  }

  get retriable(): boolean {
    return FAULTS[this.code].retriable
  }
}

/** The EdgeError in a caught value; anything else is a bug and is thrown on. */
export function asEdgeError(error: unknown): EdgeError {
  if (error instanceof EdgeError) return error
  throw error
}
