import type { RefusalStatus } from './error-response.ts'

/** What node:http tells of bytes that it could not read as a request. */
export interface ParseError extends Error {
  readonly code?: string
  /** The bytes that came last, where known. */
  readonly rawPacket?: Buffer
  /** Where in them reading stopped. */
  readonly bytesParsed?: number
}

export interface UnreadRequest {
  readonly status: RefusalStatus
  readonly isHead: boolean
}

const METHOD_AND_TARGET = /^([!#$%&'*+.^_`|~\w-]+) +\S/
const REQUEST_LINE = /^[!#$%&'*+.^_`|~\w-]+ +\S+ +HTTP\/\d\.\d$/

const STATUS_OF_CODE: { readonly [code: string]: RefusalStatus } = {
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  HPE_PAUSED_H2_UPGRADE: 505,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
}

/** The status for a request that could not be read, and whether it was a HEAD. */
export function readParseError(error: ParseError): UnreadRequest {
  const line = lineAt(error.rawPacket, error.bytesParsed ?? 0)
  const [, method] = METHOD_AND_TARGET.exec(line) ?? []
  return { status: statusOf(error.code ?? '', line), isHead: method === 'HEAD' }
}

function statusOf(code: string, line: string): RefusalStatus {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      // Reading stopped either in the request line, whose target is too long, or after it.
      return METHOD_AND_TARGET.test(line) ? 414 : 431
    // Only what has the form of a request can be one with an unknown method or version.
    case 'HPE_INVALID_METHOD':
      return REQUEST_LINE.test(line) ? 501 : 400
    case 'HPE_INVALID_VERSION':
      return REQUEST_LINE.test(line) ? 505 : 400
    default:
      return STATUS_OF_CODE[code] ?? 400
  }
}

/** The line of a packet that reading stopped in. */
function lineAt(packet: Buffer | undefined, offset: number): string {
  if (packet === undefined) return ''
  const start = packet.lastIndexOf('\n', Math.max(offset - 1, 0)) + 1
  const end = packet.indexOf('\n', start)
  return packet.toString('latin1', start, end < 0 ? packet.length : end).replace(/\r$/, '')
}
