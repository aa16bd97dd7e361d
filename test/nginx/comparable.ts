import type { RawResponse } from '../support/raw-http.ts'

/** Those of an answer that mean something to a client. */
const HEADERS = [
  'content-type',
  'content-length',
  'content-range',
  'content-disposition',
  'etag',
  'last-modified',
  'cache-control',
  'accept-ranges',
  'allow',
  'x-content-type-options',
] as const

/** Headers that nginx leaves out, or adds. */
const DIFFERENT: { readonly [status: number]: readonly string[] } = {
  // It says Accept-Ranges where it sends the whole file.
  206: ['accept-ranges'],
  // Its add_header knows no difference between answers with content and without.
  204: ['x-content-type-options'],
  304: ['x-content-type-options'],
}

/**
 * What has to be the same from the edge alone and through nginx. In place of the text of the edge's
 * error nginx has a page of its own.
 */
export function comparable({ status, headers, body }: RawResponse) {
  const isError = status >= 400
  const listed = HEADERS.filter((name) => {
    if (isError) return name === 'content-range' || name === 'allow'
    return !(DIFFERENT[status] ?? []).includes(name)
  })
  return {
    status,
    headers: Object.fromEntries(listed.map((name) => [name, headers[name]])),
    body: isError ? '' : body.toString('base64'),
  }
}
