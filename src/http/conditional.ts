import type { Facts } from '../resolver/resolver.ts'
import { matchesStrongly, matchesWeakly, parseEntityTags } from './entity-tag.ts'
import { parseHttpDate } from './http-date.ts'
import type { RequestHeaders } from './message.ts'

export type Precondition = 'none-failed' | 'precondition-failed' | 'not-modified'

/** What a condition is held against. */
export interface Validators extends Pick<Facts, 'etag' | 'modified'> {
  readonly nowSeconds: number
}

export function hasConditions(headers: RequestHeaders): boolean {
  return (
    headers['if-none-match'] !== undefined ||
    headers['if-modified-since'] !== undefined ||
    headers['if-match'] !== undefined ||
    headers['if-unmodified-since'] !== undefined
  )
}

/** The order of RFC 9110 13.2.2 for GET and HEAD of something that exists, If-Range excepted. */
export function evaluateConditions(headers: RequestHeaders, validators: Validators): Precondition {
  if (!isAsExpected(headers, validators)) return 'precondition-failed'
  return isAtClient(headers, validators) ? 'not-modified' : 'none-failed'
}

/** If-Match, and in its absence If-Unmodified-Since. */
function isAsExpected(headers: RequestHeaders, validators: Validators): boolean {
  const field = headers['if-match']
  if (field !== undefined) {
    const tags = parseEntityTags(field) ?? []
    return tags === '*' || tags.some((tag) => matchesStrongly(tag, validators.etag))
  }
  const since = parseDate(headers['if-unmodified-since'], validators)
  // "A recipient MUST ignore the If-Unmodified-Since header field if the resource does not have a
  // modification date available", or if the field is not a valid date.
  return since === undefined || validators.modified === null || validators.modified <= since
}

/** If-None-Match, and in its absence If-Modified-Since. */
function isAtClient(headers: RequestHeaders, validators: Validators): boolean {
  const field = headers['if-none-match']
  if (field !== undefined) {
    const tags = parseEntityTags(field) ?? []
    return tags === '*' || tags.some((tag) => matchesWeakly(tag, validators.etag))
  }
  const since = parseDate(headers['if-modified-since'], validators)
  return since !== undefined && validators.modified !== null && validators.modified <= since
}

/**
 * Whether the Range header counts. RFC 9110 13.1.5: a date must match the Last-Modified exactly,
 * a tag by strong comparison; all else means "send the whole file".
 */
export function isRangeApplicable(headers: RequestHeaders, validators: Validators): boolean {
  const field = headers['if-range']
  if (field === undefined || field === validators.etag) return true
  const date = parseDate(field, validators)
  return date !== undefined && date === validators.modified
}

function parseDate(field: string | undefined, { nowSeconds }: Validators): number | undefined {
  return field === undefined ? undefined : parseHttpDate(field, nowSeconds)
}
