import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { copiesOf, type Place, placesOf } from '../../src/client/mogilefs-places.ts'
import type { Device, Host } from '../../src/wire/mogilefs/cluster-messages.ts'

const HOST: Host = {
  hostid: 1,
  hostname: 'node1',
  hostip: '127.0.0.1',
  status: 'alive',
  httpPort: 7500,
  httpGetPort: null,
  altip: null,
  altmask: null,
}
const DEVICE: Device = {
  devid: 1,
  hostid: 1,
  status: 'alive',
  observedState: '',
  weight: 100,
  mbTotal: 0,
  mbUsed: 0,
}

function placeOf(device: Partial<Device>, host: Partial<Host> = {}): Place | undefined {
  return placesOf([{ ...DEVICE, ...device }], [{ ...HOST, ...host }], undefined).get(1)
}

function weighted(weights: readonly number[]): readonly Place[] {
  const devices = weights.map((weight, index) => ({ ...DEVICE, devid: index + 1, weight }))
  return [...placesOf(devices, [HOST], undefined).values()]
}

/** Numbers that follow from a seed (a linear congruential generator). */
function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    return state / 2 ** 31
  }
}

/** How often each device comes first. */
function firsts(weights: readonly number[], times: number): readonly number[] {
  const random = numbers(1)
  const places = weighted(weights)
  const counts = weights.map(() => 0)
  for (let i = 0; i < times; i += 1) {
    const index = (copiesOf(3, places, random)[0]?.devid ?? 0) - 1
    counts[index] = (counts[index] ?? 0) + 1
  }
  return counts
}

describe('the order of copies', () => {
  test('a weight of 0 counts as 100', () => {
    const [a = 0, b = 0, c = 0] = firsts([0, 100, 100], 3000)
    for (const count of [a, b, c]) assert.ok(count > 900 && count < 1100, `${count} of 3000`)
  })

  test('the chance to come first is as the weight', () => {
    const [a = 0, b = 0] = firsts([1, 100, 100], 3000)
    assert.ok(a > 0 && a < 40, `${a} of 3000 with a weight of 1`)
    assert.ok(b > 1350 && b < 1650, `${b} of 3000 with a weight of 100`)
  })

  test('every copy is named once', () => {
    const devids = copiesOf(3, weighted([1, 2, 3, 4]), numbers(2)).map(({ devid }) => devid)
    assert.deepEqual(devids.sort(), [1, 2, 3, 4])
  })
})

describe('what a device is good for', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['alive', 'alive', 'first'],
    ['readonly', 'readonly', 'first'],
    ['drain', 'alive', 'last'],
    ['drain', 'down', 'emergency'],
    ['down', 'alive', 'emergency'],
    ['alive', 'down', 'emergency'],
    ['dead', 'alive', 'never'],
    ['alive', 'dead', 'never'],
    ['down', 'dead', 'never'],
    ['', 'alive', 'never'],
    ['alive', 'drain', 'never'],
  ]
  for (const [device, host, use] of cases) {
    test(`a device that is ${device || 'nothing'} on a host that is ${host}: ${use}`, () => {
      assert.equal(placeOf({ status: device }, { status: host })?.use, use)
    })
  }

  test('a device whose host has no row, address or port is never read', () => {
    assert.equal(placeOf({ hostid: 9 })?.use, 'never')
    assert.equal(placeOf({}, { hostip: '' })?.use, 'never')
    assert.equal(placeOf({}, { httpPort: 0 })?.use, 'never')
  })
})
