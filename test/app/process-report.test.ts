import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import pino from 'pino'
import { startEdge } from '../../src/app/wiring.ts'
import type { EdgeConf } from '../../src/config/index.ts'
import { startStack } from '../support/edge-stack.ts'
import { randomContent } from '../support/random-content.ts'

const SMALL = randomContent(30_000)

async function setUp(
  t: TestContext,
  storages = 1,
  change: (conf: EdgeConf) => Partial<EdgeConf> = () => ({}),
) {
  const stack = await startStack(t, { storages })
  const listen = [{ host: '127.0.0.1', port: 0 }]
  const logger = pino({ level: 'silent' })
  const edge = await startEdge({ ...stack.conf, listen, ...change(stack.conf) }, { logger })
  t.after(() => edge.close(0))
  const get = async (path: string): Promise<number> => {
    const response = await fetch(`${edge.urls[0]}${path}`)
    await response.arrayBuffer()
    return response.status
  }
  return { stack, edge, get }
}

/** The test may last from one step of time to the next. */
function sumOf<K extends string>(steps: readonly Readonly<Record<K, number>>[], what: K): number {
  return steps.reduce((sum, step) => sum + step[what], 0)
}

test('a process tells of its traffic, caches, pools and hosts', async (t) => {
  const { stack, edge, get } = await setUp(t)
  const { groupName, filename } = await stack.upload(SMALL, { extName: 'jpg' })
  const path = `${groupName}/${filename}`
  for (let i = 0; i < 3; i += 1) assert.equal(await get(path), 200)
  assert.equal(await get('nothing'), 404)
  const { traffic, caches, pools, hosts, ...report } = edge.report()
  assert.equal(sumOf(traffic, 'requests'), 4)
  assert.ok(sumOf(traffic, 'bytes') > 90_000)
  assert.deepEqual(
    caches.map(({ name, entries, hits, misses }) => [name, entries, hits, misses]),
    [
      ['objects', 1, 2, 1],
      ['fastdfs locations', 1, 0, 1],
      ['verify pool', 0, 1, 0],
    ],
  )
  assert.ok((caches[0]?.bytes ?? 0) > 30_000)
  const tracker = `127.0.0.1:${stack.store.tracker.address.port}`
  assert.deepEqual(
    pools.map(({ open, idle, waiting }) => [open, idle, waiting]),
    [
      [1, 1, 0],
      [1, 1, 0],
    ],
  )
  assert.ok(pools.some(({ host }) => host === tracker))
  assert.ok(hosts.some(({ host, isFailing }) => host === tracker && !isFailing))
  assert.equal(hosts.length, 2)
  assert.equal(report.pid, process.pid)
  assert.ok(report.connections > 0 && report.rssBytes > 1e6 && report.eventLoopLagMs >= 0)
  assert.deepEqual([report.requestsUnderWay, report.failures], [0, []])
  assert.deepEqual(structuredClone(edge.report()).caches, caches)
})

test('a storage that is down is told of, and what it cost', async (t) => {
  const { stack, edge, get } = await setUp(t)
  const { groupName, filename } = await stack.upload(SMALL, { extName: 'jpg' })
  const [storage] = stack.store.storages
  assert.ok(storage)
  await storage.stop()
  assert.equal(await get(`${groupName}/${filename}`), 502)
  const { traffic, hosts, failures } = edge.report()
  assert.equal(sumOf(traffic, 'errors'), 1)
  const host = `${storage.address.host}:${storage.address.port}`
  const told = hosts.find((one) => one.host === host)
  assert.ok(told?.isFailing && told.failures >= 1)
  const [request, ...others] = failures
  assert.deepEqual([request?.kind, request?.code], ['request', 'replicas_failed'])
  assert.ok(others.some(({ kind, code }) => kind === 'host' && code === 'connect_failed'))
})
