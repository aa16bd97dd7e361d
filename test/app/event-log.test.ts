import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import pino from 'pino'
import { logEvents } from '../../src/app/logger.ts'
import { Repeats } from '../../src/app/repeats.ts'
import { EdgeError } from '../../src/errors.ts'

function setUp() {
  const lines: Record<string, unknown>[] = []
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      lines.push(JSON.parse(`${chunk}`))
      done()
    },
  })
  let now = 0
  const observe = logEvents(pino({ base: null }, stream), new Repeats(() => now))
  const pass = (ms: number): void => {
    now += ms
  }
  return { lines, observe, pass }
}

function failure(host: string) {
  return { type: 'host_failed', host, error: new EdgeError('timeout', 'silent', { host }) } as const
}

test('a dead host is told once, and again with a count after a while', () => {
  const { lines, observe, pass } = setUp()
  for (let i = 0; i < 100; i += 1) observe(failure('a:1'))
  assert.equal(lines.length, 1)
  assert.deepEqual([lines[0]?.['host'], lines[0]?.['code']], ['a:1', 'timeout'])
  pass(10_000)
  observe(failure('a:1'))
  assert.equal(lines[1]?.['repeats'], 99)
})

test('another host and another event are told at once', () => {
  const { lines, observe } = setUp()
  observe(failure('a:1'))
  observe(failure('b:1'))
  observe({ type: 'wrong_content', ref: '/group1/x', host: 'a:1' })
  assert.equal(lines.length, 3)
})
