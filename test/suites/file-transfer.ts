import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { EdgeConf } from '../../src/config/index.ts'
import { EdgeError } from '../../src/errors.ts'
import type { Opened } from '../../src/transfer/transfer.ts'
import { randomContent } from '../support/random-content.ts'
import { waitFor } from '../support/wait-for.ts'
import { fileRangesSuite } from './file-ranges.ts'
import { sharedRangesSuite } from './shared-ranges.ts'
import { allDownloads, countEvents, readAll, type StartStore, untilEvent } from './store-stack.ts'

const { signal } = new AbortController()
const MB = 1024 * 1024

/** What holds of files whatever cluster they come from. */
export function fileTransferSuite(system: string, startStore: StartStore): void {
  smallFiles(system, startStore)
  largeFiles(system, startStore)
  fileRangesSuite(system, startStore)
  sharedRangesSuite(system, startStore)
  silentReplicas(system, startStore)
  missingFiles(system, startStore)
}

function smallFiles(system: string, startStore: StartStore): void {
  describe(`small files of ${system}`, () => {
    test('come whole, and ranges of them are cut out of the verified whole', async (t) => {
      const { transfer, put } = await startStore(t)
      const content = randomContent(30_000)
      const ref = await put(content)
      assert.deepEqual(await readAll(await transfer.open(ref, null, { signal })), content)
      const range = { start: 100, end: 200 }
      const part = await transfer.open(ref, range, { signal })
      assert.deepEqual(await readAll(part), content.subarray(100, 200))
      assert.deepEqual(part?.range, range)
    })

    test('come out of memory the second time', async (t) => {
      const stack = await startStore(t)
      const { transfer, put } = stack
      const ref = await put(randomContent(30_000))
      assert.equal(transfer.peek(ref), undefined)
      await readAll(await transfer.open(ref, null, { signal }))
      assert.equal(transfer.peek(ref)?.facts.size, 30_000)
      await readAll(await transfer.open(ref, null, { signal }))
      assert.equal(allDownloads(stack), 1)
    })

    test('many who ask at the same time share one flight', async (t) => {
      const stack = await startStore(t)
      const { transfer, put, lookups } = stack
      const content = randomContent(300_000)
      const ref = await put(content)
      const opened = await Promise.all(
        Array.from({ length: 50 }, () => transfer.open(ref, null, { signal })),
      )
      for (const one of opened) assert.deepEqual(await readAll(one), content)
      assert.equal(allDownloads(stack), 1)
      assert.equal(lookups(), 1)
    })

    test('a wrong byte on one replica never comes out', async (t) => {
      const stack = await startStore(t, { replicas: 2, isNothingKept: true })
      const { transfer, put, replicas } = stack
      const content = randomContent(30_000)
      const ref = await put(content)
      for (const replica of replicas.slice(0, 1)) replica.faults = { wrongByteAt: 15_000 }
      const read = async (): Promise<void> => {
        assert.deepEqual(await readAll(await transfer.open(ref, null, { signal })), content)
      }
      await untilEvent(stack, 'wrong_content', read)
      for (let i = 0; i < 6; i += 1) await read()
      const wrong = countEvents(stack, 'wrong_content')
      assert.equal(wrong, 1, 'the replica is avoided once it was wrong')
    })

    test('wrong bytes on every replica are a failure and no body', async (t) => {
      const { transfer, put, replicas } = await startStore(t, { replicas: 2 })
      const ref = await put(randomContent(30_000))
      for (const replica of replicas) replica.faults = { wrongByteAt: 0 }
      await assert.rejects(transfer.open(ref, null, { signal }), { code: 'replicas_failed' })
    })

    test('a replica that holds a cut file is passed by', async (t) => {
      const { transfer, put, replicas } = await startStore(t, { replicas: 2 })
      const content = randomContent(30_000)
      const ref = await put(content)
      for (const wrongLength of [-1, 1]) {
        for (const replica of replicas.slice(0, 1)) replica.faults = { wrongLength }
        transfer.forget(ref)
        assert.deepEqual(await readAll(await transfer.open(ref, null, { signal })), content)
      }
    })

    test('a file cut on disk under its only replica is a failure', async (t) => {
      const { transfer, put, cutOnDisk } = await startStore(t)
      const ref = await put(randomContent(30_000))
      await cutOnDisk(ref, 20_000)
      await assert.rejects(transfer.open(ref, null, { signal }), { code: 'replicas_failed' })
    })

    test('an empty file is answered without a download', async (t) => {
      const stack = await startStore(t)
      const { transfer, put } = stack
      const ref = await put(Buffer.alloc(0))
      const opened = await transfer.open(ref, null, { signal })
      assert.equal((await readAll(opened)).length, 0)
      assert.equal(allDownloads(stack), 0)
    })

    test('memory for files on their way is given back, also by clients that went away', async (t) => {
      const { transfer, put } = await startStore(t)
      const ref = await put(randomContent(MB))
      const controller = new AbortController()
      const unread = await transfer.open(ref, null, { signal: controller.signal })
      assert.notEqual(unread, null)
      assert.equal(transfer.state.verifyPool.bytes, MB)
      controller.abort()
      assert.equal(transfer.state.verifyPool.bytes, 0)
      await readAll(await transfer.open(ref, null, { signal }))
      assert.equal(transfer.state.verifyPool.bytes, 0)
    })

    test('stream when the memory for them is used up', async (t) => {
      const { transfer, put } = await startStore(t, {
        conf: (conf) => ({ ...conf, memory: { ...conf.memory, verifyPoolBytes: 1000 } }),
      })
      const content = randomContent(MB)
      const ref = await put(content)
      assert.deepEqual(await readAll(await transfer.open(ref, null, { signal })), content)
    })
  })
}

