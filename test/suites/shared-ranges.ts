import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { EdgeConf } from '../../src/config/index.ts'
import type { ByteRange } from '../../src/resolver/resolver.ts'
import type { Opened } from '../../src/transfer/transfer.ts'
import { randomContent } from '../support/random-content.ts'
import { waitFor } from '../support/wait-for.ts'
import { allDownloads, readAll, type StartStore, type TestContext } from './store-stack.ts'

const MB = 1024 * 1024
const CONTENT = randomContent(4 * MB)
const SLICE = { start: MB, end: 2 * MB }
const { signal } = new AbortController()

/** What holds of ranges that several ask for at once, whatever cluster they come from. */
export function sharedRangesSuite(system: string, startStore: StartStore): void {
  /** A file of which no sums are taken, so that each stream is one download. */
  const start = async (t: TestContext, memory: Partial<EdgeConf['memory']> = {}) => {
    const conf = (base: EdgeConf): EdgeConf => ({
      ...base,
      memory: { ...base.memory, verifyRangesMaxBytes: 0, ...memory },
    })
    const stack = await startStore(t, { conf })
    const ref = await stack.put(CONTENT)
    const open = (range: ByteRange = SLICE, of = signal): Promise<Opened | null> =>
      stack.transfer.open(ref, range, { signal: of })
    return { ...stack, ref, open, downloads: () => allDownloads(stack) }
  }
  const assertSlice = async (opened: Opened | null, { start, end }: ByteRange = SLICE) =>
    assert.deepEqual(await readAll(opened), CONTENT.subarray(start, end))

  describe(`ranges of ${system} that several ask for at once`, () => {
    test('are two downloads: a stream for the first one, and one for all others', async (t) => {
      const { transfer, open, downloads } = await start(t)
      const first = await open()
      const others = await Promise.all(Array.from({ length: 20 }, () => open()))
      for (const one of [...others, first]) await assertSlice(one)
      assert.equal(downloads(), 2)
      assert.equal(transfer.state.verifyPool.bytes, 0)
      await assertSlice(await open())
      assert.equal(downloads(), 3)
    })

    test('begin for each at once, also where the first client takes nothing', async (t) => {
      const { open, downloads } = await start(t)
      const client = new AbortController()
      await open(SLICE, client.signal)
      for (let i = 0; i < 3; i += 1) await assertSlice(await open())
      assert.equal(downloads(), 4)
      client.abort()
      await assertSlice(await open())
      await assertSlice(await open())
      assert.equal(downloads(), 6)
    })

    test('are read on for those who stay, and no further when all have gone', async (t) => {
      const { transfer, open, replicas } = await start(t)
      const first = await open()
      for (const replica of replicas) replica.faults = { hang: true }
      const clients = [new AbortController(), new AbortController()]
      const opened = clients.map((client) => open(SLICE, client.signal))
      await waitFor('memory to be reserved', () => transfer.state.verifyPool.bytes === MB)
      const outcomes = Promise.allSettled(opened)
      clients[0]?.abort()
      assert.equal(transfer.state.verifyPool.bytes, MB)
      clients[1]?.abort()
      for (const outcome of await outcomes) {
        assert.equal(outcome.status === 'rejected' && outcome.reason.code, 'aborted')
      }
      assert.equal(transfer.state.verifyPool.bytes, 0)
      await assertSlice(first)
    })

    test('are streams of their own where memory is used up', async (t) => {
      const { open, downloads } = await start(t, { verifyPoolBytes: 1000 })
      for (const one of [await open(), await open(), await open()]) await assertSlice(one)
      assert.equal(downloads(), 3)
    })

    test('are streams of their own where they are long, or others', async (t) => {
      const { open, downloads } = await start(t)
      const [long, other] = [
        { start: 0, end: MB + 1 },
        { start: MB + 1, end: 2 * MB },
      ]
      const opened = [await open(long), await open(long), await open(long)]
      for (const one of opened) await assertSlice(one, long)
      assert.equal(downloads(), 3)
      const [one, two] = [await open(), await open(other)]
      await assertSlice(one)
      await assertSlice(two, other)
      assert.equal(downloads(), 5)
    })

    test('come whole although replicas break', async (t) => {
      const { open, replicas } = await start(t)
      for (const replica of replicas) replica.faults = { cutAfterBytes: 300_000 }
      for (const one of await Promise.all([open(), open(), open()])) await assertSlice(one)
    })

    test('are loaded anew after a purge', async (t) => {
      const { transfer, open, downloads, ref } = await start(t)
      const opened = [await open(), await open()]
      transfer.forget(ref)
      opened.push(await open())
      assert.equal(downloads(), 3)
      for (const one of opened) await assertSlice(one)
      assert.equal(transfer.state.verifyPool.bytes, 0)
    })
  })
}
