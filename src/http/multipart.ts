import { randomBytes } from 'node:crypto'
import type { ByteRange } from '../resolver/resolver.ts'
import { formatContentRange } from './range.ts'

export interface MultipartOptions {
  readonly ranges: readonly ByteRange[]
  readonly size: number
  readonly contentType: string
  /** Must not occur in the content: unguessable, so that no uploaded file can hold it. */
  readonly boundary?: string
}

export interface Multipart {
  readonly contentType: string
  /** What stands between the bytes of the ranges, and the ranges, in order. */
  readonly pieces: readonly (Buffer | ByteRange)[]
}

/** multipart/byteranges, RFC 9110 14.6. */
export function createMultipart(options: MultipartOptions): Multipart {
  const { ranges, size, contentType, boundary = randomBytes(16).toString('hex') } = options
  const pieces = ranges.flatMap((range, index) => [
    Buffer.from(
      `${index === 0 ? '' : '\r\n'}--${boundary}\r\n` +
        `Content-Type: ${contentType}\r\n` +
        `Content-Range: ${formatContentRange(range, size)}\r\n\r\n`,
    ),
    range,
  ])
  const end = Buffer.from(`\r\n--${boundary}--\r\n`)
  return { contentType: `multipart/byteranges; boundary=${boundary}`, pieces: [...pieces, end] }
}
