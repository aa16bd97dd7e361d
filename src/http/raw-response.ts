import { STATUS_CODES } from 'node:http'
import { formatHttpDate } from './http-date.ts'
import type { EdgeResponse } from './message.ts'

/** A last answer as bytes, for a connection that node:http has given up. */
export function formatRawResponse(
  { status, headers, body }: EdgeResponse,
  isHead: boolean,
): Buffer {
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `Date: ${formatHttpDate(Math.floor(Date.now() / 1000))}`,
    'Connection: close',
  ]
  for (let i = 0; i < headers.length; i += 2) lines.push(`${headers[i]}: ${headers[i + 1]}`)
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
  return isHead || !Buffer.isBuffer(body) ? head : Buffer.concat([head, body])
}
