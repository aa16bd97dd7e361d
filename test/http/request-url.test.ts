import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { readRequestUrl } from '../../src/http/request-url.ts'

const NAME = 'M00/00/00/fwAAA2sDFtyAYcJyAAB4AIokZSM648.jpg'
const isGroup = (name: string): boolean => name.startsWith('group')
const WITH_GROUP = { fastdfs: { hasGroupName: true, groupName: 'group1', isGroup } }
const WITHOUT_GROUP = { fastdfs: { hasGroupName: false, groupName: 'group9', isGroup } }

/** `group name`, `page /path` or `malformed`. */
function show(target: string, options = WITH_GROUP): string {
  const url = readRequestUrl(target, options)
  if (url.kind === 'page') return `page ${url.path}`
  if (url.kind === 'malformed') return 'malformed'
  assert.equal(url.ref.system, 'fastdfs')
  return `${url.ref.groupName} ${url.ref.filename}`
}

function check(cases: readonly (readonly [string, string])[], options = WITH_GROUP): void {
  for (const [target, expected] of cases) {
    it(`${target.slice(0, 90)} is ${expected}`, () => assert.equal(show(target, options), expected))
  }
}

describe('a request-target', () => {
  check([
    [`/group1/${NAME}`, `group1 ${NAME}`],
    [`/a.b-c_1/${NAME}`, `a.b-c_1 ${NAME}`],
    [`/group1/${NAME}?x=1&y`, `group1 ${NAME}`],
    [`/group1/${NAME}?`, `group1 ${NAME}`],
    [`http://img.example/group1/${NAME}`, `group1 ${NAME}`],
    [`HTTPS://img.example:8443/group1/${NAME}?a=b`, `group1 ${NAME}`],
    [`http://[::1]:80/group1/${NAME}`, `group1 ${NAME}`],
    ['http://img.example', 'page /'],
    ['http://img.example?x', 'page /'],
    ['/', 'page /'],
    ['/favicon.ico', 'page /favicon.ico'],
    ['/M00/00/00/x', 'page /M00/00/00/x'],
    ['/group1', 'page /group1'],
    ['/group1/Mzz/00/00/x', 'page /group1/Mzz/00/00/x'],
    ['//', 'page //'],
    ['/a//b', 'page /a//b'],
    ['/...', 'page /...'],
    ['/%E4%B8%AD', 'page /中'],
  ])
})

describe('percent-encoding in a path', () => {
  check([
    [`/gr%6Fup1/${NAME}`, `group1 ${NAME}`],
    [`/group1%2F${NAME}`, `group1 ${NAME}`],
    [`/group1/${NAME.replace('.', '%2E')}`, `group1 ${NAME}`],
    // Decoded once only
    [`/gr%256Fup1/${NAME}`, 'malformed'],
    ['/%252e%252e/x', 'page /%2e%2e/x'],
    ['/%', 'malformed'],
    ['/%4', 'malformed'],
    ['/%zz', 'malformed'],
    ['/%FF', 'malformed'],
    ['/%C0%AF', 'malformed'],
    ['/%C0%AE%C0%AE/x', 'malformed'],
    ['/%ED%A0%80', 'malformed'],
    ['/\ud800', 'malformed'],
    ['/gr%2f\udc00', 'malformed'],
    ['/a%00b', 'malformed'],
    ['/a%0D%0Ab', 'malformed'],
    ['/a%7Fb', 'malformed'],
    ['/a%5Cb', 'malformed'],
    ['/a\\b', 'malformed'],
  ])
})

describe('a path that leads elsewhere', () => {
  check([
    ['/.', 'malformed'],
    ['/..', 'malformed'],
    ['/./x', 'malformed'],
    ['/../x', 'malformed'],
    ['/a/../../etc/passwd', 'malformed'],
    ['/a/..', 'malformed'],
    ['/%2e%2e/x', 'malformed'],
    ['/a/%2E./x', 'malformed'],
    ['/a%2f..%2fb', 'malformed'],
    [`/group1/M00/../${NAME}`, 'malformed'],
    [`/group1/./${NAME}`, 'malformed'],
  ])
})

