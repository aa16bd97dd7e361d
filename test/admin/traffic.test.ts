import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TRAFFIC_SPAN_MS, TRAFFIC_SPANS } from '../../src/admin/process-report.ts'
import { Traffic } from '../../src/admin/traffic.ts'

const START = 1_700_000_000_000

function setUp() {
  let now = START
  const traffic = new Traffic(() => now)
  return {
    traffic,
    pass: (ms: number): void => {
      now += ms
    },
  }
}

const OK = { status: 200, end: 'whole', bytes: 10 } as const

test('requests, bytes and errors are counted in the span in which they end', () => {
  const { traffic, pass } = setUp()
  traffic.note(OK)
  traffic.note({ status: 404, end: 'whole', bytes: 5 })
  traffic.note({ status: 499, end: 'aborted', bytes: 1 })
  pass(TRAFFIC_SPAN_MS)
  traffic.note({ status: 502, end: 'whole', bytes: 0 })
  traffic.note({ status: 200, end: 'cut', bytes: 7 })
  assert.deepEqual(traffic.spans, [
    { startsAt: START, requests: 3, errors: 0, bytes: 16 },
    { startsAt: START + TRAFFIC_SPAN_MS, requests: 2, errors: 2, bytes: 7 },
  ])
})

test('there are no gaps, also up to now, and never more than the last minutes', () => {
  const { traffic, pass } = setUp()
  traffic.note(OK)
  pass(3 * TRAFFIC_SPAN_MS + 1)
  assert.deepEqual(
    traffic.spans.map(({ requests }) => requests),
    [1, 0, 0, 0],
  )
  pass((TRAFFIC_SPANS - 4) * TRAFFIC_SPAN_MS)
  assert.equal(traffic.spans.length, TRAFFIC_SPANS)
  assert.equal(traffic.spans[0]?.requests, 1)
  pass(TRAFFIC_SPAN_MS)
  assert.equal(traffic.spans.length, TRAFFIC_SPANS)
  assert.equal(traffic.spans[0]?.requests, 0)
  pass(1e12)
  traffic.note(OK)
  assert.deepEqual(
    traffic.spans.map(({ requests }) => requests),
    [1],
  )
})

test('a clock that is set back begins anew', () => {
  const { traffic, pass } = setUp()
  traffic.note(OK)
  pass(-5 * TRAFFIC_SPAN_MS)
  traffic.note(OK)
  assert.deepEqual(traffic.spans, [
    { startsAt: START - 5 * TRAFFIC_SPAN_MS, requests: 1, errors: 0, bytes: 10 },
  ])
})
