import { mutate } from './mutate.ts'
import { NASTY } from './nasty.ts'
import type { Random } from './random.ts'

const METHODS = [
  ...['GET', 'GET', 'GET', 'GET', 'GET', 'GET', 'HEAD', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'TRACE'],
  ...['CONNECT', 'PURGE', 'get', 'PRI', 'G\0T', 'GET\t', 'M-SEARCH', 'QUERY', ''],
]
const VERSIONS = [
  'HTTP/1.0',
  'HTTP/0.9',
  'HTTP/2.0',
  'HTTP/1.2',
  'http/1.1',
  'HTTP/1.1 ',
  'HTTP/11',
  '',
]
const QUERIES = [
  ...['token=a&ts=1', 'filename=a.jpg', 'attname=%0d%0aSet-Cookie:%20a=b', 'attname=%E5%9B%BE.jpg'],
  ...[
    'start=5&end=9',
    'start=0',
    'start=99999999999',
    'end=-1',
    'redirect=1',
    'filename=%22%5c%22',
  ],
  ...[
    'filename=..%2F..%2Fetc',
    'attname=%e2%80%aegpj.exe',
    'filename=a%3b%20x=y',
    'ts=%00',
    'attname=%ff',
  ],
]

/** Values by name; each is sent as it is, or changed. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  Range: [
    ...['bytes=0-0', 'bytes=-1', 'bytes=5-', 'bytes=0-1,5-6', 'bytes=99999999-', 'bytes=1-0'],
    ...[
      'bytes=0-,0-,0-',
      `bytes=${'0-0,'.repeat(200)}`,
      'bytes=-0',
      'items=0-1',
      'bytes=0-1, 3-4,9-',
    ],
  ],
  'If-Range': ['"a"', 'W/"a"', 'Sun, 06 Nov 1994 08:49:37 GMT', 'x', '"'],
  'If-None-Match': ['*', '"a"', 'W/"1"', '"1", "2"', '"'.repeat(99), ', ,"1"'],
  'If-Match': ['*', '"a"', '"1"', ''],
  'If-Modified-Since': [
    'Sun, 06 Nov 1994 08:49:37 GMT',
    'Sun, 06 Nov 2094 08:49:37 GMT',
    '0',
    'now',
  ],
  'If-Unmodified-Since': ['Sun, 06 Nov 1994 08:49:37 GMT', 'Sunday, 06-Nov-94 08:49:37 GMT', '-1'],
  'Content-Length': [
    '0',
    '5',
    '05',
    '+5',
    '-5',
    '5, 5',
    '5,6',
    '99999999999999999999',
    '0x5',
    ' ',
    '5 5',
  ],
  'Transfer-Encoding': [
    'chunked',
    'Chunked',
    'gzip, chunked',
    'chunked, gzip',
    'identity',
    ' chunked',
    'x',
  ],
  Connection: ['close', 'keep-alive', 'Upgrade', 'close, keep-alive', 'Content-Length', 'x'],
  'Keep-Alive': ['timeout=0', 'timeout=-1, max=0'],
  Expect: ['100-continue', '100-Continue', 'x', ''],
  Upgrade: ['h2c', 'websocket', 'TLS/1.0', ''],
  'HTTP2-Settings': ['AAMAAABkAARAAAAAAAIAAAAA'],
  Host: ['a', 'img.example.com', 'a:80', '[::1]', '', 'a b', 'a/b', 'a@b', '\xff', 'A'.repeat(300)],
  'X-Mogilefs-Domain': ['img', 'video', '', '\0', 'a/b', '../..'],
  'X-Dfs-Question': ['5', '0', 'x'],
  'X-Dfs-Fid': ['1', '2', '0', '-1', '99999999999'],
  'X-Dfs-Args': ['attname=\xff', 'filename=a\x01b', 'token=x', '%'],
  'X-Dfs-Token-Checked': ['1', 'true', ''],
  'X-Real-IP': ['1.2.3.4', '::1', 'x', '127.0.0.1, 1.2.3.4'],
  'X-Request-Id': ['an-id-of-a-client', 'a'.repeat(65), '<x>', '\x01'],
  'X-Accel-Redirect': ['/etc/passwd'],
  Origin: ['https://a', 'null', '*'],
  'Proxy-Connection': ['keep-alive'],
  Trailer: ['Host'],
  TE: ['trailers'],
  Content_Length: ['5'],
  'Content-Length ': ['5'],
  ' Host': ['b'],
  '': ['x'],
}
const NAMES = Object.keys(FIELDS)
const BODIES = [
  ...[
    '',
    '',
    '',
    'hello',
    '5\r\nhello\r\n0\r\n\r\n',
    '0\r\n\r\n',
    '0\r\nX: y\r\n\r\n',
    '-1\r\n',
    'ffffffffffffffff\r\n',
  ],
  ...[
    '5;a=b\r\nhello\r\n0\r\n\r\n',
    '5\nhello\n0\n\n',
    '0x5\r\nhello',
    '5 \r\nhello\r\n0\r\n\r\n',
    '\r\n\r\n\r\n',
  ],
]
const MAX_REQUESTS = 4
const MAX_FIELDS = 4

/** What one connection brings: some requests, most of them nearly right. */
export function createConnection(random: Random, targets: readonly string[]): string {
  const requests = Array.from({ length: 1 + random.below(MAX_REQUESTS) }, () =>
    createRequest(random, targets),
  ).join('')
  return random.oneIn(4) ? mutate(random, requests) : requests
}

function createRequest(random: Random, targets: readonly string[]): string {
  const eol = random.oneIn(60) ? random.pick(['\n', '\r', '\n\r']) : '\r\n'
  const fields = random.some(MAX_FIELDS, () => createField(random))
  const host = random.oneIn(20) ? [] : ['Host: a']
  const lines = [createRequestLine(random, targets), ...host, ...fields, '', '']
  return lines.join(eol) + (random.oneIn(3) ? random.pick(BODIES) : '')
}

function createRequestLine(random: Random, targets: readonly string[]): string {
  const method = random.oneIn(3) ? random.pick(METHODS) : 'GET'
  const version = random.oneIn(25) ? random.pick(VERSIONS) : 'HTTP/1.1'
  const path = random.pick(targets)
  const query = random.oneIn(4) ? `?${random.pick(QUERIES)}` : ''
  const target = random.oneIn(3) ? mutate(random, path + query) : path + query
  return `${method} ${target} ${version}`
}

function createField(random: Random): string {
  const name = random.pick(NAMES)
  const value = random.pick(FIELDS[name] ?? [''])
  const colon = random.oneIn(40) ? random.pick([':', ' : ', ':\t', ':\r\n ', '', ':\0']) : ': '
  const changed = random.oneIn(6) ? mutate(random, value) : value
  return `${name}${colon}${random.oneIn(60) ? random.pick(NASTY) : ''}${changed}`
}