describe('a malformed id', () => {
  check([
    [`//group1/${NAME}`, 'malformed'],
    [`/group1//${NAME}`, 'malformed'],
    [`/group1/${NAME.replace('/00/', '//00/')}`, 'malformed'],
    [`/group1/${NAME}/`, 'malformed'],
    [`/group1/${NAME}/x`, 'malformed'],
    [`/group1/${NAME.replace('/00/00/', '/0/0/')}`, 'malformed'],
    [`/group1/${NAME.replace('/00/00/', '/aa/bb/')}`, 'malformed'],
    ['/group1/M00/00/00/short.jpg', 'malformed'],
    ['/group1/M00/', 'malformed'],
    [`/a-group-name-of-17/${NAME}`, 'malformed'],
    [`/gr oup/${NAME}`.replace(' ', '%20'), 'malformed'],
    [`/group1/${NAME}${'x'.repeat(100)}`, 'malformed'],
  ])
})

describe('a target of another form', () => {
  check([
    ['*', 'malformed'],
    ['', 'malformed'],
    ['img.example:80', 'malformed'],
    ['ftp://img.example/x', 'malformed'],
    ['http:///x', 'malformed'],
    ['http://', 'malformed'],
    ['http://user@img.example/x', 'malformed'],
    ['http://img.example\\@evil/x', 'malformed'],
    ['/x#fragment', 'malformed'],
    ['/x?a#b', 'malformed'],
    ['http://img.example#x', 'malformed'],
  ])
})

describe('a path without a group', () => {
  check(
    [
      [`/${NAME}`, `group9 ${NAME}`],
      [`/group1/${NAME}`, `group1 ${NAME}`],
      [`//${NAME}`, 'malformed'],
      ['/M00/00/00/x', 'malformed'],
      ['/', 'page /'],
    ],
    WITHOUT_GROUP,
  )
})

describe('a query', () => {
  const target = `/group1/${NAME}`
  const queries: readonly (readonly [string, object | 'malformed'])[] = [
    ['', {}],
    ['token=t&ts=1', { token: 't', ts: '1' }],
    ['ts=1&ts=2', { ts: '1' }],
    ['filename=%E4%B8%AD+a%2Bb', { filename: '中 a+b' }],
    ['attname', { attname: '' }],
    ['start=1&end=2&other=%', { start: '1', end: '2' }],
    ['a=b=c&filename=x=y', { filename: 'x=y' }],
    ['__proto__=x&constructor=y&toString=z', {}],
    ['filename=%', 'malformed'],
    ['filename=%FF', 'malformed'],
    ['token=%zz', 'malformed'],
    [`filename=${'x'.repeat(255)}`, { filename: 'x'.repeat(255) }],
    [`filename=${'x'.repeat(256)}`, 'malformed'],
    [`filename=${'%E4%B8%AD'.repeat(86)}`, 'malformed'],
  ]
  for (const [query, expected] of queries) {
    it(`${query.slice(0, 60)} is read`, () => {
      const url = readRequestUrl(`${target}?${query}`, WITH_GROUP)
      assert.deepEqual(url.kind === 'file' ? { ...url.query } : url.kind, expected)
    })
  }
})

describe('any target', () => {
  it('is read without a throw, and a file has no dot segments', () => {
    const piece = fc.constantFrom('/', '..', '.', '%2e', '%2F', '\\', '?', '#', 'M00', '00', NAME)
    const target = fc.oneof(
      fc.string(),
      fc.array(piece).map((pieces) => `/${pieces.join('')}`),
    )
    fc.assert(
      fc.property(target, (text) => {
        for (const options of [WITH_GROUP, WITHOUT_GROUP]) {
          const url = readRequestUrl(text, options)
          const path = url.kind === 'page' ? url.path : ''
          assert.doesNotMatch(path, /(^|\/)\.\.?(\/|$)/)
          if (url.kind === 'file') assert.match(JSON.stringify(url.ref), /M00\/00\/00\/fwAAA2/)
        }
      }),
    )
  })
})
