import { parseHostPort } from '../../../src/config/host-port.ts'
import { clientOf } from '../../../src/http/admission.ts'
import { Callers } from '../../../src/http/caller.ts'
import { formatDisposition } from '../../../src/http/disposition.ts'
import { parseEntityTags } from '../../../src/http/entity-tag.ts'
import { parseHttpDate } from '../../../src/http/http-date.ts'
import { findMessageFault } from '../../../src/http/message-fault.ts'
import { readParseError } from '../../../src/http/parse-error.ts'
import { parseQuery } from '../../../src/http/query.ts'
import { selectRanges } from '../../../src/http/range.ts'
import { readRequestUrl } from '../../../src/http/request-url.ts'
import { parseFileId, splitFileId } from '../../../src/wire/fastdfs/file-id.ts'
import { decodeArguments } from '../../../src/wire/mogilefs/arguments.ts'
import { parseFidUrl } from '../../../src/wire/mogilefs/fid-path.ts'
import { decodeAnswer, decodeRequest } from '../../../src/wire/mogilefs/line.ts'
import { valueOrProtocolError } from '../../support/protocol-error.ts'
import { bytesOf } from '../mutate.ts'
import { NASTY } from '../nasty.ts'
import type { Random } from '../random.ts'
import type { FuzzTarget } from '../target.ts'

/** As long as a header section may be. */
const MAX_CHARS = 32_768
const callers = new Callers({ proxies: ['127.0.0.1'] })
const peer = { address: '127.0.0.1', isTrusted: true }
const urls = {
  fastdfs: { hasGroupName: true, groupName: 'g', isGroup: () => true },
  mogilefs: { domainOfHost: () => undefined, isDomain: () => true, hasLeadingSlash: false },
}

const PARSERS: Readonly<Record<string, (text: string) => unknown>> = {
  range: (text) => selectRanges(text, { size: 1000, isMultiRangeEnabled: true }),
  tags: parseEntityTags,
  date: (text) => parseHttpDate(text, 0),
  url: (target) => readRequestUrl(target, urls),
  query: parseQuery,
  fileId: (text) => splitFileId(text) && parseFileId({ groupName: 'g', filename: text }),
  host: (host) => findMessageFault({ httpVersion: '1.1', target: '/', headers: { host } }, 9),
  coding: (text) =>
    findMessageFault(
      { httpVersion: '1.0', target: '/', headers: { 'transfer-encoding': text } },
      9,
    ),
  caller: (text) =>
    callers.of({ 'x-real-ip': text, 'x-request-id': text, 'x-dfs-fid': text }, peer),
  client: clientOf,
  unread: (text) =>
    readParseError(
      Object.assign(new Error('unread'), { code: 'HPE_INVALID_METHOD', rawPacket: bytesOf(text) }),
    ),
  disposition: (text) => formatDisposition(text.slice(0, 255)),
  answer: (line) => valueOrProtocolError(() => decodeAnswer(line)),
  question: decodeRequest,
  arguments: decodeArguments,
  fidUrl: parseFidUrl,
  hostPort: parseHostPort,
}
const NAMES = Object.keys(PARSERS)
const STARTS = [
  ...[
    'bytes=',
    '"',
    'W/"',
    '/',
    'http://',
    'http://a:1/dev1/',
    'Sun, ',
    '/g/M00/00/00/',
    'OK ',
    'ERR ',
  ],
  ...['GET ', 'GET / ', 'get_paths ', '::', '[', 'gzip,', 'filename=', '!', 'a=', ''],
]
const PUMPS = [
  ...[
    ' ',
    '\t',
    ',',
    ' ,',
    '0-0,',
    '0-',
    '""',
    '"",',
    'a',
    'a.',
    '/',
    '//',
    'a/',
    '%20',
    '%',
    '%2',
    '&',
  ],
  ...[
    '=',
    'a=b&',
    '+',
    ':',
    '0:',
    '.',
    '-',
    'A',
    '_',
    '\\',
    '\n',
    '\r\n',
    '\0',
    '\xff',
    '!',
    'M00/',
    '1',
  ],
]

/** Long texts of one thing over and over: no parser takes more than its length's time. */
export const LONG_TEXTS: FuzzTarget = {
  name: 'long texts, for every parser with a pattern',
  cases: { short: 1500, long: 25_000 },
  maxMs: 250,
  open: () => ({ generate, check }),
}

function generate(random: Random): string {
  const pumps = [random.pick(PUMPS), random.oneIn(3) ? random.pick(PUMPS) : '']
  const pump = pumps.join('')
  const length = random.oneIn(3) ? MAX_CHARS : random.below(MAX_CHARS)
  const text = random.pick(STARTS) + pump.repeat(Math.ceil(length / pump.length))
  return `${random.pick(NAMES)} ${text}${random.oneIn(2) ? random.pick(NASTY) : ''}`
}

function check(text: string): void {
  const blank = text.indexOf(' ')
  PARSERS[text.slice(0, blank)]?.(text.slice(blank + 1))
}
