import { formatRequest } from '../support/edge-fixture.ts'

/** Bytes that two servers in a row might part into requests in two ways. */
export interface AmbiguousMessage {
  readonly what: string
  readonly bytes: string
}

const HOST = 'Host: a\r\n'

/**
 * Messages that hide a request for `hidden` where a server that takes them otherwise would find it.
 * @param path of the request around it
 */
export function ambiguousMessages(path: string, hidden: string): readonly AmbiguousMessage[] {
  const inner = formatRequest(hidden, {})
  const chunked = `0\r\n\r\n${inner}`
  const length = (text: string): string => `Content-Length: ${text.length}\r\n`
  const message = (what: string, fields: string, body: string, method = 'POST') => ({
    what,
    bytes: `${method} ${path} HTTP/1.1\r\n${HOST}${fields}\r\n${body}`,
  })
  const coding = (name: string, field: string, body = chunked) =>
    message(name, `${length(body)}${field}\r\n`, body)
  return [
    message('a length and chunks', `${length(chunked)}Transfer-Encoding: chunked\r\n`, chunked),
    message('chunks and a length', `Transfer-Encoding: chunked\r\n${length(chunked)}`, chunked),
    message(
      'chunks and a short length',
      'Content-Length: 3\r\nTransfer-Encoding: chunked\r\n',
      chunked,
    ),
    coding('a coding of no name', 'Transfer-Encoding: xchunked'),
    coding('chunked twice', 'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked'),
    coding('chunked and another', 'Transfer-Encoding: chunked\r\nTransfer-Encoding: x'),
    coding('chunked, identity', 'Transfer-Encoding: chunked, identity'),
    coding('chunked after a tab', 'Transfer-Encoding:\tchunked'),
    coding('chunked before a vertical tab', 'Transfer-Encoding: chunked\x0b'),
    coding('chunked in quotes', 'Transfer-Encoding: "chunked"'),
    coding('chunked with a parameter', 'Transfer-Encoding: chunked;x=y'),
    coding('a blank before the colon', 'Transfer-Encoding : chunked'),
    coding('a blank before the name', ' Transfer-Encoding: chunked'),
    coding('a folded coding', 'Transfer-Encoding:\r\n chunked'),
    coding('a coding behind a bare LF', 'X: y\nTransfer-Encoding: chunked'),
    coding('a coding behind a bare CR', 'X: y\rTransfer-Encoding: chunked'),
    coding('a coding behind a NUL', 'X: y\0Transfer-Encoding: chunked'),
    coding('an underscore', 'Transfer_Encoding: chunked'),
    message('two lengths', `Content-Length: 0\r\n${length(inner)}`, inner),
    message('two equal lengths', length(inner).repeat(2), inner),
    message('a list of lengths', `Content-Length: ${inner.length}, ${inner.length}\r\n`, inner),
    message('a length with a sign', `Content-Length: +${inner.length}\r\n`, inner),
    message('a length in hexadecimal', `Content-Length: 0x${inner.length.toString(16)}\r\n`, inner),
    message('a length with a blank in it', 'Content-Length: 0 5\r\n', inner),
    message('a length beyond 64 bits', 'Content-Length: 18446744073709551616\r\n', inner),
    message(
      'a length with an underscore',
      `Content_Length: ${inner.length}\r\nConnection: close\r\n`,
      '',
    ),
    message('a chunk of negative size', 'Transfer-Encoding: chunked\r\n', `-1\r\n${inner}`),
    message(
      'a chunk beyond 64 bits',
      'Transfer-Encoding: chunked\r\n',
      `10000000000000000\r\n${inner}`,
    ),
    message('chunks behind LF', 'Transfer-Encoding: chunked\r\n', `0\n\n${inner}`),
    message(
      'an extension over lines',
      'Transfer-Encoding: chunked\r\n',
      `0;a="\r\n\r\n${inner}"\r\n\r\n`,
    ),
    message(
      'a chunk without its end',
      'Transfer-Encoding: chunked\r\n',
      `1\r\nxx0\r\n\r\n${inner}`,
    ),
    message('a body of GET', length(inner), inner, 'GET'),
    message('a body of HEAD', length(inner), inner, 'HEAD'),
    message(
      'chunks of GET',
      'Transfer-Encoding: chunked\r\n',
      `${inner.length.toString(16)}\r\n${inner}\r\n0\r\n\r\n`,
      'GET',
    ),
    message('a body that waits', `${length(inner)}Expect: 100-continue\r\n`, inner),
    message(
      'an upgrade',
      `Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n${length(inner)}`,
      inner,
      'GET',
    ),
    message(
      'a length that Connection names',
      `Connection: Content-Length\r\n${length(inner)}`,
      inner,
    ),
    {
      what: 'HTTP/1.0 with chunks',
      bytes: `POST ${path} HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${inner}`,
    },
    { what: 'a request line of HTTP/0.9', bytes: `GET ${path}\r\n${inner}` },
    {
      what: 'a version behind blanks',
      bytes: `GET ${path} HTTP/1.1 HTTP/1.0\r\n${HOST}\r\n${inner}`,
    },
  ]
}
