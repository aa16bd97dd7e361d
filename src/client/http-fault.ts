import { EdgeError, type ErrorCode } from '../errors.ts'
import { isLocalLimit } from './local-limit.ts'

/** Codes of undici and of sockets; whatever is not here ended a connection. */
const CODES: Readonly<Record<string, ErrorCode>> = {
  ENOTFOUND: 'connect_failed',
  EAI_AGAIN: 'connect_failed',
  ETIMEDOUT: 'timeout',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_OVERFLOW: 'protocol_error',
}

/** What undici threw, as one of our own. */
export function httpFault(thrown: unknown, host: string): EdgeError {
  if (thrown instanceof EdgeError) return thrown
  const message = thrown instanceof Error ? thrown.message : `${thrown}`
  return new EdgeError(codeOf(thrown), `${host}: ${message}`, { host, cause: thrown })
}

function codeOf(thrown: unknown): ErrorCode {
  if (isLocalLimit(thrown)) return 'overloaded'
  // Addresses of both families were tried, each with an error of its own.
  if (thrown instanceof AggregateError) return codeOf(thrown.errors[0])
  if (!(thrown instanceof Error)) return 'connection_lost'
  if (thrown.name === 'HTTPParserError') return 'protocol_error'
  const { code, syscall }: NodeJS.ErrnoException = thrown
  const known = CODES[code ?? '']
  return known ?? (syscall === 'connect' ? 'connect_failed' : 'connection_lost')
}
