import { EdgeError } from '../errors.ts'
import type { HttpHead } from './http-answer.ts'

/** Bytes `start` up to `end`, `end` not included. */
export interface Span {
  readonly start: number
  readonly end: number
}

/**
 * The length of the body behind a head, if it is what was asked for: `span`, or the whole file.
 * Null where the head has none, which can only be an empty file.
 * @throws EdgeError refused_by_server, protocol_error, wrong_content (the copy is too short)
 */
export function lengthOf(head: HttpHead, span: Span | null, host: string): number | null {
  const { status, headers } = head
  if (status === 416) {
    throw new EdgeError('wrong_content', `${host} has less than was asked for`, { host })
  }
  if (status !== 200 && status !== 206) throw refused(status, host)
  if ((headers['content-encoding'] ?? 'identity') !== 'identity' || headers['transfer-encoding']) {
    throw new EdgeError('protocol_error', `${host} sent an encoded body`, { host })
  }
  const length = contentLengthOf(head, host)
  if (status === 206) requireRange(head, span, length, host)
  else if (span !== null && (span.start !== 0 || span.end !== length)) {
    throw new EdgeError('protocol_error', `${host} ignored the range`, { host })
  }
  return length
}

/** Null where it is missing. */
export function contentLengthOf({ headers }: HttpHead, host: string): number | null {
  const text = headers['content-length']
  if (text === undefined) return null
  const length = /^[0-9]{1,16}$/.test(text) ? Number(text) : Number.NaN
  if (Number.isSafeInteger(length)) return length
  throw new EdgeError('protocol_error', `${host} sent the Content-Length "${text}"`, { host })
}

export function refused(status: number, host: string): EdgeError {
  return new EdgeError('refused_by_server', `${host} answered with HTTP ${status}`, { host })
}

/**
 * One range with both ends is all that every server understands alike: of `-N` Perlbal sends the
 * first bytes.
 */
export function formatRange({ start, end }: Span): string {
  if (start >= 0 && end > start) return `bytes=${start}-${end - 1}`
  throw new EdgeError('invalid_ref', `${start} to ${end} is no range that can be asked for`)
}

const CONTENT_RANGE = /^bytes ([0-9]{1,16})-([0-9]{1,16})\/([0-9]{1,16})$/

function requireRange(
  { headers }: HttpHead,
  span: Span | null,
  length: number | null,
  host: string,
): void {
  const text = `${headers['content-range']}`
  const [, start, last, size] = (CONTENT_RANGE.exec(text) ?? []).map(Number)
  const isWhole = last !== undefined && length === last + 1 - (start ?? 0)
  if (span !== null && isWhole && start === span.start) {
    if (last === span.end - 1) return
    if (last < span.end && size === last + 1) {
      throw new EdgeError('wrong_content', `${host} has only ${size} bytes`, { host })
    }
  }
  const message = `${host} sent ${length} bytes as "${text}", not what was asked for`
  throw new EdgeError('protocol_error', message, { host })
}
