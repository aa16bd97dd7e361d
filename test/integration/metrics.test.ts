import assert from 'node:assert/strict'
import { Agent, get } from 'node:http'
import { type TestContext, test } from 'node:test'
import { type Stack, startStack } from '../support/edge-stack.ts'
import { type Scrape, scrape } from '../support/prometheus.ts'
import { randomContent } from '../support/random-content.ts'
import { ServeProcess } from '../support/serve-process.ts'
import { waitFor } from '../support/wait-for.ts'

const CONTENT = randomContent(30_000)
const UP = 'dfs_edge_workers{state="up"}'
const SILENT = 'dfs_edge_workers{state="silent"}'

async function startServe(t: TestContext) {
  const stack = await startStack(t)
  const { host, port } = stack.store.tracker.address
  const settings = `tracker_server = ${host}:${port}\nnginx_cache_path = /does/not/exist\nworkers = 2`
  const serve = await ServeProcess.start(t, settings)
  const { groupName, filename } = await stack.upload(CONTENT, { extName: 'jpg' })
  return { stack, serve, url: `${serve.url}${groupName}/${filename}` }
}

/** As many requests, each on a connection of its own: they are dealt out in turn. */
async function ask(url: string, times: number): Promise<void> {
  for (let i = 0; i < times; i += 1) {
    await new Promise<void>((resolve, reject) => {
      const request = get(url, { agent: new Agent() }, (response) => {
        response.resume().once('end', resolve).once('error', reject)
      })
      request.once('error', reject)
    })
  }
}

function requestsOf(read: Scrape): number {
  return read.sum('dfs_edge_requests_total', 'system="fastdfs"', 'status="200"')
}

function trackerUp(read: Scrape, stack: Stack): number {
  const { host, port } = stack.store.tracker.address
  return read.get(`dfs_edge_host_up{host="${host}:${port}",role="tracker"}`)
}

async function scrapeUntil(admin: string, holds: (read: Scrape) => boolean): Promise<Scrape> {
  let last: Scrape | undefined
  const look = async (): Promise<void> => {
    last = await scrape(admin)
  }
  await look()
  let isLooking = false
  await waitFor('metrics as expected', () => {
    if (last !== undefined && holds(last)) return true
    if (!isLooking) {
      isLooking = true
      void look().finally(() => {
        isLooking = false
      })
    }
    return false
  })
  assert.ok(last)
  return last
}

test('the metrics of several processes are added up', async (t) => {
  const { stack, serve, url } = await startServe(t)
  await ask(url, 10)
  await ask(`${url}x`, 4)
  const read = await scrape(serve.admin)
  assert.equal(requestsOf(read), 10)
  assert.equal(read.sum('dfs_edge_requests_total'), 14)
  assert.equal(read.get('dfs_edge_object_cache_misses_total'), 2)
  assert.equal(read.get('dfs_edge_object_cache_hits_total'), 8)
  assert.equal(read.get('dfs_edge_object_cache_entries'), 2)
  assert.equal(read.get(UP), 2)
  assert.equal(trackerUp(read, stack), 1)
  assert.ok(read.get('dfs_edge_sent_bytes_total{system="fastdfs"}') >= 300_000)
  assert.ok(read.get('dfs_edge_process_resident_memory_bytes') > 50e6)
  assert.ok(read.get('dfs_edge_process_cpu_seconds_total') > 0)
  assert.equal(read.sum('dfs_edge_build_info', `node="${process.version}"`), 1)
})

test('no counter falls when a process is killed, and none when all are replaced', async (t) => {
  const { serve, url } = await startServe(t)
  await ask(url, 10)
  assert.equal(requestsOf(await scrape(serve.admin)), 10)
  const [victim = 0] = serve.workers
  process.kill(victim, 'SIGKILL')
  const read = await scrapeUntil(serve.admin, (one) => {
    assert.ok(requestsOf(one) >= 10)
    return one.get('dfs_edge_worker_deaths_total') === 1 && one.get(UP) === 2
  })
  assert.equal(requestsOf(read), 10)
  await ask(url, 6)
  // Nobody has read those: the processes tell of them when they go.
  await serve.reload()
  const replaced = await scrapeUntil(serve.admin, (one) => {
    assert.ok(requestsOf(one) >= 10)
    return one.get(UP) === 2
  })
  assert.equal(requestsOf(replaced), 16)
  assert.equal(replaced.sum('dfs_edge_request_duration_seconds_count', 'system="fastdfs"'), 16)
  await ask(url, 2)
  assert.equal(requestsOf(await scrape(serve.admin)), 18)
})

test('a process that hangs does not hold up a scrape, and what it said last counts', async (t) => {
  const { serve, url } = await startServe(t)
  await ask(url, 10)
  assert.equal(requestsOf(await scrape(serve.admin)), 10)
  const [hanging = 0] = serve.workers
  process.kill(hanging, 'SIGSTOP')
  t.after(() => process.kill(hanging, 'SIGCONT'))
  const startedAt = performance.now()
  const read = await scrape(serve.admin)
  assert.ok(performance.now() - startedAt < 10_000)
  assert.deepEqual([read.get(UP), read.get(SILENT), requestsOf(read)], [1, 1, 10])
  process.kill(hanging, 'SIGCONT')
  const well = await scrapeUntil(serve.admin, (one) => one.get(UP) === 2)
  assert.equal(requestsOf(well), 10)
})
