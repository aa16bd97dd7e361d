import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ReadRing } from '../../src/client/read-ring.ts'

test('a slot comes again only after the two chunks that a reader may hold, and one that waits', () => {
  const ring = new ReadRing()
  const slots = Array.from({ length: 6 }, () => {
    const { slot } = ring
    ring.advance(slot.length)
    return slot
  })
  assert.equal(new Set(slots.slice(0, 3)).size, 3)
  assert.deepEqual(
    slots.slice(3).map((slot) => slots.indexOf(slot)),
    [0, 1, 2],
  )
})

test('is full while a chunk waits', () => {
  const ring = new ReadRing()
  assert.deepEqual([ring.isFull(0), ring.isFull(1)], [false, true])
})

test('slots are small at first, and large for who takes many megabytes at once', () => {
  const ring = new ReadRing()
  const first = ring.slot.length
  for (let read = 0; read < 16 * 1024 * 1024; read += ring.slot.length)
    ring.advance(ring.slot.length)
  assert.ok(first <= 64 * 1024)
  assert.ok(ring.slot.length >= 4 * first)
})
