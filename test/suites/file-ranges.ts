import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ByteRange } from '../../src/resolver/resolver.ts'
import { randomContent } from '../support/random-content.ts'
import {
  allDownloads,
  countEvents,
  type ReplicaDaemon,
  readAll,
  type StartStore,
  type StoreStack,
  untilEvent,
} from './store-stack.ts'

const { signal } = new AbortController()
const MB = 1024 * 1024

/** What holds of ranges of large files whatever cluster they come from. */
export function fileRangesSuite(system: string, startStore: StartStore): void {
  describe(`ranges of large files of ${system}`, () => {
    test('go on from another replica where one breaks', async (t) => {
      const { transfer, put, replicas } = await startStore(t, { replicas: 2 })
      const content = randomContent(8 * MB)
      const ref = await put(content)
      for (const replica of replicas) replica.faults = { cutAfterBytes: 2 * MB }
      const range = { start: MB, end: 7 * MB }
      const part = await transfer.open(ref, range, { signal })
      assert.deepEqual(await readAll(part), content.subarray(range.start, range.end))
    })

    test('never come from a replica with a wrong byte', async (t) => {
      const stack = await startStore(t, { replicas: 2 })
      const { transfer, put, replicas } = stack
      const content = randomContent(3 * MB)
      const ref = await put(content)
      for (const replica of replicas.slice(0, 1)) replica.faults = { wrongByteAt: 2 * MB }
      for (let i = 0; i < 8; i += 1) {
        const range = { start: MB + i, end: 2 * MB + 100 }
        const part = await transfer.open(ref, range, { signal })
        assert.deepEqual(await readAll(part), content.subarray(range.start, range.end))
      }
      assert.ok(countEvents(stack, 'wrong_content') <= 1, 'it is avoided once it was wrong')
      for (const replica of replicas) replica.faults = { wrongByteAt: 0 }
      const other = await put(randomContent(3 * MB, 2))
      const range = { start: MB, end: 2 * MB }
      await assert.rejects(transfer.open(other, range, { signal }), { code: 'replicas_failed' })
    })

    test('come from a replica that breaks where the other one is gone', async (t) => {
      const { transfer, put, replicas } = await startStore(t, { replicas: 2 })
      const content = randomContent(3 * MB)
      const ref = await put(content)
      for (const replica of replicas) replica.faults = { cutAfterBytes: 2 * MB }
      await replicas[1]?.stop()
      const range = { start: MB, end: 3 * MB }
      const part = await transfer.open(ref, range, { signal })
      assert.deepEqual(await readAll(part), content.subarray(range.start, range.end))
    })

    test('have their file read whole once, unless all of it was asked for', async (t) => {
      const stack = await startStore(t)
      const { transfer, put } = stack
      const content = randomContent(3 * MB)
      const ranges = [0, 1, 2].map((at) => ({ start: at * MB + 1, end: (at + 1) * MB }))
      for (const [isReadBefore, downloads] of [
        [false, 4],
        [true, 4],
      ] as const) {
        const ref = await put(Buffer.concat([content, Buffer.from(`${isReadBefore}`)]))
        const before = allDownloads(stack)
        if (isReadBefore) await readAll(await transfer.open(ref, null, { signal }))
        await Promise.all(
          ranges.map(async (range) => {
            const part = await transfer.open(ref, range, { signal })
            assert.deepEqual(await readAll(part), content.subarray(range.start, range.end))
          }),
        )
        assert.equal(allDownloads(stack) - before, downloads)
      }
    })

    test('are right while replicas that were right go wrong', async (t) => {
      const stack = await startStore(t, { replicas: 2, isNothingKept: true })
      const { read, asked } = await readRange(stack, { start: 0, end: MB })
      asked.faults = { wrongByteAt: 100 }
      await untilEvent(stack, 'wrong_content', read)
      for (let i = 0; i < 4; i += 1) await read()
      assert.equal(countEvents(stack, 'wrong_content'), 1)
    })

    test('begin with whichever replica has its first block there', async (t) => {
      const stack = await startStore(t, { replicas: 2, isNothingKept: true })
      const { read, asked } = await readRange(stack, { start: MB + 1, end: 2 * MB })
      asked.faults = { bytesPerSecond: 1000 }
      await untilEvent(stack, 'failed_over', read)
      assert.equal(countEvents(stack, 'resumed'), 0)
    })
  })
}

/** Of a new file, which is then proven right. */
async function readRange(
  { transfer, put, replicas, downloads }: StoreStack,
  range: ByteRange,
): Promise<{ read(): Promise<void>; asked: ReplicaDaemon }> {
  const content = randomContent(3 * MB)
  const ref = await put(content)
  const read = async (): Promise<void> => {
    const part = await transfer.open(ref, range, { signal })
    assert.deepEqual(await readAll(part), content.subarray(range.start, range.end))
  }
  await read()
  const asked = replicas.find((replica) => downloads(replica) > 0)
  assert.ok(asked)
  return { read, asked }
}
