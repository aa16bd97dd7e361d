import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { METRICS, type MetricSpec } from '../../src/admin/metric-table.ts'

interface Panel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly datasource?: { readonly uid: string }
  readonly gridPos: {
    readonly x: number
    readonly y: number
    readonly w: number
    readonly h: number
  }
  readonly targets?: readonly { readonly expr: string; readonly refId: string }[]
}

interface Dashboard {
  readonly schemaVersion: number
  readonly panels: readonly Panel[]
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly type: string }[]
  }
}

const FILE = new URL('../../conf/grafana-dashboard.json', import.meta.url)
const dashboard: Dashboard = JSON.parse(readFileSync(FILE, 'utf8'))
const expressions = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
const specs: Readonly<Record<string, MetricSpec>> = METRICS

/** `dfs_edge_x{instance=..}` and its labels, as Prometheus's expressions name them. */
function usesIn(expr: string): { name: string; labels: string[] }[] {
  return Array.from(
    expr.matchAll(/(dfs_edge_[a-z_]+)(?:\{([^}]*)\})?/g),
    ([, name = '', inner = '']) => ({
      name,
      labels: Array.from(inner.matchAll(/([a-z]+)=/g), ([, label = '']) => label),
    }),
  )
}

/** The metric that a series belongs to. */
function metricOf(series: string): string {
  const histogram = series.replace(/_(?:bucket|sum|count)$/, '')
  return specs[histogram]?.type === 'histogram' ? histogram : series
}

test('every metric and label of the dashboard is one that the edge tells', () => {
  assert.ok(expressions.length > 30)
  for (const expr of expressions) {
    const known = new Set(['instance', 'le'])
    for (const { name, labels } of usesIn(expr)) {
      const spec = specs[metricOf(name)]
      assert.ok(spec, `${name} in ${expr}`)
      for (const label of spec.labels) known.add(label)
      for (const label of labels) assert.ok(known.has(label), `${label} in ${expr}`)
    }
    for (const [, by = ''] of expr.matchAll(/ by \(([^)]*)\)/g)) {
      for (const label of by.split(', ')) assert.ok(known.has(label), `${label} in ${expr}`)
    }
    assert.equal(expr.split('(').length, expr.split(')').length, expr)
  }
})

test('a counter is shown as a rate, and every metric is on the dashboard', () => {
  const shown = new Set<string>()
  for (const expr of expressions) {
    for (const { name } of usesIn(expr)) {
      shown.add(metricOf(name))
      const isRate = new RegExp(`(?:rate|increase)\\(${name}\\{`).test(expr)
      assert.equal(isRate, specs[metricOf(name)]?.type !== 'gauge', `${name} in ${expr}`)
    }
  }
  assert.deepEqual(
    Object.keys(METRICS).filter((name) => !shown.has(name)),
    [],
  )
})

test('panels have ids of their own, a data source that can be chosen, and do not overlap', () => {
  const { panels, templating, schemaVersion } = dashboard
  assert.ok(schemaVersion >= 36, 'Grafana 10')
  assert.ok(
    templating.list.some(({ name, type }) => name === 'datasource' && type === 'datasource'),
  )
  assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length)
  const taken = new Set<string>()
  for (const { type, title, datasource, gridPos, targets = [] } of panels) {
    if (type !== 'row') assert.equal(datasource?.uid, `\${datasource}`, title)
    assert.equal(new Set(targets.map(({ refId }) => refId)).size, targets.length, title)
    assert.ok(gridPos.x + gridPos.w <= 24, title)
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
        assert.ok(!taken.has(`${x} ${y}`), title)
        taken.add(`${x} ${y}`)
      }
    }
  }
  const rows = panels.filter(({ type }) => type === 'row').map(({ title }) => title)
  assert.equal(rows.length, 5)
})