function largeFiles(system: string, startStore: StartStore): void {
  describe(`large files of ${system}`, () => {
    test('that clients take their time for leave connections to small ones', async (t) => {
      const conf = (base: EdgeConf): EdgeConf => ({
        ...base,
        pool: { ...base.pool, maxConnections: 4 },
      })
      const { transfer, put } = await startStore(t, { conf })
      const [large, small] = [await put(randomContent(8 * MB)), await put(randomContent(30_000, 2))]
      const clients = new AbortController()
      t.after(() => clients.abort())
      const open = (): Promise<Opened | null> =>
        transfer.open(large, null, { signal: clients.signal })
      const opened = [await open(), await open(), await open()]
      await assert.rejects(open(), { code: 'overloaded' })
      assert.equal((await readAll(await transfer.open(small, null, { signal }))).length, 30_000)
      for (const one of opened) assert.equal((await readAll(one)).length, 8 * MB)
      assert.equal((await readAll(await open())).length, 8 * MB)
    })

    test('are asked for one after another, and others come between them', async (t) => {
      const stack = await startStore(t)
      const ref = await stack.put(randomContent(2 * MB))
      const clients = new AbortController()
      const opened = Array.from({ length: 50 }, () =>
        stack.transfer.open(ref, null, { signal: clients.signal }),
      )
      for (let rounds = 0; allDownloads(stack) < opened.length; rounds += 1) {
        // The first one has its turn at once.
        assert.ok(
          allDownloads(stack) <= rounds + 1,
          `${allDownloads(stack)} after ${rounds} rounds`,
        )
        await new Promise((resolve) => setImmediate(resolve))
      }
      assert.equal((await Promise.all(opened)).length, opened.length)
      clients.abort()
    })

    test('come as a stream, whole or a range of it', async (t) => {
      const { transfer, put } = await startStore(t)
      const content = randomContent(5 * MB)
      const ref = await put(content)
      assert.deepEqual(await readAll(await transfer.open(ref, null, { signal })), content)
      const range = { start: 2 * MB, end: 4 * MB + 7 }
      const part = await transfer.open(ref, range, { signal })
      assert.deepEqual(await readAll(part), content.subarray(range.start, range.end))
    })

    test('go on from another replica where one breaks, as often as it takes', async (t) => {
      const stack = await startStore(t, { replicas: 3 })
      const { transfer, put, replicas } = stack
      const content = randomContent(8 * MB)
      const ref = await put(content)
      for (const replica of replicas) replica.faults = { cutAfterBytes: 3 * MB }
      assert.deepEqual(await readAll(await transfer.open(ref, null, { signal })), content)
      assert.equal(countEvents(stack, 'resumed'), 2)
    })

    test('go on from the same replica where there is no other', async (t) => {
      const { transfer, put, replicas } = await startStore(t)
      const content = randomContent(8 * MB)
      const ref = await put(content)
      for (const replica of replicas) replica.faults = { cutAfterBytes: 3 * MB }
      assert.deepEqual(await readAll(await transfer.open(ref, null, { signal })), content)
    })

    test('are given up where no replica gives anything any more', async (t) => {
      const { transfer, put, replicas } = await startStore(t, { replicas: 2 })
      const ref = await put(randomContent(8 * MB))
      for (const replica of replicas) replica.faults = { cutAfterBytes: 0 }
      await assert.rejects(async () => readAll(await transfer.open(ref, null, { signal })))
    })

    test('break when the last replica dies and stays dead', async (t) => {
      const { transfer, put, replicas } = await startStore(t)
      const ref = await put(randomContent(8 * MB))
      const opened = await transfer.open(ref, null, { signal })
      await replicas[0]?.stop()
      await assert.rejects(readAll(opened))
    })

    test('that are wrong are never complete', async (t) => {
      const stack = await startStore(t, { replicas: 2, isNothingKept: true })
      const { transfer, put, replicas } = stack
      const content = randomContent(3 * MB)
      const ref = await put(content)
      for (const replica of replicas.slice(0, 1)) replica.faults = { wrongByteAt: 100 }
      let cuts = 0
      const read = async (): Promise<void> => {
        const opened = await transfer.open(ref, null, { signal })
        try {
          assert.deepEqual(await readAll(opened), content)
        } catch (error) {
          assert.ok(error instanceof EdgeError && error.code === 'wrong_content', `${error}`)
          cuts += 1
        }
      }
      await untilEvent(stack, 'wrong_content', read)
      for (let i = 0; i < 6; i += 1) await read()
      assert.equal(cuts, 1, 'the wrong replica is avoided from its first wrong answer on')
      assert.equal(countEvents(stack, 'wrong_content'), 1)
    })

    test('a replica that sends too slowly is left for another', async (t) => {
      const stack = await startStore(t, { replicas: 2, isNothingKept: true })
      const { transfer, put, replicas } = stack
      const content = randomContent(3 * MB)
      const ref = await put(content)
      for (const replica of replicas.slice(0, 1)) replica.faults = { bytesPerSecond: 1000 }
      await untilEvent(stack, 'resumed', async () => {
        assert.deepEqual(await readAll(await transfer.open(ref, null, { signal })), content)
      })
    })

    test('two replicas that send too slowly are left for the third', async (t) => {
      const { transfer, put, replicas } = await startStore(t, { replicas: 3 })
      const content = randomContent(2 * MB)
      const ref = await put(content)
      for (const replica of replicas.slice(0, 2)) replica.faults = { bytesPerSecond: 1000 }
      assert.deepEqual(await readAll(await transfer.open(ref, null, { signal })), content)
    })

    test('a client that goes away frees the storage', async (t) => {
      const { transfer, put, replicas } = await startStore(t)
      const ref = await put(randomContent(20 * MB))
      const controller = new AbortController()
      const opened = await transfer.open(ref, null, { signal: controller.signal })
      assert.ok(opened !== null && !Buffer.isBuffer(opened.body))
      const chunks = opened.body[Symbol.asyncIterator]()
      await chunks.next()
      controller.abort()
      await assert.rejects(Array.fromAsync({ [Symbol.asyncIterator]: () => chunks }))
      const [replica] = replicas
      await waitFor('the connection to close', () => replica?.counters.connectionsOpen === 0)
    })
  })
}

