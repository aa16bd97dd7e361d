import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HostHealth } from '../../src/client/host-health.ts'

const same = (host: string): string => host

test('equal hosts take turns', () => {
  const health = new HostHealth({ recoverMs: 1000, now: () => 0 })
  const firsts = [1, 2, 3, 4].map(() => health.order(['a', 'b', 'c'], same)[0])
  assert.deepEqual(firsts, ['a', 'b', 'c', 'a'])
})

test('a host that failed comes last, the one that failed least before it', () => {
  const health = new HostHealth({ recoverMs: 1000, now: () => 0 })
  health.failed('a')
  health.failed('a')
  health.failed('b')
  assert.deepEqual(health.order(['a', 'b', 'c'], same), ['c', 'b', 'a'])
})

test('a success, or time without a new failure, makes it well again', () => {
  let now = 0
  const health = new HostHealth({ recoverMs: 1000, now: () => now })
  health.failed('a')
  health.failed('b')
  assert.equal(health.isFailing('a'), true)
  health.succeeded('a')
  assert.equal(health.isFailing('a'), false)
  assert.equal(health.order(['b', 'a'], same)[0], 'a')
  now = 1001
  assert.equal(health.isFailing('b'), false)
})

test('demote keeps the given order among the well', () => {
  const health = new HostHealth({ recoverMs: 1000, now: () => 0 })
  health.failed('source')
  assert.deepEqual(health.demote(['source', 'x', 'y'], same), ['x', 'y', 'source'])
})
