import type { Facts } from '../resolver/resolver.ts'
import { evaluateConditions, hasConditions, isRangeApplicable } from './conditional.ts'
import type { RefusalStatus } from './error-response.ts'
import { contentHeaders, type Description } from './file-headers.ts'
import { FLV_HEADER } from './flv-seek.ts'
import type { EdgeRequest, HeaderList } from './message.ts'
import { createMultipart } from './multipart.ts'
import { lengthOfPieces, type Piece } from './pieces.ts'
import { formatContentRange, type RangeSelection, selectRanges } from './range.ts'

/** What to answer about content that exists: pure, from header fields and facts. */
export type FileAnswer =
  | {
      readonly kind: 'content'
      readonly status: 200 | 206
      readonly headers: HeaderList
      readonly pieces: readonly Piece[]
    }
  | { readonly kind: 'not-modified'; readonly headers: HeaderList }
  | { readonly kind: 'refused'; readonly status: RefusalStatus; readonly headers: HeaderList }

export interface FileRequestOptions {
  readonly isMultiRangeEnabled: boolean
  readonly nowSeconds: number
}

type Asked = Pick<EdgeRequest, 'method' | 'headers'>

/** True where the answer depends on facts, and not only on there being a file. */
export function needsFacts({ method, headers }: Asked): boolean {
  return method === 'HEAD' || headers.range !== undefined || hasConditions(headers)
}

/** GET or HEAD of content: preconditions first, then ranges (RFC 9110 13.2.2). */
export function answerFile(
  asked: Asked,
  content: Description,
  options: FileRequestOptions,
): FileAnswer {
  const failed = answerConditions(asked, content, options)
  if (failed !== undefined) return failed
  const selection = selectOf(asked, content.facts, options)
  switch (selection.kind) {
    case 'whole':
      return answerWhole(content)
    case 'unsatisfiable':
      return answerUnsatisfiable(content.facts)
    case 'ranges':
      return answerRanges(content, selection.ranges)
  }
}

/** GET or HEAD of a Flash video from a position on: a 200 of its own, without ranges. */
export function answerFlvSeek(
  asked: Asked,
  seek: { readonly content: Description; readonly range: Piece },
  options: FileRequestOptions,
): FileAnswer {
  const failed = answerConditions(asked, seek.content, options)
  if (failed !== undefined) return failed
  const pieces = [FLV_HEADER, seek.range]
  const headers = contentHeaders(seek.content.validators, {
    contentType: seek.content.contentType,
    length: lengthOfPieces(pieces),
    acceptRanges: 'none',
  })
  return { kind: 'content', status: 200, headers, pieces }
}

function answerConditions(
  { headers }: Asked,
  { facts, validators }: Description,
  { nowSeconds }: FileRequestOptions,
): FileAnswer | undefined {
  if (!hasConditions(headers)) return undefined
  const { etag, modified } = facts
  switch (evaluateConditions(headers, { etag, modified, nowSeconds })) {
    case 'precondition-failed':
      return { kind: 'refused', status: 412, headers: [] }
    case 'not-modified':
      return { kind: 'not-modified', headers: validators }
    case 'none-failed':
      return undefined
  }
}

/** RFC 9110 14.2: "A server MUST ignore a Range header field received with a request method ..". */
function selectOf(
  { method, headers }: Asked,
  facts: Facts,
  { isMultiRangeEnabled, nowSeconds }: FileRequestOptions,
): RangeSelection {
  const { etag, modified, size } = facts
  const isAsked = method === 'GET' && headers.range !== undefined
  if (!isAsked || !isRangeApplicable(headers, { etag, modified, nowSeconds })) {
    return { kind: 'whole' }
  }
  return selectRanges(headers.range, { size, isMultiRangeEnabled })
}

function answerWhole({ facts, whole }: Description): FileAnswer {
  const pieces = [{ start: 0, end: facts.size }]
  return { kind: 'content', status: 200, headers: whole, pieces }
}

function answerUnsatisfiable({ size }: Facts): FileAnswer {
  const headers = ['Accept-Ranges', 'bytes', 'Content-Range', `bytes */${size}`]
  return { kind: 'refused', status: 416, headers }
}

function answerRanges(
  content: Description,
  ranges: Extract<RangeSelection, { kind: 'ranges' }>['ranges'],
): FileAnswer {
  const { facts, contentType, validators } = content
  const [range, ...others] = ranges
  if (range !== undefined && others.length === 0) {
    const headers = contentHeaders(validators, { contentType, length: range.end - range.start })
    headers.push('Content-Range', formatContentRange(range, facts.size))
    return { kind: 'content', status: 206, headers, pieces: [range] }
  }
  const multipart = createMultipart({ ranges, size: facts.size, contentType })
  const headers = contentHeaders(validators, {
    contentType: multipart.contentType,
    length: lengthOfPieces(multipart.pieces),
  })
  return { kind: 'content', status: 206, headers, pieces: multipart.pieces }
}
