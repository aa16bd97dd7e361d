import assert from 'node:assert/strict'
import { test } from 'node:test'
import { METRICS, type MetricSpec } from '../../src/admin/metric-table.ts'
import { renderMetrics } from '../../src/admin/render-metrics.ts'
import { RequestCounts } from '../../src/admin/request-counts.ts'
import { DepartedCounts, SampleSheet, type Samples } from '../../src/admin/samples.ts'
import { type RequestRecord, recordOfUnread } from '../../src/http/request-record.ts'
import { Scrape } from '../support/prometheus.ts'

const RECORD: RequestRecord = {
  ...recordOfUnread({ status: 200, requestId: null, client: '127.0.0.1' }),
  ref: { system: 'fastdfs', groupName: 'group1', filename: 'M00/a' },
  bytes: 100,
  cache: 'memory',
  firstByteMs: 0.4,
  totalMs: 0.5,
}

function count(...records: readonly Partial<RequestRecord>[]): Samples {
  const counts = new RequestCounts()
  for (const record of records) counts.note({ ...RECORD, ...record })
  const sheet = new SampleSheet()
  counts.writeTo(sheet)
  return sheet.samples
}

async function render(...processes: readonly Samples[]): Promise<Scrape> {
  return new Scrape((await renderMetrics(processes)).text)
}

test('every metric is described, whether or not anything has happened', async () => {
  const { types, helps } = await render()
  const specs = Object.entries<MetricSpec>(METRICS)
  assert.deepEqual(
    [...types],
    specs.map(([name, { type }]) => [name, type]),
  )
  assert.deepEqual(
    [...helps],
    specs.map(([name, { help }]) => [name, help]),
  )
  for (const [name, { type, help }] of specs) {
    assert.equal(/_total$/.test(name), type === 'counter', name)
    assert.ok(help.endsWith('.'), name)
  }
})

test('requests are counted by system, status and cache, with bytes and times', async () => {
  const scrape = await render(
    count(
      {},
      {},
      { status: 304, bytes: 0 },
      { cache: 'miss', totalMs: 40, firstByteMs: 30, resolveMs: 7, bytes: 1000 },
      { status: 200, end: 'cut', cache: 'location', totalMs: 40_000, resolveMs: 0.01 },
      { status: 499, end: 'aborted', firstByteMs: null, cache: 'none', bytes: 0 },
      { ref: { system: 'mogilefs', domain: 'd', key: 'k' }, status: 404, cache: 'none' },
      { ref: null, status: 404, cache: 'none' },
    ),
  )
  const requests = (labels: string): number => scrape.get(`dfs_edge_requests_total{${labels}}`)
  assert.equal(requests('cache="memory",status="200",system="fastdfs"'), 2)
  assert.equal(requests('cache="memory",status="304",system="fastdfs"'), 1)
  assert.equal(requests('cache="miss",status="200",system="fastdfs"'), 1)
  assert.equal(requests('cache="none",status="499",system="fastdfs"'), 1)
  assert.equal(requests('cache="none",status="404",system="mogilefs"'), 1)
  assert.equal(requests('cache="none",status="404",system="none"'), 1)
  assert.equal(scrape.sum('dfs_edge_requests_total'), 8)
  assert.equal(scrape.get('dfs_edge_sent_bytes_total{system="fastdfs"}'), 1300)
  assert.equal(scrape.get('dfs_edge_answers_cut_total{system="fastdfs"}'), 1)
  assert.equal(scrape.get('dfs_edge_object_cache_hits_total'), 3)
  assert.equal(scrape.get('dfs_edge_object_cache_misses_total'), 2)
  const took = (cache: string, le: string): number =>
    scrape.get(
      `dfs_edge_request_duration_seconds_bucket{cache="${cache}",le="${le}",system="fastdfs"}`,
    )
  assert.deepEqual([took('memory', '0.001'), took('memory', '+Inf')], [3, 3])
  assert.deepEqual([took('miss', '0.025'), took('miss', '0.05')], [0, 1])
  assert.deepEqual([took('location', '30'), took('location', '+Inf')], [0, 1])
  const resolve = 'dfs_edge_resolve_duration_seconds'
  assert.equal(scrape.get(`${resolve}_count{system="fastdfs"}`), 2)
  assert.ok(Math.abs(scrape.get(`${resolve}_sum{system="fastdfs"}`) - 0.00701) < 1e-9)
  const firstBytes = 'dfs_edge_first_byte_duration_seconds_count'
  assert.equal(scrape.get(`${firstBytes}{cache="none",system="fastdfs"}`), 0)
})

test('processes are added up, but for what cannot be', async () => {
  const state = (lag: number, up: number, under: number): Samples => {
    const sheet = new SampleSheet()
    sheet.add('dfs_edge_event_loop_lag_seconds', {}, lag)
    sheet.add('dfs_edge_host_up', { host: 'a:1', role: 'tracker' }, up)
    sheet.add('dfs_edge_requests_under_way', {}, under)
    return sheet.samples
  }
  const scrape = await render(state(0.1, 1, 2), state(0.3, 0, 3), count({}), count({}, {}))
  assert.equal(scrape.get('dfs_edge_event_loop_lag_seconds'), 0.3)
  assert.equal(scrape.get('dfs_edge_host_up{host="a:1",role="tracker"}'), 0)
  assert.equal(scrape.get('dfs_edge_requests_under_way'), 5)
  assert.equal(scrape.sum('dfs_edge_requests_total'), 3)
  assert.equal(scrape.sum('dfs_edge_request_duration_seconds_bucket', 'le="+Inf"'), 3)
})

test('what processes have counted stays when they are no more, and what they held does not', async () => {
  const departed = new DepartedCounts()
  const sheet = new SampleSheet()
  sheet.add('dfs_edge_requests_under_way', {}, 7)
  for (const samples of [count({}), count({}, { status: 404 }), sheet.samples]) {
    departed.add(samples)
  }
  const scrape = await render(departed.samples, count({}))
  assert.equal(scrape.sum('dfs_edge_requests_total'), 4)
  assert.equal(scrape.sum('dfs_edge_request_duration_seconds_count'), 4)
  assert.equal(scrape.get('dfs_edge_requests_under_way'), 0)
})

test('hosts that come and go do not make ever more series', async () => {
  const departed = new DepartedCounts()
  for (let i = 0; i < 20_000; i += 1) {
    const sheet = new SampleSheet()
    sheet.add('dfs_edge_resumes_total', { host: `10.0.0.1:${i}` }, 1)
    departed.add(sheet.samples)
  }
  const scrape = await render(departed.samples)
  assert.ok(scrape.entries('dfs_edge_resumes_total').length <= 5001)
  assert.equal(scrape.sum('dfs_edge_resumes_total'), 20_000)
})

test('a label may hold whatever a host is called', async () => {
  const sheet = new SampleSheet()
  sheet.add('dfs_edge_resumes_total', { host: '/data/"a\\b' }, 1)
  const scrape = await render(sheet.samples)
  assert.deepEqual(scrape.entries('dfs_edge_resumes_total'), [
    ['dfs_edge_resumes_total{host="/data/\\"a\\\\b"}', 1],
  ])
})
