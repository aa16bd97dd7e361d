import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { get, type IncomingMessage } from 'node:http'
import { test } from 'node:test'
import pino from 'pino'
import { startEdge } from '../../src/app/wiring.ts'
import { formatRef } from '../../src/resolver/resolver.ts'
import { randomContent } from '../support/random-content.ts'
import type {
  ReplicaDaemon,
  StartStore,
  StoreOptions,
  StoreStack,
  TestContext,
} from './store-stack.ts'

const MB = 1024 * 1024

/** A store, and an edge over HTTP in front of it. */
async function startServing(t: TestContext, startStore: StartStore, options: StoreOptions) {
  const stack = await startStore(t, options)
  const listen = [{ host: '127.0.0.1', port: 0 }]
  const edge = await startEdge({ ...stack.conf, listen }, { logger: pino({ level: 'silent' }) })
  t.after(() => edge.close(0))
  return { ...stack, url: (edge.urls[0] ?? '').slice(0, -1) }
}

function request(url: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => get(url, resolve).once('error', reject))
}

/** Tells, one call after the other, which replica has begun a download since the last call. */
function watchDownloads({ replicas, downloads }: StoreStack): () => ReplicaDaemon | undefined {
  const counts = new Map<ReplicaDaemon, number>()
  return () =>
    replicas.find((replica) => {
      const count = downloads(replica)
      const hasBegun = count > (counts.get(replica) ?? 0)
      counts.set(replica, count)
      return hasBegun
    })
}

/** What clients see of a cluster whose replicas fail, whatever system it is. */
export function replicasSuite(system: string, startStore: StartStore): void {
  test(`${system}: a 100 MB download outlives its storage three times over`, async (t) => {
    const serving = await startServing(t, startStore, { replicas: 3 })
    const content = randomContent(100 * MB)
    const ref = await serving.put(content, 'mp4')
    const nextReplica = watchDownloads(serving)
    const response = await request(serving.url + formatRef(ref))
    const digest = createHash('md5')
    const deaths: ReplicaDaemon[] = []
    let received = 0
    for await (const chunk of response) {
      digest.update(chunk)
      received += chunk.length
      if (deaths.length === 3 || received < (deaths.length + 1) * 25 * MB) continue
      const replica = nextReplica()
      assert.ok(replica, `nobody went on after ${deaths.length} deaths`)
      await replica.stop()
      // The one that died before is back: there are always two that could go on.
      await deaths.at(-1)?.start()
      deaths.push(replica)
    }
    assert.equal(response.statusCode, 200)
    assert.equal(deaths.length, 3)
    assert.equal(received, content.length)
    assert.equal(digest.digest('hex'), createHash('md5').update(content).digest('hex'))
  })

  test(`${system}: a replica with one wrong byte in a 30 KB file never reaches a client`, async (t) => {
    const { put, replicas, downloads, url } = await startServing(t, startStore, {
      replicas: 3,
      isNothingKept: true,
    })
    const content = randomContent(30 * 1024)
    for (const [index, replica] of replicas.entries()) {
      replica.faults = index === 1 ? { wrongByteAt: 12_345 } : {}
    }
    for (let i = 0; i < 10; i += 1) {
      const ref = await put(content, 'jpg')
      const answers = await Promise.all(
        Array.from({ length: 4 }, async () => {
          const response = await fetch(url + formatRef(ref))
          return Buffer.from(await response.arrayBuffer())
        }),
      )
      for (const answer of answers) assert.ok(answer.equals(content))
    }
    const [, wrong] = replicas
    assert.ok(wrong !== undefined && downloads(wrong) > 0)
  })

  test(`${system}: a large file that is wrong on every replica ends in a cut connection`, async (t) => {
    const { put, replicas, url } = await startServing(t, startStore, { replicas: 2 })
    const ref = await put(randomContent(5 * MB))
    for (const replica of replicas) replica.faults = { wrongByteAt: 99 }
    const response = await request(url + formatRef(ref))
    let received = 0
    await assert.rejects(async () => {
      for await (const chunk of response) received += chunk.length
    })
    assert.ok(received < 5 * MB)
  })

  test(`${system}: ranges of one file from several replicas fit together`, async (t) => {
    const { put, replicas, url } = await startServing(t, startStore, { replicas: 3 })
    const content = randomContent(6 * MB)
    const ref = await put(content)
    for (const replica of replicas) replica.faults = { cutAfterBytes: 700_000 }
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
}
