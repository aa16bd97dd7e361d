import type { RefusalStatus } from './error-response.ts'
import type { RequestHeaders } from './message.ts'

/** The start of a request, as far as its form goes. */
export interface MessageStart {
  readonly httpVersion: string
  readonly target: string
  readonly headers: RequestHeaders
}

// RFC 9110 7.2: Host = uri-host [ ":" port ]; the host may be empty. Repeated fields arrive joined
// by a comma and a blank, which no host can hold.
const HOST = /^(?:\[[\da-f:.]+\]|(?:[\w.~!$&'()*+,;=-]|%[\da-f]{2})*)(?::\d*)?$/i
const CLOSE = /(?:^|,)[ \t]*close[ \t]*(?:,|$)/i

/** Whether a Host field, or the authority of a URL, is one. */
export function isHost(text: string): boolean {
  return HOST.test(text)
}

/** What is wrong with a message that node:http took for a request; undefined if nothing is. */
export function findMessageFault(
  { httpVersion, target, headers }: MessageStart,
  maxUrlBytes: number,
): RefusalStatus | undefined {
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return 505
  if (target.length > maxUrlBytes) return 414
  // RFC 9112 3.2: "A server MUST respond with a 400 (Bad Request) status code to any HTTP/1.1
  // request message that lacks a Host header field and to any request message that contains more
  // than one Host header field line or a Host header field with an invalid field value."
  if (headers.host === undefined ? httpVersion === '1.1' : !isHost(headers.host)) return 400
  return findCodingFault(headers['transfer-encoding'])
}

function findCodingFault(field: string | undefined): RefusalStatus | undefined {
  if (field === undefined || field.toLowerCase() === 'chunked') return undefined
  // RFC 9112 6.3: where chunked is not the final coding, "the server MUST respond with the 400
  // (Bad Request) status code"; 6.1: one "it does not understand SHOULD" get 501.
  return /,[ \t]*chunked$/i.test(field) ? 501 : 400
}

/**
 * RFC 9112 9.3: "If the 'close' connection option is present, the connection will not persist". In
 * HTTP/1.0 node:http lets a `keep-alive` beside it win.
 */
export function saysClose({ connection }: RequestHeaders): boolean {
  return connection !== undefined && CLOSE.test(connection)
}

/** Whether content follows a header section, and whether it is little enough to read and drop. */
export function sizeUpBody(headers: RequestHeaders, maxBytes: number): 'none' | 'small' | 'large' {
  if (headers['transfer-encoding'] !== undefined) return 'large'
  const length = headers['content-length']
  if (length === undefined || length === '0') return 'none'
  return Number(length) <= maxBytes ? 'small' : 'large'
}
