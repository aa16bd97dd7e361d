import assert from 'node:assert/strict'
import { test } from 'node:test'
import { topOf, trafficChart } from '../../src/admin/traffic-chart.ts'

const PARTS = {
  id: 'x',
  title: 'Requests a second',
  now: 600_000,
  spanMs: 600_000,
  format: (value: number) => `${value}/s`,
}

test('the scale ends at a round number that nothing exceeds', () => {
  for (const [highest, top] of [
    [0, 1],
    [0.2, 1],
    [1, 1],
    [3, 5],
    [501, 1000],
    [1158, 2000],
    [999_999, 1_000_000],
  ] as const) {
    assert.equal(topOf(highest, 1000), top)
  }
  assert.equal(topOf(30 * 1024 ** 2, 1024), 50 * 1024 ** 2)
})

test('points stand at their time and height, and words tell the same', async () => {
  const points = [
    { at: 0, value: 0 },
    { at: 300_000, value: 50 },
    { at: 600_000, value: 100 },
  ]
  const text = String(await trafficChart({ ...PARTS, points }))
  assert.match(text, /<polyline class="line" points="0,94 160,54 320,14"\/>/)
  assert.match(text, /<polygon class="area" points="0,94 0,94 160,54 320,14 320,94"\/>/)
  assert.match(text, /In the last 10 minutes between 0\/s and 100\/s, at last 100\/s\./)
  assert.match(text, />100\/s<\/text>.*>10 min ago<\/text>.*>5<\/text>.*>now<\/text>/s)
})

test('without points there is an empty chart that says so', async () => {
  const text = String(await trafficChart({ ...PARTS, points: [] }))
  assert.match(text, /Nothing has been counted yet/)
  assert.doesNotMatch(text, /NaN|undefined|Infinity/)
})
