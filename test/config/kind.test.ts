import assert from 'node:assert/strict'
import { availableParallelism } from 'node:os'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  alternatives,
  boolean,
  bytes,
  hostPort,
  integer,
  type Kind,
  matching,
  origin,
  processes,
  seconds,
  slashList,
} from '../../src/config/kind.ts'

function refuses(kind: Kind<unknown>, texts: readonly string[]): void {
  for (const text of texts) assert.equal(kind.parse(text), undefined, JSON.stringify(text))
}

test('numbers are whole, within bounds, and nothing follows them', () => {
  const kind = seconds(1, 300)
  assert.deepEqual(['1', '300', '030'].map(kind.parse), [1, 300, 30])
  refuses(kind, ['', '0', '301', '12x', '1.5', '-1', '+1', '0x10', '1e2', '１２', '9'.repeat(30)])
})

test('sizes take the units of FastDFS', () => {
  const kind = bytes(0, 1024 ** 3)
  const texts = ['0', '512', '512B', '16KB', '16 k', '1m', '1MB', '1GB']
  const sizes = [0, 512, 512, 16384, 16384, 1048576, 1048576, 1073741824]
  assert.deepEqual(texts.map(kind.parse), sizes)
  refuses(kind, ['', 'KB', '1TB', '2GB', '1.5MB', '-1', '1MBx', '1 M B', '9'.repeat(30)])
})

test('booleans are the words of FastDFS in any case, and no others', () => {
  assert.deepEqual(['yes', 'TRUE', 'On', '1'].map(boolean().parse), [true, true, true, true])
  assert.deepEqual(['no', 'False', 'OFF', '0'].map(boolean().parse), [false, false, false, false])
  refuses(boolean(), ['', 'y', '2', 'truee', 'enabled'])
})

test('a host with a port, by name or address', () => {
  const texts = ['127.0.0.1:80', 'edge_1.example-a.com:8090', '[::1]:80', '[fe80::1%eth0]:80']
  assert.deepEqual(texts.map(hostPort().parse), [
    { host: '127.0.0.1', port: 80 },
    { host: 'edge_1.example-a.com', port: 8090 },
    { host: '::1', port: 80 },
    { host: 'fe80::1%eth0', port: 80 },
  ])
  const wrong = ['', '8090', '127.0.0.1', ':80', 'a:', 'a:0', 'a:65536', 'a:b', '10.0.0.256:80']
  refuses(hostPort(), [
    ...wrong,
    '::1:80x',
    '[::1]80',
    '[::1:80',
    '*:80',
    'a b:80',
    'a,b:80',
    'http://a:80',
  ])
})

test('a tracker may have several addresses and no port', () => {
  const kind = alternatives(22122)
  const port = 22122
  assert.deepEqual(kind.parse('tracker'), [{ host: 'tracker', port }])
  assert.deepEqual(kind.parse('10.0.0.1, 1.2.3.4:9'), [
    { host: '10.0.0.1', port: 9 },
    { host: '1.2.3.4', port: 9 },
  ])
  assert.deepEqual(kind.parse('2409::1'), [{ host: '2409::1', port }])
  assert.deepEqual(kind.parse('[2409::1,fe80::2]:7'), [
    { host: '2409::1', port: 7 },
    { host: 'fe80::2', port: 7 },
  ])
  refuses(kind, ['', ',', 'a,,b', 'a,b,c,d,e', '10.0.0.1:22122:1', '10.0.0.1 10.0.0.2'])
})

test('an origin is what a browser sends', () => {
  const texts = [
    '*',
    '',
    'https://Shop.example',
    'http://a:8080',
    'https://a:443',
    'capacitor://App',
  ]
  const origins = ['*', '', 'https://shop.example', 'http://a:8080', 'https://a', 'capacitor://app']
  assert.deepEqual(texts.map(origin().parse), origins)
  refuses(origin(), [
    'shop.example',
    'https://a/',
    'https://a/b',
    'https://*.a',
    'https://u@a',
    'null',
  ])
})

test('a number of processes is one for each core, or a number', () => {
  const { parse } = processes(64)
  assert.equal(parse('auto'), Math.min(64, availableParallelism()))
  assert.equal(parse('AUTO'), parse('auto'))
  assert.deepEqual(['1', '64', '0', '65', '', 'many'].map(parse), [
    1,
    64,
    ...Array(4).fill(undefined),
  ])
})

test('a list has no empty and no wrong items', () => {
  const kind = slashList(matching(/^[a-z]+$/, 'string', 'a word'))
  assert.deepEqual(kind.parse('a / b'), ['a', 'b'])
  refuses(kind, ['', '/', 'a/', 'a//b', 'a/1'])
})

test('no kind throws, whatever it is given', () => {
  const kinds = [integer(0, 9), bytes(0, 9), boolean(), hostPort(), alternatives(1), origin()]
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.constantFrom(...kinds), (text, kind) => {
      kind.parse(text)
    }),
  )
})
