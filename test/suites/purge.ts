import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { formatRef, type Ref } from '../../src/resolver/resolver.ts'
import { randomContent } from '../support/random-content.ts'
import { readAll, type StartStore, type StoreStack } from './store-stack.ts'

const { signal } = new AbortController()

/** What a purge does to all that the edge remembers of a file, whichever system it is of. */
export function purgeSuite(system: string, startStore: StartStore): void {
  describe(`a purge of ${system}`, () => {
    const read = async ({ transfer }: StoreStack, ref: Ref): Promise<Buffer> =>
      readAll(await transfer.open(ref, null, { signal }))
    const counts = (stack: StoreStack) => {
      const downloads = stack.replicas.reduce((sum, replica) => sum + stack.downloads(replica), 0)
      return { downloads, lookups: stack.lookups() }
    }

    test('of a file makes the next request ask trackers and replicas', async (t) => {
      const stack = await startStore(t)
      const [ref, other] = [
        await stack.put(randomContent(3000)),
        await stack.put(randomContent(300, 2)),
      ]
      await read(stack, ref)
      await read(stack, other)
      const before = counts(stack)
      const { refs, objects, contents } = stack.transfer.forget(ref)
      assert.deepEqual([refs, objects], [[formatRef(ref)], 1])
      assert.deepEqual(
        contents.map(({ size }) => size),
        [3000],
      )
      await read(stack, other)
      assert.deepEqual(counts(stack), before)
      assert.deepEqual(await read(stack, ref), randomContent(3000))
      const { downloads, lookups } = before
      assert.deepEqual(counts(stack), { downloads: downloads + 1, lookups: lookups + 1 })
      assert.deepEqual(stack.transfer.forget(ref).objects, 1)
      assert.deepEqual(stack.transfer.forget(ref).objects, 0)
    })

    test('of a prefix leaves all else', async (t) => {
      const stack = await startStore(t)
      const [ref, other] = [
        await stack.put(randomContent(3000)),
        await stack.put(randomContent(300, 2)),
      ]
      await read(stack, ref)
      await read(stack, other)
      const purge = (prefix: string) =>
        stack.transfer.forgetPrefix({ system: ref.system, prefix }).objects
      assert.equal(purge('/elsewhere/'), 0)
      assert.equal(purge(formatRef(ref).slice(0, -1)), 1)
      assert.equal(stack.transfer.peek(ref), undefined)
      assert.ok(stack.transfer.peek(other))
      await read(stack, ref)
      assert.equal(purge('/'), 2)
    })

    test('has replicas prove anew that they are right before a range comes from them', async (t) => {
      const stack = await startStore(t)
      const ref = await stack.put(randomContent(3 * 1024 * 1024))
      const downloadsForRange = async (): Promise<number> => {
        const { downloads } = counts(stack)
        await readAll(await stack.transfer.open(ref, { start: 0, end: 1000 }, { signal }))
        return counts(stack).downloads - downloads
      }
      assert.deepEqual([await downloadsForRange(), await downloadsForRange()], [2, 1])
      stack.transfer.forget(ref)
      assert.deepEqual([await downloadsForRange(), await downloadsForRange()], [2, 1])
      stack.transfer.forgetPrefix({ system: ref.system, prefix: '/' })
      assert.equal(await downloadsForRange(), 2)
    })
  })
}
