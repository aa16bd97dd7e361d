import { EdgeError } from '../errors.ts'
import type { Cors } from './cors.ts'
import { createErrorResponse, type RefusalStatus, STATUS_OF_ERROR } from './error-response.ts'
import type { EdgeLog, EdgeRequest, EdgeResponse } from './message.ts'
import { requestIdOf } from './request-id.ts'

/** What a refusal has to know of its request. */
type Asked = Pick<EdgeRequest, 'method' | 'target' | 'headers' | 'caller' | 'trace'>

/** Answers that are not the file, and the log's side of them. */
export class Refusals {
  readonly #cors: Cors
  readonly #log: EdgeLog

  constructor(cors: Cors, log: EdgeLog) {
    this.#cors = cors
    this.#log = log
  }

  refuse(asked: Asked, status: RefusalStatus, headers: readonly string[] = []): EdgeResponse {
    const requestId = requestIdOf(asked)
    const response = createErrorResponse({
      status,
      requestId,
      headers: [...headers, ...this.#cors.headersFor(asked.headers)],
    })
    return asked.method === 'HEAD' ? { ...response, body: null } : response
  }

  /** The answer to a fault; null where the client has gone. The fault itself goes to the log. */
  fail(asked: Asked, error: unknown): EdgeResponse | null {
    const status = error instanceof EdgeError ? STATUS_OF_ERROR[error.code] : 500
    if (status === null) return null
    asked.trace.fault = error
    this.#report(asked, error, { status, requestId: requestIdOf(asked) })
    return this.refuse(asked, status)
  }

  #report(asked: Asked, err: unknown, fields: { status: number; requestId: string }): void {
    // The query may hold a token.
    const path = asked.target.split('?', 1)[0]
    if (!(err instanceof EdgeError)) {
      this.#log.error({ ...fields, path, err }, 'a request failed for no known reason')
      return
    }
    // Under overload a line for each would only add to the load.
    if (fields.status < 500 || err.code === 'overloaded') return
    this.#log.warn({ ...fields, path, code: err.code, host: err.host, err }, 'a request failed')
  }
}
