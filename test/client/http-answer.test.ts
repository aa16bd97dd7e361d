import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { HttpAnswer } from '../../src/client/http-answer.ts'

const DEADLINES = { connectTimeoutMs: 10, firstAnswerMs: 100 }

function begin(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const asker = new AbortController()
  const ends: boolean[] = []
  const answer = new HttpAnswer({
    ...DEADLINES,
    host: 'a:1',
    signal: asker.signal,
    onEnd: (isWhole) => void ends.push(isWhole),
  })
  const controller = {
    paused: false,
    aborted: false,
    reason: null,
    abort: () => undefined,
    pause: () => {
      controller.paused = true
    },
    resume: () => {
      controller.paused = false
    },
  }
  const { handler } = answer
  return {
    answer,
    asker,
    controller,
    ends,
    tick: (ms: number) => t.mock.timers.tick(ms),
    connect: () => handler.onRequestStart?.(controller, null),
    head: (status = 200) => handler.onResponseStart?.(controller, status, {}),
    data: (chunk: Buffer) => handler.onResponseData?.(controller, chunk),
    end: () => handler.onResponseEnd?.(controller, {}),
    fail: (error: Error) => handler.onResponseError?.(controller, error),
  }
}

describe('the deadlines of an answer', () => {
  test('are one for the connection', async (t) => {
    const { answer, tick, ends } = begin(t)
    tick(9)
    assert.deepEqual(ends, [])
    tick(1)
    await assert.rejects(answer.head, {
      code: 'timeout',
      isConnecting: true,
      message: /took no connection/,
    })
    assert.deepEqual(ends, [false])
  })

  test('one for the head, behind any number of 100 Continue', async (t) => {
    const { answer, tick, connect, head } = begin(t)
    connect()
    tick(60)
    head(100)
    tick(40)
    await assert.rejects(answer.head, {
      code: 'timeout',
      isConnecting: false,
      message: /sent nothing/,
    })
  })

  test('that goes on while the request is still being sent', async (t) => {
    const { answer, tick, connect, head, ends } = begin(t)
    connect()
    for (let i = 0; i < 5; i += 1) {
      tick(90)
      answer.extend()
    }
    head()
    assert.equal((await answer.head).status, 200)
    answer.extend()
    tick(1000)
    assert.deepEqual(ends, [], 'once the head has come, nothing is waited for')
  })

  test('and one for each piece, while somebody waits for it and not before', async (t) => {
    const { answer, tick, connect, head, data, ends } = begin(t)
    connect()
    head()
    tick(10_000)
    const reading = answer.read(50)
    tick(49)
    data(Buffer.from('a'))
    assert.equal(`${await reading}`, 'a')
    tick(10_000)
    assert.deepEqual(ends, [])
    const waiting = answer.read(50)
    tick(50)
    await assert.rejects(waiting, { code: 'timeout' })
    assert.deepEqual(ends, [false])
  })
})

describe('the pieces of an answer', () => {
  test('stop coming while too much waits to be read', async (t) => {
    const { answer, controller, connect, head, data } = begin(t)
    connect()
    head()
    const piece = Buffer.alloc(100 * 1024)
    data(piece)
    data(piece)
    assert.equal(controller.paused, false)
    data(piece)
    assert.equal(controller.paused, true)
    await answer.read(50)
    assert.equal(controller.paused, false)
  })

  test('come before the error that ended them', async (t) => {
    const { answer, connect, head, data, fail, ends } = begin(t)
    connect()
    head()
    data(Buffer.from('a'))
    fail(new Error('other side closed'))
    assert.equal(`${await answer.read(50)}`, 'a')
    await assert.rejects(answer.read(50), { code: 'connection_lost', host: 'a:1' })
    assert.deepEqual(ends, [false])
  })

  test('come before the end, which may be read again', async (t) => {
    const { answer, connect, head, data, end, ends } = begin(t)
    connect()
    head()
    data(Buffer.from('a'))
    end()
    assert.deepEqual(ends, [true])
    assert.equal(`${await answer.read(50)}`, 'a')
    assert.equal(await answer.read(50), undefined)
    assert.equal(await answer.read(50), undefined)
  })

  test('and its end is told once, whoever ends it', async (t) => {
    const { answer, asker, connect, head, end, fail, ends } = begin(t)
    connect()
    head()
    const reading = answer.read(50)
    asker.abort()
    await assert.rejects(reading, { code: 'aborted' })
    answer.giveUp()
    fail(new Error('late'))
    end()
    assert.deepEqual(ends, [false])
  })
})
