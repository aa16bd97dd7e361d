import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { Repeats } from '../../src/app/repeats.ts'

function setUp(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let now = 0
  const repeats = new Repeats(() => now)
  const said: [string, number][] = []
  const happen = (what: string): void =>
    repeats.say(what, (again) => said.push([what, again.repeats ?? 0]))
  const pass = (ms: number): void => {
    now += ms
    t.mock.timers.tick(ms)
  }
  return { repeats, said, happen, pass }
}

test('what stops tells its last count', (t) => {
  const { said, happen, pass } = setUp(t)
  for (let i = 0; i < 5; i += 1) happen('a')
  assert.deepEqual(said, [['a', 0]])
  pass(10_000)
  assert.deepEqual(said, [
    ['a', 0],
    ['a', 4],
  ])
  pass(60_000)
  assert.equal(said.length, 2)
})

test('what goes on is said once in a while, and no time of it is lost or told twice', (t) => {
  const { said, happen, pass } = setUp(t)
  const total = 1000
  for (let i = 0; i < total; i += 1) {
    happen('a')
    pass(100)
  }
  pass(20_000)
  const told = said.reduce((sum, [, repeats]) => sum + Math.max(1, repeats), 0)
  assert.ok(Math.abs(told - total) <= said.length, `${told} of ${total}`)
  assert.ok(said.length >= 10 && said.length <= 12, `${said.length} lines in 100 s`)
})

test('the end tells what has not been told', (t) => {
  const { repeats, said, happen } = setUp(t)
  for (const what of ['a', 'a', 'b', 'a']) happen(what)
  repeats.close()
  assert.deepEqual(said, [
    ['a', 0],
    ['b', 0],
    ['a', 2],
  ])
})

test('of too many different things the oldest is told and forgotten', (t) => {
  const { said, happen } = setUp(t)
  happen('first')
  happen('first')
  for (let i = 0; i < 1000; i += 1) happen(`${i}`)
  assert.deepEqual(said.at(-2), ['first', 1])
})
