import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Refreshed } from '../../src/client/refreshed.ts'

function refreshed(answers: readonly (number | Error)[]) {
  const state = { now: 0, loads: 0 }
  const value = new Refreshed<number>({
    load: async () => {
      const answer = answers[state.loads]
      state.loads += 1
      if (typeof answer === 'number') return answer
      throw answer
    },
    refreshMs: 1000,
    now: () => state.now,
  })
  return { state, value }
}

describe('a refreshed value', () => {
  it('is read once for all who ask at the same time', async () => {
    const { state, value } = refreshed([1])
    assert.equal(value.last, undefined)
    assert.deepEqual(await Promise.all([value.get(), value.get(), value.read()]), [1, 1, 1])
    assert.equal(state.loads, 1)
  })

  it('is read again in the background once it is old, and serves meanwhile', async () => {
    const { state, value } = refreshed([1, 2])
    await value.get()
    state.now = 1000
    assert.equal(value.last, 1)
    assert.equal(state.loads, 1)
    state.now = 1001
    assert.equal(await value.get(), 1)
    assert.equal(state.loads, 2)
    await value.read()
    assert.equal(value.last, 2)
  })

  it('keeps the last one while nobody answers, and does not hurry', async () => {
    const { state, value } = refreshed([1, new Error('down'), 3])
    await value.get()
    state.now = 1500
    assert.equal(await value.get(), 1)
    await value.read().catch(() => undefined)
    assert.equal(await value.get(), 1)
    assert.equal(state.loads, 2)
    state.now = 2600
    assert.equal(value.last, 1)
    await value.read()
    assert.equal(value.last, 3)
  })

  it('is read before its time for who needs it newer, and with who is reading it', async () => {
    const { state, value } = refreshed([1, 2, new Error('down')])
    assert.equal(await value.newerThan(100), 1)
    state.now = 100
    assert.equal(await value.newerThan(100), 1)
    const reading = value.read()
    assert.deepEqual([await value.newerThan(100), await reading, state.loads], [2, 2, 2])
    state.now = 201
    await assert.rejects(value.newerThan(100), /down/)
    assert.equal(await value.newerThan(100), 2)
  })

  it('throws where it was never read', async () => {
    const { value } = refreshed([new Error('down')])
    await assert.rejects(value.get(), /down/)
  })
})
