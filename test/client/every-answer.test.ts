import assert from 'node:assert/strict'
import { test } from 'node:test'
import { everyAnswer } from '../../src/client/every-answer.ts'

const silence = (): Promise<never> => new Promise(() => undefined)

test('all answers, without those that fail', async () => {
  const asked = [Promise.resolve('a'), Promise.reject(new Error('b')), Promise.resolve('c')]
  assert.deepEqual(await everyAnswer(asked, 60_000), ['a', 'c'])
})

test('whoever is silent for too long after the first is left out', async () => {
  assert.deepEqual(await everyAnswer([silence(), Promise.resolve('b')], 1), ['b'])
})

test('where all fail, what the first one threw', async () => {
  const failures = ['a', 'b'].map((name) => Promise.reject(new Error(name)))
  await assert.rejects(everyAnswer(failures, 1), { message: 'a' })
})
