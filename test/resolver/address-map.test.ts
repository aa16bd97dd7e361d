import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AddressMap } from '../../src/resolver/address-map.ts'

const map = new AddressMap([
  { from: { host: '10.0.0.5', port: 23000 }, to: { host: '127.0.0.1', port: 33000 } },
  { from: { host: '10.0.0.5' }, to: { host: 'storage1.local' } },
  { from: { host: '10.0.0.6' }, to: { host: '127.0.0.9', port: 1 } },
])

test('an address with its port goes before the whole host', () => {
  assert.deepEqual(map.reachable({ host: '10.0.0.5', port: 23000 }), {
    host: '127.0.0.1',
    port: 33000,
  })
})

test('a mapping without a port keeps the port', () => {
  assert.deepEqual(map.reachable({ host: '10.0.0.5', port: 23001 }), {
    host: 'storage1.local',
    port: 23001,
  })
})

test('a mapping of a host to an address with a port', () => {
  assert.deepEqual(map.reachable({ host: '10.0.0.6', port: 5 }), { host: '127.0.0.9', port: 1 })
})

test('what is not mapped stays', () => {
  assert.deepEqual(map.reachable({ host: '10.0.0.7', port: 5 }), { host: '10.0.0.7', port: 5 })
})
