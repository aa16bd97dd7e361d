import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FAILURES_MAX, TRAFFIC_SPAN_MS, TRAFFIC_SPANS } from '../../src/admin/process-report.ts'
import { totalOf } from '../../src/admin/process-total.ts'
import { cache, failure, processReport } from '../support/status-fixture.ts'

const span = (index: number, requests: number) => ({
  startsAt: index * TRAFFIC_SPAN_MS,
  requests,
  errors: requests / 10,
  bytes: requests * 100,
})

test('spans of one time are added, and where a process was not there yet the others count', () => {
  const { traffic } = totalOf([
    processReport({ traffic: [span(5, 10), span(6, 20), span(7, 30)] }),
    processReport({ traffic: [span(6, 100), span(7, 200)] }),
  ])
  assert.deepEqual(traffic, [span(5, 10), span(6, 120), span(7, 230)])
})

test('there is no gap, and no more than ten minutes', () => {
  const { traffic } = totalOf([
    processReport({ traffic: [span(5, 10)] }),
    processReport({ traffic: [span(5 + TRAFFIC_SPANS, 10)] }),
  ])
  assert.equal(traffic.length, TRAFFIC_SPANS)
  assert.deepEqual(
    [traffic[0], traffic.at(-1)],
    [span(6, 0), span(5 + TRAFFIC_SPANS, 10)],
    'the oldest is left out',
  )
})

test('caches, pools and hosts of one name are one; a limit that one does not have is none', () => {
  const host = { host: 'a:1', isFailing: false, failures: 1, silences: 2, wrongContents: 3 }
  const pool = { host: 'a:1', open: 2, idle: 1, waiting: 0, max: 64 }
  const busy = { ...pool, host: 'b:1', open: 9 }
  const total = totalOf([
    processReport({ caches: [cache({ entries: 1, maxEntries: 9 })], hosts: [host], pools: [pool] }),
    processReport({
      caches: [cache({ entries: 2, maxEntries: null }), cache({ name: 'verify pool' })],
      hosts: [{ ...host, isFailing: true }],
      pools: [pool, busy],
    }),
  ])
  assert.deepEqual(
    total.caches.map(({ name, entries, maxEntries, hits }) => [name, entries, maxEntries, hits]),
    [
      ['objects', 3, null, 2 * cache().hits],
      ['verify pool', cache().entries, null, cache().hits],
    ],
  )
  assert.deepEqual(total.hosts, [
    { host: 'a:1', isFailing: true, failures: 2, silences: 4, wrongContents: 6 },
  ])
  assert.deepEqual(total.pools, [busy, { ...pool, open: 4, idle: 2, max: 128 }])
})

test('a failure that several processes met is one, told as it was last; newest first', () => {
  const total = totalOf([
    processReport({ failures: [failure({ at: 5, count: 2, reason: 'as before' })] }),
    processReport({
      failures: [failure({ at: 9, count: 3, reason: 'at last' }), failure({ at: 7, host: 'b:1' })],
    }),
  ])
  assert.deepEqual(
    total.failures.map(({ at, count, reason }) => [at, count, reason]),
    [
      [9, 5, 'at last'],
      [7, failure().count, failure().reason],
    ],
  )
})

test('failures are no more than one process may tell', () => {
  const failures = Array.from({ length: FAILURES_MAX }, (_, i) => failure({ host: `a:${i}` }))
  const others = failures.map((one) => ({ ...one, code: 'timeout' }))
  const total = totalOf([processReport({ failures }), processReport({ failures: others })])
  assert.equal(total.failures.length, FAILURES_MAX)
})

test('of no process there is nothing', () => {
  const { connections, traffic, caches, failures } = totalOf([])
  assert.deepEqual([connections, traffic, caches, failures], [0, [], [], []])
})
