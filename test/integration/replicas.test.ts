import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { get, type IncomingMessage } from 'node:http'
import { test } from 'node:test'
import pino from 'pino'
import { startEdge } from '../../src/app/wiring.ts'
import type { FdfsStoraged } from '../../src/embedded/embedded-fastdfs.ts'
import { formatRef } from '../../src/resolver/resolver.ts'
import { COMMAND } from '../../src/wire/fastdfs/commands.ts'
import { type Stack, type StackOptions, startStack } from '../support/edge-stack.ts'
import { randomContent } from '../support/random-content.ts'

const MB = 1024 * 1024

async function startServing(t: { after(fn: () => unknown): void }, options: StackOptions) {
  const stack = await startStack(t, options)
  const listen = [{ host: '127.0.0.1', port: 0 }]
  const edge = await startEdge({ ...stack.conf, listen }, { logger: pino({ level: 'silent' }) })
  t.after(() => edge.close(0))
  return { ...stack, url: (edge.urls[0] ?? '').slice(0, -1) }
}

function request(url: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => get(url, resolve).once('error', reject))
}

/** Tells, one call after the other, which storage has begun a download since the last call. */
function watchDownloads({ store }: Stack): () => FdfsStoraged | undefined {
  const counts = new Map<FdfsStoraged, number>()
  return () =>
    store.storages.find((storage) => {
      const count = storage.counters.requests(COMMAND.DOWNLOAD_FILE)
      const hasBegun = count > (counts.get(storage) ?? 0)
      counts.set(storage, count)
      return hasBegun
    })
}

test('a 100 MB download outlives its storage three times over', async (t) => {
  const serving = await startServing(t, { storages: 3 })
  const content = randomContent(100 * MB)
  const ref = await serving.upload(content, { extName: 'mp4' })
  const nextStorage = watchDownloads(serving)
  const response = await request(serving.url + formatRef(ref))
  const digest = createHash('md5')
  const deaths: FdfsStoraged[] = []
  let received = 0
  for await (const chunk of response) {
    digest.update(chunk)
    received += chunk.length
    if (deaths.length === 3 || received < (deaths.length + 1) * 25 * MB) continue
    const storage = nextStorage()
    assert.ok(storage, `nobody went on after ${deaths.length} deaths`)
    await storage.stop()
    // The one that died before is back: there are always two that could go on.
    await deaths.at(-1)?.start()
    deaths.push(storage)
  }
  assert.equal(response.statusCode, 200)
  assert.equal(deaths.length, 3)
  assert.equal(received, content.length)
  assert.equal(digest.digest('hex'), createHash('md5').update(content).digest('hex'))
})

test('a replica with one wrong byte in a 30 KB file never reaches a client', async (t) => {
  const { upload, store, url } = await startServing(t, {
    storages: 3,
    conf: (conf) => ({ ...conf, memory: { ...conf.memory, objectCacheBytes: 0 } }),
  })
  const content = randomContent(30 * 1024)
  for (const [index, storage] of store.storages.entries()) {
    storage.faults = index === 1 ? { wrongByteAt: 12_345 } : {}
  }
  for (let i = 0; i < 10; i += 1) {
    const ref = await upload(content, { extName: 'jpg' })
    const answers = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const response = await fetch(url + formatRef(ref))
        return Buffer.from(await response.arrayBuffer())
      }),
    )
    for (const answer of answers) assert.ok(answer.equals(content))
  }
  assert.ok((store.storages[1]?.counters.requests(COMMAND.DOWNLOAD_FILE) ?? 0) > 0)
})

test('a large file that is wrong on every replica ends in a cut connection', async (t) => {
  const { upload, store, url } = await startServing(t, { storages: 2 })
  const ref = await upload(randomContent(5 * MB))
  for (const storage of store.storages) storage.faults = { wrongByteAt: 99 }
  const response = await request(url + formatRef(ref))
  let received = 0
  await assert.rejects(async () => {
    for await (const chunk of response) received += chunk.length
  })
  assert.ok(received < 5 * MB)
})

test('ranges of one file from several replicas fit together', async (t) => {
  const { upload, store, url } = await startServing(t, { storages: 3 })
  const content = randomContent(6 * MB)
  const ref = await upload(content)
  for (const storage of store.storages) storage.faults = { cutAfterBytes: 700_000 }
  const ranges = 'bytes=0-99,1000000-2999999,-1000000'
  const response = await fetch(url + formatRef(ref), { headers: { Range: ranges } })
  assert.equal(response.status, 206)
  const body = Buffer.from(await response.arrayBuffer())
  assert.equal(body.length, Number(response.headers.get('content-length')))
  for (const part of [
    [0, 100],
    [1_000_000, 3_000_000],
    [5 * MB + 48_576, 6 * MB],
  ] as const) {
    assert.ok(body.includes(content.subarray(...part)), `bytes ${part.join(' to ')}`)
  }
})
