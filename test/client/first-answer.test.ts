import assert from 'node:assert/strict'
import { stat } from 'node:fs/promises'
import { test } from 'node:test'
import type { EdgeEvent } from '../../src/client/events.ts'
import { type Candidate, firstAnswer } from '../../src/client/first-answer.ts'
import { HostHealth } from '../../src/client/host-health.ts'
import { EdgeError } from '../../src/errors.ts'

const never = new AbortController().signal

function setUp(hedgeMs = 60_000) {
  const events: EdgeEvent[] = []
  const health = new HostHealth({ recoverMs: 60_000, now: () => 0 })
  const observe = (event: EdgeEvent): void => void events.push(event)
  return { events, health, options: { signal: never, hedgeMs, health, observe } }
}

function says<T>(host: string, value: T | null): Candidate<T> {
  return { host, ask: async () => value }
}

function fails(host: string): Candidate<string> {
  return { host, ask: () => Promise.reject(new EdgeError('connect_failed', 'no', { host })) }
}

/** Silent until it is aborted. */
function silent(host: string, onAbort: () => void = () => undefined): Candidate<string> {
  const ask = (signal: AbortSignal): Promise<string> =>
    new Promise((_, reject) => {
      signal.addEventListener('abort', () => {
        onAbort()
        reject(new EdgeError('aborted', 'no longer wanted'))
      })
    })
  return { host, ask }
}

test('the first good answer wins and later hosts are not asked', async () => {
  const { options } = setUp()
  let asked = false
  const second = {
    host: 'b',
    ask: async () => {
      asked = true
      return 'late'
    },
  }
  const outcome = await firstAnswer([says('a', 'yes'), second], options)
  assert.deepEqual(outcome.answer, { host: 'a', value: 'yes' })
  assert.equal(asked, false)
})

test('an answer that is there when a busy process comes to look is no silence', async () => {
  const { options, events } = setUp(5)
  const slowToBeRead: Candidate<string> = {
    host: 'a',
    ask: async () => {
      const answer = stat(import.meta.filename)
      for (const until = performance.now() + 50; performance.now() < until; );
      await answer
      return 'yes'
    },
  }
  const outcome = await firstAnswer([slowToBeRead, says('b', 'late')], options)
  assert.deepEqual(outcome.answer, { host: 'a', value: 'yes' })
  assert.deepEqual(events, [])
})

test('a failure and a "not here" move on at once', async () => {
  const { options, health, events } = setUp()
  const outcome = await firstAnswer([fails('a'), says('b', null), says('c', 'yes')], options)
  assert.equal(outcome.answer?.host, 'c')
  assert.deepEqual(outcome.absent, ['b'])
  assert.equal(health.isFailing('a'), true)
  assert.equal(health.isFailing('b'), false)
  assert.deepEqual(
    events.map(({ type }) => type),
    ['host_failed', 'failed_over'],
  )
})

test('after a final failure nobody else is asked', async () => {
  const { options } = setUp()
  const isFinal = ({ code }: EdgeError): boolean => code === 'connect_failed'
  const outcome = await firstAnswer([fails('a'), says('b', 'yes')], { ...options, isFinal })
  assert.equal(outcome.answer, undefined)
  assert.deepEqual(
    outcome.failures.map(({ host }) => host),
    ['a'],
  )
})

test('a silent host is passed by after hedgeMs, aborted, and asked last afterwards', async () => {
  const { options, health, events } = setUp(10)
  let isAborted = false
  const slow = silent('a', () => {
    isAborted = true
  })
  const outcome = await firstAnswer([slow, says('b', 'yes')], options)
  assert.equal(outcome.answer?.host, 'b')
  assert.equal(isAborted, true)
  assert.equal(health.isFailing('a'), true)
  assert.deepEqual(events, [
    { type: 'host_silent', host: 'a' },
    { type: 'failed_over', from: 'a', to: 'b' },
  ])
})

