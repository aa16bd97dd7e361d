import { randomUUID } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import type { ErrorCode } from '../errors.ts'
import type { EdgeResponse, HeaderList } from './message.ts'

export const ALLOWED_METHODS = 'GET, HEAD, OPTIONS'

/** What a client is told, by status. Never more: reasons are for the log. */
const PUBLIC_TEXTS = {
  400: 'The request is malformed.',
  403: 'The token is missing, wrong or expired.',
  404: 'There is no such file.',
  405: `Only ${ALLOWED_METHODS} are answered here.`,
  408: 'The request did not come in time.',
  412: 'The file is not in the state that the request asks for.',
  413: 'The request is too large.',
  414: 'The URL is too long.',
  416: 'The file has no byte in the range that was asked for.',
  417: 'Only the expectation 100-continue can be met.',
  431: 'The header of the request is too large.',
  500: 'The server made a mistake.',
  501: `Only ${ALLOWED_METHODS}, without transfer codings but chunked, are known here.`,
  502: 'The storage servers did not give the file.',
  503: 'The file cannot be served at the moment.',
  504: 'The storage servers did not answer in time.',
  505: 'Only HTTP/1.0 and HTTP/1.1 are spoken here.',
} as const satisfies Record<number, string>

export type RefusalStatus = keyof typeof PUBLIC_TEXTS

/** Null: nobody is left to be answered. */
export const STATUS_OF_ERROR = {
  invalid_ref: 400,
  connect_failed: 502,
  timeout: 504,
  connection_lost: 502,
  too_slow: 504,
  protocol_error: 502,
  refused_by_server: 502,
  wrong_content: 502,
  pool_exhausted: 503,
  no_tracker: 503,
  no_replica: 503,
  replicas_failed: 502,
  replicas_timed_out: 504,
  overloaded: 503,
  aborted: null,
  invalid_config: 500,
  local_file: 500,
} as const satisfies Record<ErrorCode, RefusalStatus | null>

/** A file that was just uploaded must not stay "not found" for longer than it takes to appear. */
export const NOT_FOUND_CACHE_CONTROL = 'public, max-age=3'
const RETRY_AFTER_SECONDS = 2

/** Header fields that belong to a status whatever the reason. */
const STATUS_HEADERS: { readonly [status in RefusalStatus]?: readonly string[] } = {
  405: ['Allow', ALLOWED_METHODS],
  501: ['Allow', ALLOWED_METHODS],
  503: ['Retry-After', `${RETRY_AFTER_SECONDS}`],
}

export interface Refusal {
  readonly status: RefusalStatus
  readonly requestId: string
  readonly headers?: readonly string[]
}

export function createRequestId(): string {
  return randomUUID()
}

/** An answer that is not the file: a sentence for people, and the id to find it in the log by. */
export function createErrorResponse({ status, requestId, headers = [] }: Refusal): EdgeResponse {
  const text = `${status} ${STATUS_CODES[status]}\n${PUBLIC_TEXTS[status]}\nRequest: ${requestId}\n`
  const body = Buffer.from(text)
  return {
    status,
    headers: [
      ...createRefusalHeaders(status, requestId),
      'Content-Type',
      'text/plain; charset=utf-8',
      'Content-Length',
      `${body.length}`,
      ...headers,
    ],
    body,
  }
}

/** The header fields of a refusal, all but those that describe its content. */
export function createRefusalHeaders(status: RefusalStatus, requestId: string): HeaderList {
  return [
    'Cache-Control',
    status === 404 ? NOT_FOUND_CACHE_CONTROL : 'no-store',
    'X-Content-Type-Options',
    'nosniff',
    'X-Request-Id',
    requestId,
    ...(STATUS_HEADERS[status] ?? []),
  ]
}
