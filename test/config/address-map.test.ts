import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brief, confOf, readText } from './conf-folder.ts'

test('addresses with and without ports, IPv6 in brackets', (t) => {
  const text = `[address_map]
10.0.0.5:23000 = 127.0.0.1:33000
10.0.0.6 = storage1.local
10.0.0.7 = [2001:db8::7]:1
[2001:db8::8]:23000 = 10.0.0.8
2001:db8::9 = [2001:db8::a]`
  assert.deepEqual(confOf(readText(t, text)).addressMap, [
    { from: { host: '10.0.0.5', port: 23000 }, to: { host: '127.0.0.1', port: 33000 } },
    { from: { host: '10.0.0.6' }, to: { host: 'storage1.local' } },
    { from: { host: '10.0.0.7' }, to: { host: '2001:db8::7', port: 1 } },
    { from: { host: '2001:db8::8', port: 23000 }, to: { host: '10.0.0.8' } },
    { from: { host: '2001:db8::9' }, to: { host: '2001:db8::a' } },
  ])
})

test('what is no address is a fault', (t) => {
  const text = '[address_map]\n10.0.0.300 = a\na = 10.0.0.1:0\na = b,c\nb =\na b = c'
  const form = 'is not host or host:port (an IPv6 address in brackets)'
  assert.deepEqual(brief(readText(t, text).faults), [
    `3: "10.0.0.300" ${form}`,
    `4: "10.0.0.1:0" ${form}`,
    `5: "b,c" ${form}`,
    `6: "" ${form}`,
    `7: "a b" ${form}`,
  ])
})

test('an address is mapped once, with a port and without one are two', (t) => {
  const { faults } = readText(t, '[address_map]\nA:1 = b\na = c\na:1 = d')
  assert.match(brief(faults).join(), /^5: a:1 is already mapped in .*edge\.conf:3$/)
})
