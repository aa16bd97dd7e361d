import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { unlessHung } from '../../src/client/unless-hung.ts'
import { EdgeError } from '../../src/errors.ts'

const never = new AbortController().signal
const OPTIONS = { host: 'a:1', signal: never, patienceMs: 20 }

function silent(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new EdgeError('aborted', 'no longer wanted')))
  })
}

test('a host that answers at once is not pinged', async () => {
  let pings = 0
  const ping = async (): Promise<void> => {
    pings += 1
  }
  assert.equal(await unlessHung(async () => 'yes', ping, { ...OPTIONS, patienceMs: 1 }), 'yes')
  await delay(20)
  assert.equal(pings, 0)
})

test('a slow host is waited for as long as it answers pings', async () => {
  const slow = async (): Promise<string> => {
    await delay(100)
    return 'yes'
  }
  assert.equal(await unlessHung(slow, async () => undefined, OPTIONS), 'yes')
})

test('one that answers no ping is given up, whatever becomes of the ping', async () => {
  for (const ping of [silent, () => Promise.reject(new EdgeError('connect_failed', 'no'))]) {
    let asked: AbortSignal | undefined
    const ask = (signal: AbortSignal): Promise<never> => {
      asked = signal
      return silent(signal)
    }
    await assert.rejects(unlessHung(ask, ping, OPTIONS), { code: 'timeout', message: /a:1 hangs/ })
    assert.equal(asked?.aborted, true)
  }
})

test('what the question fails with comes out, and whoever asks may go away', async () => {
  const failing = (): Promise<never> => Promise.reject(new EdgeError('connection_lost', 'gone'))
  await assert.rejects(unlessHung(failing, silent, OPTIONS), { code: 'connection_lost' })
  const controller = new AbortController()
  const asked = unlessHung(silent, async () => undefined, { ...OPTIONS, signal: controller.signal })
  controller.abort()
  await assert.rejects(asked, { code: 'aborted' })
})
