import assert from 'node:assert/strict'
import type { UrlOptions } from '../../../src/http/find-ref.ts'
import { parseQuery, type Query } from '../../../src/http/query.ts'
import { type RequestUrl, readPathPrefix, readRequestUrl } from '../../../src/http/request-url.ts'
import type { Ref } from '../../../src/resolver/resolver.ts'
import { parseFileId } from '../../../src/wire/fastdfs/file-id.ts'
import { FILE_IDS } from '../corpus.ts'
import { mutate } from '../mutate.ts'
import { NASTY_TEXT } from '../nasty.ts'
import type { Random } from '../random.ts'
import type { FuzzTarget } from '../target.ts'

const MOGILEFS = {
  domainOfHost: (host: string) => (host === 'img.example.com' ? 'img' : undefined),
  isDomain: (name: string) => name === 'img',
  hasLeadingSlash: false,
}
const WITH_GROUP = {
  hasGroupName: true,
  groupName: 'group1',
  isGroup: (name: string) => /^g/.test(name),
}

const CLUSTERS: readonly UrlOptions[] = [
  { fastdfs: WITH_GROUP, mogilefs: MOGILEFS },
  { fastdfs: { ...WITH_GROUP, hasGroupName: false } },
  { mogilefs: { ...MOGILEFS, hasLeadingSlash: true } },
]
const HOSTS = ['', 'img.example.com', 'IMG.example.com:80', 'a']

const PATHS = [
  ...FILE_IDS.map((id) => `/${id}`),
  ...FILE_IDS.slice(0, 3).map((id) => `/${id.slice(id.indexOf('/') + 1)}`),
  ...['/img/a/b.jpg', '/img//a', '/img/%E5%9B%BE.jpg', '/', '*', '/favicon.ico', '/img/a b+c'],
  ...['http://a/img/x', 'HTTPS://img.example.com/x?y', 'http://a', 'http://u@a/x', '//a/x'],
]
const QUERIES = [
  '',
  '?',
  '?token=a&ts=1',
  '?filename=a.jpg',
  '?attname=%E5%9B%BE',
  '?start=1&end=2',
]

const DOT_SEGMENT = /(?:^|\/)\.{1,2}(?:\/|$)/
const MAX_KEY_CHARS = 255

/** What a URL names: no place that its system forbids, and the same when it is written out again. */
export const REQUEST_URLS: FuzzTarget = {
  name: 'request URLs',
  cases: { short: 12_000, long: 400_000 },
  maxMs: 250,
  open: () => ({ generate, check }),
}

function generate(random: Random): string {
  const target = random.pick(PATHS) + random.pick(QUERIES)
  return random.oneIn(20) ? target : mutate(random, target, NASTY_TEXT)
}

function check(target: string): void {
  for (const [index, options] of CLUSTERS.entries()) {
    const host = HOSTS[(target.length + index) % HOSTS.length]
    const url = readRequestUrl(target, options, { host })
    if (url.kind === 'file') checkFile(url, host, options)
    if (url.kind === 'page') checkPath(url.path)
  }
  checkQuery(parseQuery(target))
  const prefix = readPathPrefix(target)
  if (prefix !== undefined) checkPath(prefix.path)
}

function checkFile(
  { ref, query }: Extract<RequestUrl, { kind: 'file' }>,
  host: string | undefined,
  options: UrlOptions,
): void {
  checkRef(ref)
  checkQuery(query)
  if (ref.system === 'mogilefs' && host?.startsWith('img')) return
  const again = readRequestUrl(pathOf(ref, options), options, { host: '' })
  assert.ok(again.kind === 'file', 'its canonical URL is no file')
  assert.deepEqual(again.ref, ref)
}

function checkRef(ref: Ref): void {
  if (ref.system === 'fastdfs') {
    checkPath(ref.filename)
    assert.ok(parseFileId(ref), 'no file id')
    assert.doesNotMatch(ref.filename, /\\/)
    assert.match(ref.groupName, /^[\w.-]{1,16}$/)
    return
  }
  checkPath(ref.key)
  assert.ok(ref.key !== '' && Array.from(ref.key).length <= MAX_KEY_CHARS, 'a key of bad length')
}

function checkPath(path: string): void {
  assert.doesNotMatch(path, DOT_SEGMENT)
  assert.doesNotMatch(path, /[^\P{Cc}\x80-\x9f]/u)
}

function checkQuery(query: Query | undefined): void {
  for (const value of Object.values(query ?? {})) {
    assert.ok(Buffer.byteLength(value) <= MAX_KEY_CHARS, 'a long argument')
  }
}

/** The group may be named even where it need not be. */
function pathOf(ref: Ref, { mogilefs }: UrlOptions): string {
  if (ref.system === 'fastdfs') return encode(`/${ref.groupName}/${ref.filename}`)
  return encode(`/${ref.domain}/${mogilefs?.hasLeadingSlash ? ref.key.slice(1) : ref.key}`)
}

function encode(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/')
}