test('a silent host that answers pings is waited for, one that does not is passed by', async () => {
  const { options, health } = setUp(10)
  const late: Candidate<string> = {
    host: 'a',
    ask: () => new Promise((resolve) => setTimeout(resolve, 80, 'late')),
    ping: async () => {},
  }
  const well = await firstAnswer([late, says('b', 'less')], options)
  assert.deepEqual(well.answer, { host: 'a', value: 'late' })
  for (const ping of [() => new Promise<void>(() => {}), () => Promise.reject(new Error('no'))]) {
    const hung = await firstAnswer([{ ...silent('c'), ping }, says('b', 'less')], options)
    assert.deepEqual(hung.answer, { host: 'b', value: 'less' })
    assert.equal(health.isFailing('c'), true)
  }
})

test('a slow host may still win while the next one is asked', async () => {
  const { options } = setUp(10)
  const late: Candidate<string> = {
    host: 'a',
    ask: () => new Promise((resolve) => setTimeout(resolve, 40, 'late')),
  }
  const outcome = await firstAnswer([late, silent('b')], options)
  assert.deepEqual(outcome.answer, { host: 'a', value: 'late' })
})

test('an answer that comes after another has won is discarded', async () => {
  const { options } = setUp(5)
  const discarded: string[] = []
  let release: (value: string) => void = () => undefined
  const late: Candidate<string> = {
    host: 'a',
    ask: () =>
      new Promise((resolve) => {
        release = resolve
      }),
  }
  const discard = (value: string): void => void discarded.push(value)
  await firstAnswer([late, says('b', 'yes')], { ...options, discard })
  release('too late')
  await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual(discarded, ['too late'])
})

test('without an answer it tells who said what', async () => {
  const { options } = setUp()
  const outcome = await firstAnswer([fails('a'), says<string>('b', null)], options)
  assert.equal(outcome.answer, undefined)
  assert.deepEqual(outcome.absent, ['b'])
  assert.deepEqual(
    outcome.failures.map(({ host }) => host),
    ['a'],
  )
})

test('nobody to ask is an empty outcome', async () => {
  assert.deepEqual(await firstAnswer([], setUp().options), { absent: [], failures: [] })
})

test('an abort ends it and whoever is being asked', async () => {
  const { options } = setUp()
  const controller = new AbortController()
  let isAborted = false
  const slow = silent('a', () => {
    isAborted = true
  })
  const asking = firstAnswer([slow], { ...options, signal: controller.signal })
  controller.abort()
  await assert.rejects(asking, { code: 'aborted' })
  assert.equal(isAborted, true)
})

test('what is not an EdgeError is a bug and comes out', async () => {
  const bug: Candidate<string> = { host: 'a', ask: () => Promise.reject(new TypeError('bug')) }
  await assert.rejects(firstAnswer([bug, says('b', 'yes')], setUp().options), TypeError)
})

test('"not here" of one is enough, where so asked, once the others have been silent for long', async () => {
  const { options, health } = setUp(10)
  const one = { ...options, isOneAbsentEnough: true }
  for (const candidates of [
    [says<string>('a', null), silent('b')],
    [silent('b'), says<string>('a', null)],
  ]) {
    const outcome = await firstAnswer(candidates, one)
    assert.deepEqual([outcome.answer, outcome.absent], [undefined, ['a']])
    assert.equal(health.isFailing('b'), true)
    health.succeeded('b')
  }
})

test('an answer of one who was silent for a while beats the "not here" of another', async () => {
  const { options } = setUp(20)
  const slow = {
    host: 'b',
    ask: () => new Promise<string>((answer) => setTimeout(answer, 40, 'yes')),
  }
  const candidates = [says<string>('a', null), slow]
  const outcome = await firstAnswer(candidates, { ...options, isOneAbsentEnough: true })
  assert.equal(outcome.answer?.value, 'yes')
})

test('elsewhere the silent are waited for, whatever others say', async () => {
  const { options } = setUp(5)
  const slow = {
    host: 'b',
    ask: () => new Promise<string>((answer) => setTimeout(answer, 60, 'yes')),
  }
  const outcome = await firstAnswer([says<string>('a', null), slow], options)
  assert.equal(outcome.answer?.value, 'yes')
})
