import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { MogilefsUrls, UrlOptions } from '../../src/http/find-ref.ts'
import { readRequestUrl } from '../../src/http/request-url.ts'

const ID = 'M00/00/00/fwAAA2sDFtyAYcJyAAB4AIokZSM648.jpg'
const fastdfs = {
  hasGroupName: true,
  groupName: 'group1',
  isGroup: (name: string) => ['group1', 'both'].includes(name),
}
const mogilefs: MogilefsUrls = {
  domainOfHost: (host) => (host === 'img.example.com' ? 'img' : undefined),
  isDomain: (name) => ['img', 'video', 'both'].includes(name),
  hasLeadingSlash: false,
}

interface Options {
  readonly host?: string
  readonly urls?: UrlOptions
}

/** `fastdfs group filename`, `mogilefs domain key`, `page /path` or `malformed`. */
function show(target: string, { host, urls = { mogilefs } }: Options): string {
  const url = readRequestUrl(target, urls, { host })
  if (url.kind === 'malformed') return 'malformed'
  if (url.kind === 'page') return `page ${url.path}`
  const { ref } = url
  if (ref.system === 'fastdfs') return `fastdfs ${ref.groupName} ${ref.filename}`
  return `mogilefs ${ref.domain} ${ref.key}`
}

function check(cases: readonly (readonly [string, string])[], options: Options = {}): void {
  for (const [target, expected] of cases) {
    it(`${target.slice(0, 60)} is ${expected.slice(0, 60)}`, () => {
      assert.equal(show(target, options), expected)
    })
  }
}

describe('/domain/key', () => {
  check([
    ['/img/test', 'mogilefs img test'],
    ['/video/seller/2026/11/clip.mp4', 'mogilefs video seller/2026/11/clip.mp4'],
    ['/img/a%20b%20c.txt', 'mogilefs img a b c.txt'],
    ['/img/a+b.txt', 'mogilefs img a+b.txt'],
    ['/img/a%2Bb.txt', 'mogilefs img a+b.txt'],
    ['/img/100%25.txt', 'mogilefs img 100%.txt'],
    ['/img/lit%2520eral.txt', 'mogilefs img lit%20eral.txt'],
    ['/img/a%2Fb', 'mogilefs img a/b'],
    ['/img/a%252Fb', 'mogilefs img a%2Fb'],
    ['/img//leading/slash.jpg', 'mogilefs img /leading/slash.jpg'],
    ['/img/double//slash.jpg', 'mogilefs img double//slash.jpg'],
    ['/img/trailing/', 'mogilefs img trailing/'],
    ['/img/trailing%20', 'mogilefs img trailing '],
    ['/img/%E4%B9%B0%E5%AE%B6%E7%A7%80/%E5%9B%BE1.jpg', 'mogilefs img 买家秀/图1.jpg'],
    ['/img/back%5Cslash,comma.txt', 'mogilefs img back\\slash,comma.txt'],
    ['/img/q%3Fx=1&y%3D2%23f.txt', 'mogilefs img q?x=1&y=2#f.txt'],
    ['/img/q?x=1', 'mogilefs img q'],
    ['/img/c:d:e.txt', 'mogilefs img c:d:e.txt'],
    ['/%69mg/test', 'mogilefs img test'],
    [`/group1/${ID}`, `mogilefs group1 ${ID}`],
    ['/', 'page /'],
    ['/img', 'page /img'],
    ['/img/', 'page /img/'],
    ['//img/test', 'page //img/test'],
    ['/img/back\\slash', 'malformed'],
    ['/img%5Cx', 'malformed'],
    ['/img/../x', 'malformed'],
    ['/img/x/%2e%2e/y', 'malformed'],
    ['/img/te%00st', 'malformed'],
    ['/img/%FF%FE', 'malformed'],
  ])

  it('takes keys of 255 characters and no longer ones', () => {
    const key = encodeURIComponent('😀图k'.repeat(85))
    assert.equal(show(`/img/${key}`, {}), `mogilefs img ${'😀图k'.repeat(85)}`)
    assert.equal(show(`/img/${key}x`, {}), 'malformed')
  })
})

describe('keys with a leading slash', () => {
  check(
    [
      ['/img/a.jpg', 'mogilefs img /a.jpg'],
      ['/img//a.jpg', 'mogilefs img //a.jpg'],
      [`/img/${'k'.repeat(254)}`, `mogilefs img /${'k'.repeat(254)}`],
      [`/img/${'k'.repeat(255)}`, 'malformed'],
    ],
    { urls: { mogilefs: { ...mogilefs, hasLeadingSlash: true } } },
  )
})

describe('a host name that stands for a domain', () => {
  const urls = { fastdfs, mogilefs }
  for (const host of ['img.example.com', 'IMG.example.com:8080', 'img.example.com:']) {
    check([['/seller/a.jpg', 'mogilefs img seller/a.jpg']], { urls, host })
  }
  check(
    [
      ['//a.jpg', 'mogilefs img /a.jpg'],
      [`/group1/${ID}`, `mogilefs img group1/${ID}`],
      ['/', 'page /'],
      ['http://other.example.com/video/a.mp4', 'mogilefs video a.mp4'],
    ],
    { urls, host: 'img.example.com' },
  )
  check(
    [
      ['http://img.example.com/a.jpg', 'mogilefs img a.jpg'],
      ['/img/a.jpg', 'mogilefs img a.jpg'],
    ],
    { urls, host: 'other.example.com' },
  )
})

describe('both systems', () => {
  check(
    [
      [`/group1/${ID}`, `fastdfs group1 ${ID}`],
      // Nobody has heard of it: what has the shape of FastDFS is FastDFS.
      [`/group7/${ID}`, `fastdfs group7 ${ID}`],
      [`/img/${ID}`, `mogilefs img ${ID}`],
      [`/both/${ID}`, `fastdfs both ${ID}`],
      ['/group1/M00/00/00/short.jpg', 'malformed'],
      ['/img/M00/short.jpg', 'mogilefs img M00/short.jpg'],
      ['/img/test', 'mogilefs img test'],
      ['/favicon.ico', 'page /favicon.ico'],
    ],
    { urls: { fastdfs, mogilefs } },
  )
})
