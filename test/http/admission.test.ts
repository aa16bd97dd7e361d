import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { EdgeError } from '../../src/errors.ts'
import { Admission, ClientCounts, clientOf } from '../../src/http/admission.ts'

describe('a client', () => {
  const addresses: readonly (readonly [string, string])[] = [
    ['10.0.0.1', '10.0.0.1'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002::', '2001:db8:1:2::/64'],
    ['2001:db8::5', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['', ''],
    ['fe80', 'fe80'],
  ]
  for (const [address, client] of addresses) {
    it(`of ${address} is ${client}`, () => assert.equal(clientOf(address), client))
  }
})

describe('counts of clients', () => {
  it('hold each to the bound, and forget who has nothing', () => {
    const counts = new ClientCounts(2)
    assert.deepEqual(
      [1, 2, 3].map(() => counts.enter('a')),
      [true, true, false],
    )
    assert.ok(counts.enter('b'))
    counts.leave('a')
    assert.ok(counts.enter('a'))
    assert.ok(!counts.enter('a'))
  })

  it('count one IPv6 network as one client', () => {
    const counts = new ClientCounts(1)
    assert.ok(counts.enter('2001:db8::1'))
    assert.ok(!counts.enter('2001:db8::2'))
    counts.leave('2001:db8::1')
    assert.ok(counts.enter('2001:db8::2'))
  })

  it('without a bound hold nobody', () => {
    const counts = new ClientCounts(0)
    assert.ok(Array.from({ length: 100 }, () => counts.enter('a')).every(Boolean))
  })
})

describe('an admission', () => {
  const isOverloaded = (error: unknown): boolean =>
    error instanceof EdgeError && error.code === 'overloaded'

  it('that one client has used up is there for others', () => {
    const admission = new Admission({ max: 3, maxPerClient: 1 })
    admission.enter('a')
    assert.throws(() => admission.enter('a'), isOverloaded)
    admission.enter('b')
    admission.enter(undefined)
    assert.throws(() => admission.enter('c'), isOverloaded)
    admission.leave('a')
    admission.enter('a')
  })
})
