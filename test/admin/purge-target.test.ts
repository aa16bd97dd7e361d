import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parsePurgeTarget, readPurgeTarget } from '../../src/admin/purge-target.ts'

test('what ends with * is a prefix, all else a URL', () => {
  assert.deepEqual(parsePurgeTarget('/img/seller/*'), { kind: 'prefix', prefix: '/img/seller/' })
  assert.deepEqual(parsePurgeTarget('/img/sel*'), { kind: 'prefix', prefix: '/img/sel' })
  assert.deepEqual(parsePurgeTarget('http://a/b.jpg'), { kind: 'url', url: 'http://a/b.jpg' })
})

test('a body names one target', () => {
  assert.deepEqual(readPurgeTarget({ url: '/a/b' }), { kind: 'url', url: '/a/b' })
  assert.deepEqual(readPurgeTarget({ prefix: '/a/*' }), { kind: 'prefix', prefix: '/a/' })
  for (const body of [
    undefined,
    null,
    'text',
    [],
    {},
    { url: 1 },
    { path: '/a' },
    { url: '/a', prefix: '/b' },
    { url: `/${'a'.repeat(8192)}` },
  ]) {
    assert.equal(readPurgeTarget(body), undefined, JSON.stringify(body)?.slice(0, 50))
  }
})
