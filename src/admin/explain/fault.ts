import { EdgeError } from '../../errors.ts'
import { STATUS } from '../../wire/fastdfs/status.ts'

/** In which way a daemon failed: each asks for another remedy. */
export type FaultKind =
  /** The host is there, and nobody listens. */
  | 'refused'
  /** No route, or a name that means nothing. */
  | 'unreachable'
  /** No connection came about in time. */
  | 'no_connection'
  /** A connection, and silence. */
  | 'silent'
  | 'slow'
  /** The connection ended in the middle. */
  | 'lost'
  /** Bytes of another protocol. */
  | 'garbage'
  /** An error status. */
  | 'error'
  /** A FastDFS daemon of another kind, or one that does not take this for a file's name. */
  | 'no_such_command'
  /** User, password or tables are wrong (a database). */
  | 'login'
  | 'other'

export interface Fault {
  readonly kind: FaultKind
  readonly reason: string
}

export function faultOf(error: EdgeError): Fault {
  // One of several hosts was asked alone: what it said or did is in the cause.
  const inner =
    error.code === 'no_tracker' && error.cause instanceof EdgeError ? error.cause : error
  return { kind: kindOf(inner), reason: reasonOf(inner) }
}

function kindOf({ code, isConnecting, status, cause }: EdgeError): FaultKind {
  switch (code) {
    case 'connect_failed':
      return kindOfSystem(systemCode(cause))
    case 'timeout':
      return isConnecting || systemCode(cause) === 'ETIMEDOUT' ? 'no_connection' : 'silent'
    // Each silence has its own, shorter deadline.
    case 'aborted':
    case 'too_slow':
      return 'slow'
    case 'connection_lost':
      return 'lost'
    case 'protocol_error':
      return 'garbage'
    case 'refused_by_server':
      return status === STATUS.EINVAL ? 'no_such_command' : 'error'
    case 'invalid_config':
      return 'login'
    default:
      return 'other'
  }
}

function kindOfSystem(code: string): FaultKind {
  return code === 'ECONNREFUSED' || code === 'ECONNRESET' ? 'refused' : 'unreachable'
}

function systemCode(cause: unknown): string {
  if (cause instanceof AggregateError) return systemCode(cause.errors[0])
  const code: unknown = cause instanceof Object ? Reflect.get(cause, 'code') : undefined
  return typeof code === 'string' ? code : ''
}

function reasonOf({ code, message, cause }: EdgeError): string {
  const why = code === 'connect_failed' ? systemCode(cause) : ''
  return why === '' || message.includes(why) ? message : `${message} (${why})`
}
