import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { readEdgeConf } from '../../src/config/index.ts'
import { confFolder, confOf } from './conf-folder.ts'

const read = (t: Parameters<typeof confFolder>[0], text: string) =>
  readEdgeConf(join(confFolder(t, { 'edge.conf': `tracker_server = a\n${text}\n` }), 'edge.conf'))

test('proxies are trusted by address and network, and only those that are named', (t) => {
  assert.deepEqual(confOf(read(t, '')).trustedProxies, ['127.0.0.1', '::1'])
  const conf = confOf(read(t, 'trusted_proxy = 10.0.0.0/8\ntrusted_proxy = 2001:db8::/32'))
  assert.deepEqual(conf.trustedProxies, ['10.0.0.0/8', '2001:db8::/32'])
})

test('what is no address or network is a fault', (t) => {
  for (const text of ['localhost', '10.0.0.0/33', '::1/129', '10.0.0.0/', '10.0.0/8', '/8', '']) {
    const { faults } = read(t, `trusted_proxy = ${text}`)
    assert.match(faults[0]?.message ?? '', /is not an IP address or a network/, text)
  }
})

test('where nginx keeps what it fetched, and in which sizes', (t) => {
  const { nginx } = confOf(
    read(t, 'nginx_cache_path = /srv/a b\nnginx_cache_size = 2GB\nnginx_slice_size = 4MB'),
  )
  assert.deepEqual(nginx, {
    cachePath: '/srv/a b',
    cacheBytes: 2 * 1024 ** 3,
    sliceBytes: 4 * 1024 ** 2,
  })
})

test('a cache path that an nginx.conf could not hold is a fault', (t) => {
  for (const path of ['relative', '/a"b', '/a$b', '/a\\b', '/']) {
    assert.match(read(t, `nginx_cache_path = ${path}`).faults[0]?.message ?? '', /absolute path/)
  }
})
