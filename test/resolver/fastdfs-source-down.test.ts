import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { keepNothing, readAll } from '../suites/store-stack.ts'
import { startStack } from '../support/edge-stack.ts'
import { randomContent } from '../support/random-content.ts'

const { signal } = new AbortController()

describe('a new file that has come to no other storage, while its source is OFFLINE to the tracker', () => {
  /** The first storage is the source. The tracker names the second. */
  async function startPair(t: TestContext) {
    const stack = await startStack(t, { storages: 2, conf: keepNothing })
    const [source, other] = stack.store.storages
    assert.ok(source && other)
    const ref = await stack.upload(randomContent(3000), { to: 0 })
    source.faults = { isUnheard: true }
    other.faults = { missing: () => true }
    const read = async (): Promise<number | null> => {
      const body = await stack.transfer.open(ref, null, { signal })
      return body === null ? null : (await readAll(body)).length
    }
    const facts = () => stack.cluster.resolver.resolve(ref, { isConfirmed: true })
    return { source, read, facts }
  }

  test('comes from its source', async (t) => {
    const { read, facts } = await startPair(t)
    assert.equal(await read(), 3000)
    assert.equal((await facts())?.facts.size, 3000)
  })

  test('is not missing while its source is down', async (t) => {
    const { source, read, facts } = await startPair(t)
    await source.stop()
    for (const ask of [read, facts]) await assert.rejects(ask(), { code: 'replicas_failed' })
  })

  test('is not waited for where its source hangs', async (t) => {
    const { source, read, facts } = await startPair(t)
    source.faults = { ...source.faults, hang: true }
    const hung = { code: 'replicas_timed_out', message: /hangs: it answers no ping/ }
    for (const ask of [read, facts]) await assert.rejects(ask(), hung)
  })

  test('is not there where its source says so, too', async (t) => {
    const { source, read, facts } = await startPair(t)
    source.faults = { ...source.faults, missing: () => true }
    for (const ask of [read, facts]) assert.equal(await ask(), null)
  })
})