function silentReplicas(system: string, startStore: StartStore): void {
  describe(`replicas of ${system} that do not answer`, () => {
    for (const [what, faults] of [
      ['refuses', { refuse: true }],
      ['hangs', { hang: true }],
      ['sends garbage', { garbage: true }],
      ['answers with an error', { status: 0 }],
      ['closes after the header', { cutAfterBytes: 0 }],
    ] as const) {
      test(`one that ${what} is passed by`, async (t) => {
        const { transfer, put, replicas, errorStatus } = await startStore(t, { replicas: 2 })
        const small = await put(randomContent(3000))
        const large = await put(randomContent(3 * MB))
        const status = 'status' in faults ? { status: errorStatus } : {}
        for (const replica of replicas.slice(0, 1)) replica.faults = { ...faults, ...status }
        for (let i = 0; i < 3; i += 1) {
          transfer.forget(small)
          assert.equal((await readAll(await transfer.open(small, null, { signal }))).length, 3000)
          assert.equal((await readAll(await transfer.open(large, null, { signal }))).length, 3 * MB)
        }
      })
    }

    test('all down: a failure, and no 404', async (t) => {
      const { transfer, put, replicas } = await startStore(t, { replicas: 2 })
      const ref = await put(randomContent(3000))
      await Promise.all(replicas.map((replica) => replica.stop()))
      await assert.rejects(transfer.open(ref, null, { signal }), { code: 'replicas_failed' })
    })

    test('all hanging: a timeout', async (t) => {
      const { transfer, put, replicas } = await startStore(t, {
        replicas: 2,
        conf: (conf) => ({ ...conf, timeouts: { ...conf.timeouts, firstAnswerMs: 150 } }),
      })
      const ref = await put(randomContent(3000))
      for (const replica of replicas) replica.faults = { hang: true }
      await assert.rejects(transfer.open(ref, null, { signal }), { code: 'replicas_timed_out' })
    })
  })
}

function missingFiles(system: string, startStore: StartStore): void {
  describe(`a file of ${system} that is not there`, () => {
    test('where every replica says so', async (t) => {
      const { transfer, put, replicas } = await startStore(t, { replicas: 2 })
      const ref = await put(randomContent(3000))
      for (const replica of replicas) replica.faults = { missing: () => true }
      assert.equal(await transfer.open(ref, null, { signal }), null)
      assert.equal(await transfer.facts(ref), null)
    })

    test('not where one replica has it: it is on its way to the others', async (t) => {
      const { transfer, put, replicas } = await startStore(t, { replicas: 3 })
      const ref = await put(randomContent(3000))
      for (const replica of replicas.slice(0, 2)) replica.faults = { missing: () => true }
      assert.equal((await readAll(await transfer.open(ref, null, { signal }))).length, 3000)
    })
  })
}
