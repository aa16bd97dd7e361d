import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Flights } from '../../src/resolver/flights.ts'

function setUp() {
  const flights = new Flights<string>()
  const remembered: string[] = []
  const ask = (isThorough: boolean) => {
    const { promise, resolve } = Promise.withResolvers<string>()
    const answer = flights.join('k', {
      load: () => promise,
      isThorough,
      remember: (value) => remembered.push(value),
    })
    return { answer, land: resolve }
  }
  return { flights, remembered, ask }
}

test('who asks thoroughly does not get the answer of one who did not, the other way round does', async () => {
  const { ask, remembered } = setUp()
  const quick = ask(false)
  const thorough = ask(true)
  const late = ask(false)
  thorough.land('thorough')
  quick.land('quick')
  const answers = await Promise.all([quick, thorough, late].map(({ answer }) => answer))
  assert.deepEqual(answers, ['quick', 'thorough', 'thorough'])
  assert.deepEqual(remembered, ['thorough'])
})

test('what was forgotten while it was asked for still answers, and is not remembered', async () => {
  const { flights, ask, remembered } = setUp()
  const { answer, land } = ask(false)
  flights.forget('k')
  land('a')
  assert.equal(await answer, 'a')
  assert.deepEqual(remembered, [])
  assert.deepEqual([...flights.keys()], [])
})
