import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { METRICS, type MetricSpec } from '../../src/admin/metric-table.ts'

const RULES = readFileSync(new URL('../../conf/dfs-edge.rules.yml', import.meta.url), 'utf8')
const CASES = fileURLToPath(new URL('../fixtures/prometheus/alerts.yml', import.meta.url))
const specs: Readonly<Record<string, MetricSpec>> = METRICS

const hasPromtool = spawnSync('promtool', ['--version']).status === 0

test('every metric and label of the alerts is one that the edge tells', () => {
  const uses = [...RULES.matchAll(/(dfs_edge_[a-z_]+)(?:\{([a-z]+)=)?/g)]
  assert.ok(uses.length > 15)
  for (const [use, name = '', label] of uses) {
    const spec = specs[name.replace(/_bucket$/, '')]
    assert.ok(spec, use)
    if (label !== undefined) assert.ok(spec.labels.includes(label), use)
  }
})

test('every alert has a severity, and says what it is and what to do', () => {
  const alerts = RULES.split('- alert: ').slice(1)
  assert.ok(alerts.length > 10)
  for (const alert of alerts) {
    assert.match(alert, /severity: (?:critical|warning) /)
    assert.match(alert, /summary: '.*'\n +description: '.*'/)
  }
})

test('Prometheus raises each alert for its fault, and none without', { skip: !hasPromtool }, () => {
  const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', CASES], {
    encoding: 'utf8',
  })
  assert.equal(status, 0, stdout + stderr)
})
