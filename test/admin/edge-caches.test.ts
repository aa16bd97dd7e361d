import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EdgeCaches } from '../../src/admin/edge-caches.ts'
import type { UrlOptions } from '../../src/http/find-ref.ts'
import { formatRef, type Ref, type RefPrefix } from '../../src/resolver/resolver.ts'
import type { Purged } from '../../src/transfer/file-transfer.ts'

const NAME = '00/00/fwAAA2sDFtyAYcJyAAB4AIokZSM648.jpg'

const BOTH: UrlOptions = {
  fastdfs: { hasGroupName: true, groupName: '', isGroup: (name) => name === 'group1' },
  mogilefs: {
    domainOfHost: (host) => (host === 'img.example.com' ? 'img' : undefined),
    isDomain: (name) => name === 'img',
    hasLeadingSlash: false,
  },
}

function setUp(urls: UrlOptions, known: Partial<Purged> = {}) {
  const forgotten: string[] = []
  const purged: Purged = { refs: [], objects: 0, contents: [], ...known }
  const transfer = {
    forget: (ref: Ref) => {
      forgotten.push(formatRef(ref))
      const key = formatRef(ref)
      return ref.system === 'fastdfs' ? { ...purged, contents: [{ key, size: 30_720 }] } : purged
    },
    forgetPrefix: ({ system, prefix }: RefPrefix) => {
      forgotten.push(`${system} ${prefix}*`)
      return purged
    },
  }
  return { forgotten, caches: new EdgeCaches({ urls, transfer }) }
}

const keysOf = (caches: EdgeCaches, text: string): readonly string[] | undefined => {
  const target = text.endsWith('*')
    ? ({ kind: 'prefix', prefix: text.slice(0, -1) } as const)
    : ({ kind: 'url', url: text } as const)
  const { nginx } = caches.purge(target) ?? {}
  return nginx && [...nginx.contents.map(({ key }) => key), ...nginx.prefixes.map((it) => `${it}*`)]
}

test('a URL of FastDFS is its path, with its size', () => {
  const { caches, forgotten } = setUp(BOTH)
  const purged = caches.purge({
    kind: 'url',
    url: `https://cdn.example.com/group1/M00/${NAME}?v=1`,
  })
  const key = `fastdfs /group1/M00/${NAME}`
  assert.deepEqual(purged?.nginx, { contents: [{ key, size: 30_720 }], prefixes: [] })
  assert.deepEqual(forgotten, [`/group1/M00/${NAME}`])
})

test('the number of a store path is purged in both spellings', () => {
  const { caches, forgotten } = setUp(BOTH)
  const both = [`/group1/M0a/${NAME}`, `/group1/M0A/${NAME}`]
  assert.deepEqual(
    keysOf(caches, both[0] ?? ''),
    both.map((path) => `fastdfs ${path}`),
  )
  assert.deepEqual(forgotten, both)
})

test('where URLs leave out the group, so may those in the cache', () => {
  const fastdfs = { hasGroupName: false, groupName: 'group1', isGroup: () => true }
  const { caches, forgotten } = setUp({ fastdfs })
  const both = [`fastdfs /group1/M00/${NAME}`, `fastdfs /M00/${NAME}`]
  assert.deepEqual(keysOf(caches, `/M00/${NAME}`), both)
  assert.deepEqual(keysOf(caches, `/group1/M00/${NAME}`), both)
  assert.deepEqual(keysOf(caches, '/M00/1A/*'), ['fastdfs /M00/1A/*', 'fastdfs /group1/M00/1A/*'])
  assert.deepEqual(keysOf(caches, '/group1/M00/*'), ['fastdfs /group1/M00/*', 'fastdfs /M00/*'])
  assert.deepEqual(forgotten.slice(2), [
    'fastdfs /M00/1A/*',
    'fastdfs /group1/M00/1A/*',
    'fastdfs /group1/M00/*',
  ])
})

test('a key of MogileFS is itself, its spellings, and the content that it named', () => {
  const { caches, forgotten } = setUp(BOTH, {
    refs: ['/img/a b.jpg', '/img/A B.jpg'],
    objects: 1,
    contents: [{ key: 'fid 3', size: null }],
  })
  const purged = caches.purge({ kind: 'url', url: '/img/a%20b.jpg' })
  assert.deepEqual(purged, {
    locations: 2,
    objects: 1,
    nginx: {
      contents: [
        { key: 'mogilefs key /img/a b.jpg', size: 0 },
        { key: 'mogilefs key /img/A B.jpg', size: 0 },
        { key: 'mogilefs fid 3', size: null },
      ],
      prefixes: [],
    },
  })
  assert.deepEqual(forgotten, ['/img/a b.jpg'])
})

test('a host name that stands for a domain makes the path a key', () => {
  const { caches, forgotten } = setUp(BOTH)
  assert.deepEqual(keysOf(caches, 'http://img.example.com/seller/1.jpg'), [
    'mogilefs key /img/seller/1.jpg',
  ])
  assert.deepEqual(keysOf(caches, 'http://img.example.com/seller/*'), [
    'mogilefs key /img/seller/*',
  ])
  assert.deepEqual(forgotten, ['/img/seller/1.jpg', 'mogilefs /img/seller/*'])
})

test('a prefix is one of both systems, and reaches other spellings through their content', () => {
  const { caches, forgotten } = setUp(BOTH, {
    refs: ['/img/seller/1', '/IMG/seller/1'],
    contents: [{ key: 'fid 3', size: 10 }],
  })
  assert.deepEqual(keysOf(caches, '/img/%73eller/*'), [
    'mogilefs key /IMG/seller/1',
    'mogilefs fid 3',
    'fastdfs /img/seller/*',
    'mogilefs key /img/seller/*',
  ])
  assert.deepEqual(forgotten, ['fastdfs /img/seller/*', 'mogilefs /img/seller/*'])
})

test('keys that begin with a slash are found below their domain', () => {
  const { caches, forgotten } = setUp({
    mogilefs: { domainOfHost: () => undefined, isDomain: () => true, hasLeadingSlash: true },
  })
  keysOf(caches, '/img/*')
  keysOf(caches, '/img/seller/*')
  keysOf(caches, '/im*')
  assert.deepEqual(forgotten, ['mogilefs /img/*', 'mogilefs /img//seller/*', 'mogilefs /im*'])
})

test('what is no URL of a file means nothing', () => {
  const { caches, forgotten } = setUp(BOTH)
  for (const text of [
    '',
    'img/a',
    '/',
    '/img',
    '/img/%zz',
    '/img/../a',
    '/img/a#b',
    'ftp://a/b/c',
  ]) {
    assert.equal(keysOf(caches, text), undefined, text)
  }
  for (const text of ['*', 'img/*', '/img/%E4%*', '/img/../*', '/img/a?b*', '/img/a#*']) {
    assert.equal(keysOf(caches, text), undefined, text)
  }
  assert.deepEqual(forgotten, [])
})
