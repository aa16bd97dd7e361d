import assert from 'node:assert/strict'
import { test } from 'node:test'
import { askWithin } from '../../src/client/ask.ts'
import { EdgeError } from '../../src/errors.ts'

test('an answer in time is the answer, and a failure is the failure', async () => {
  const ask = askWithin(60_000)
  assert.equal(await ask(async () => 7), 7)
  const refused = new EdgeError('connect_failed', 'refused')
  await assert.rejects(
    ask(() => Promise.reject(refused)),
    refused,
  )
})

test('one who is silent is told to stop and waited for no longer, even where it does not heed', async () => {
  const ask = askWithin(10)
  let signal: AbortSignal | undefined
  const deaf = (given: AbortSignal): Promise<never> => {
    signal = given
    return new Promise(() => undefined)
  }
  await assert.rejects(ask(deaf), { code: 'timeout', message: 'no answer in 10 ms' })
  assert.equal(signal?.aborted, true)
})
