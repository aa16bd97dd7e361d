import assert from 'node:assert/strict'
import { truncate } from 'node:fs/promises'
import { describe, test } from 'node:test'
import { COMMAND } from '../../src/wire/fastdfs/commands.ts'
import { readAll, startStack } from '../support/edge-stack.ts'
import { randomContent } from '../support/random-content.ts'
import { waitFor } from '../support/wait-for.ts'

const { signal } = new AbortController()
const MB = 1024 * 1024

describe('small files', () => {
  test('come whole, and ranges of them are cut out of the verified whole', async (t) => {
    const { transfer, upload } = await startStack(t)
    const content = randomContent(30_000)
    const ref = await upload(content)
    assert.deepEqual(await readAll(await transfer.open(ref, null, { signal })), content)
    const range = { start: 100, end: 200 }
    const part = await transfer.open(ref, range, { signal })
    assert.deepEqual(await readAll(part), content.subarray(100, 200))
    assert.deepEqual(part?.range, range)
  })

  test('come out of memory the second time', async (t) => {
    const { transfer, upload, store } = await startStack(t)
    const ref = await upload(randomContent(30_000))
    assert.equal(transfer.peek(ref), undefined)
    await readAll(await transfer.open(ref, null, { signal }))
    assert.equal(transfer.peek(ref)?.facts.size, 30_000)
    await readAll(await transfer.open(ref, null, { signal }))
    assert.equal(store.storages[0]?.counters.requests(COMMAND.DOWNLOAD_FILE), 1)
  })

  test('many who ask at the same time share one flight', async (t) => {
    const { transfer, upload, store } = await startStack(t)
    const content = randomContent(300_000)
    const ref = await upload(content)
    const opened = await Promise.all(
      Array.from({ length: 50 }, () => transfer.open(ref, null, { signal })),
    )
    for (const one of opened) assert.deepEqual(await readAll(one), content)
    assert.equal(store.storages[0]?.counters.requests(COMMAND.DOWNLOAD_FILE), 1)
    assert.equal(store.tracker.counters.requests(COMMAND.QUERY_FETCH_ALL), 1)
  })

  test('a wrong byte on one replica never comes out', async (t) => {
    const { transfer, upload, store, events } = await startStack(t, { storages: 2 })
    const content = randomContent(30_000)
    const ref = await upload(content)
    for (const storage of store.storages.slice(0, 1)) storage.faults = { wrongByteAt: 15_000 }
    for (let i = 0; i < 4; i += 1) {
      transfer.forget(ref)
      assert.deepEqual(await readAll(await transfer.open(ref, null, { signal })), content)
    }
    const wrong = events.filter(({ type }) => type === 'wrong_content')
    assert.equal(wrong.length, 1, 'the replica is avoided once it was wrong')
  })

  test('wrong bytes on every replica are a failure and no body', async (t) => {
    const { transfer, upload, store } = await startStack(t, { storages: 2 })
    const ref = await upload(randomContent(30_000))
    for (const storage of store.storages) storage.faults = { wrongByteAt: 0 }
    await assert.rejects(transfer.open(ref, null, { signal }), { code: 'replicas_failed' })
  })

  test('a replica that holds a cut file is passed by', async (t) => {
    const { transfer, upload, store } = await startStack(t, { storages: 2 })
    const content = randomContent(30_000)
    const ref = await upload(content)
    for (const wrongLength of [-1, 1]) {
      for (const storage of store.storages.slice(0, 1)) storage.faults = { wrongLength }
      transfer.forget(ref)
      assert.deepEqual(await readAll(await transfer.open(ref, null, { signal })), content)
    }
  })

  test('a file cut on disk under its only replica is a failure', async (t) => {
    const { transfer, upload, store } = await startStack(t)
    const ref = await upload(randomContent(30_000))
    await truncate(store.pathOf(ref), 20_000)
    await assert.rejects(transfer.open(ref, null, { signal }), { code: 'replicas_failed' })
  })

  test('an empty file is answered without a download', async (t) => {
    const { transfer, upload, store } = await startStack(t)
    const ref = await upload(Buffer.alloc(0))
    const opened = await transfer.open(ref, null, { signal })
    assert.equal((await readAll(opened)).length, 0)
    assert.equal(store.storages[0]?.counters.requests(COMMAND.DOWNLOAD_FILE), 0)
  })

  test('memory for files on their way is given back, also by clients that went away', async (t) => {
    const { transfer, upload } = await startStack(t)
    const ref = await upload(randomContent(MB))
    const controller = new AbortController()
    const unread = await transfer.open(ref, null, { signal: controller.signal })
    assert.notEqual(unread, null)
    assert.equal(transfer.bufferedBytes, MB)
    controller.abort()
    assert.equal(transfer.bufferedBytes, 0)
    await readAll(await transfer.open(ref, null, { signal }))
    assert.equal(transfer.bufferedBytes, 0)
  })

  test('stream when the memory for them is used up', async (t) => {
    const { transfer, upload } = await startStack(t, {
      conf: (conf) => ({ ...conf, memory: { ...conf.memory, verifyPoolBytes: 1000 } }),
    })
    const content = randomContent(MB)
    const ref = await upload(content)
    assert.deepEqual(await readAll(await transfer.open(ref, null, { signal })), content)
  })
})

describe('large files', () => {
  test('come as a stream, whole or a range of it', async (t) => {
    const { transfer, upload } = await startStack(t)
    const content = randomContent(5 * MB)
    const ref = await upload(content)
    assert.deepEqual(await readAll(await transfer.open(ref, null, { signal })), content)
    const range = { start: 2 * MB, end: 4 * MB + 7 }
    const part = await transfer.open(ref, range, { signal })
    assert.deepEqual(await readAll(part), content.subarray(range.start, range.end))
  })

  test('go on from another replica where one breaks, as often as it takes', async (t) => {
    const { transfer, upload, store, events } = await startStack(t, { storages: 3 })
    const content = randomContent(8 * MB)
    const ref = await upload(content)
    for (const storage of store.storages) storage.faults = { cutAfterBytes: 3 * MB }
    assert.deepEqual(await readAll(await transfer.open(ref, null, { signal })), content)
    assert.equal(events.filter(({ type }) => type === 'resumed').length, 2)
  })

  test('a range goes on as well', async (t) => {
    const { transfer, upload, store } = await startStack(t, { storages: 2 })
    const content = randomContent(8 * MB)
    const ref = await upload(content)
    for (const storage of store.storages) storage.faults = { cutAfterBytes: 2 * MB }
    const range = { start: MB, end: 7 * MB }
    const part = await transfer.open(ref, range, { signal })
    assert.deepEqual(await readAll(part), content.subarray(range.start, range.end))
  })

  test('go on from the same replica where there is no other', async (t) => {
    const { transfer, upload, store } = await startStack(t)
    const content = randomContent(8 * MB)
    const ref = await upload(content)
    for (const storage of store.storages) storage.faults = { cutAfterBytes: 3 * MB }
    assert.deepEqual(await readAll(await transfer.open(ref, null, { signal })), content)
  })

  test('are given up where no replica gives anything any more', async (t) => {
    const { transfer, upload, store } = await startStack(t, { storages: 2 })
    const ref = await upload(randomContent(8 * MB))
    for (const storage of store.storages) storage.faults = { cutAfterBytes: 0 }
    await assert.rejects(async () => readAll(await transfer.open(ref, null, { signal })))
  })

  test('break when the last replica dies and stays dead', async (t) => {
    const { transfer, upload, store } = await startStack(t)
    const ref = await upload(randomContent(8 * MB))
    const opened = await transfer.open(ref, null, { signal })
    await store.storages[0]?.stop()
    await assert.rejects(readAll(opened))
  })

  test('that are wrong are never complete', async (t) => {
    const { transfer, upload, store, events } = await startStack(t, { storages: 2 })
    const content = randomContent(3 * MB)
    const ref = await upload(content)
    for (const storage of store.storages.slice(0, 1)) storage.faults = { wrongByteAt: 100 }
    let cuts = 0
    for (let i = 0; i < 4; i += 1) {
      const opened = await transfer.open(ref, null, { signal })
      try {
        assert.deepEqual(await readAll(opened), content)
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'wrong_content')
        cuts += 1
      }
    }
    assert.equal(cuts, 1, 'the wrong replica is avoided from its first wrong answer on')
    assert.equal(events.filter(({ type }) => type === 'wrong_content').length, 1)
  })

  test('a replica that sends too slowly is left for another', async (t) => {
    const { transfer, upload, store, events } = await startStack(t, { storages: 2 })
    const content = randomContent(3 * MB)
    const ref = await upload(content)
    for (const storage of store.storages.slice(0, 1)) storage.faults = { bytesPerSecond: 1000 }
    const [first, second] = await Promise.all([
      transfer.open(ref, null, { signal }).then(readAll),
      transfer.open(ref, null, { signal }).then(readAll),
    ])
    assert.deepEqual(first, content)
    assert.deepEqual(second, content)
    assert.ok(events.some((event) => event.type === 'resumed'))
  })

  test('a client that goes away frees the storage', async (t) => {
    const { transfer, upload, store } = await startStack(t)
    const ref = await upload(randomContent(20 * MB))
    const controller = new AbortController()
    const opened = await transfer.open(ref, null, { signal: controller.signal })
    assert.ok(opened !== null && !Buffer.isBuffer(opened.body))
    const chunks = opened.body[Symbol.asyncIterator]()
    await chunks.next()
    controller.abort()
    await assert.rejects(Array.fromAsync({ [Symbol.asyncIterator]: () => chunks }))
    const [storage] = store.storages
    await waitFor('the connection to close', () => storage?.counters.connectionsOpen === 0)
  })
})

describe('replicas that do not answer', () => {
  for (const [what, faults] of [
    ['refuses', { refuse: true }],
    ['hangs', { hang: true }],
    ['sends garbage', { garbage: true }],
    ['answers with an error', { status: 5 }],
    ['closes after the header', { cutAfterBytes: 0 }],
  ] as const) {
    test(`one that ${what} is passed by`, async (t) => {
      const { transfer, upload, store } = await startStack(t, { storages: 2 })
      const small = await upload(randomContent(3000))
      const large = await upload(randomContent(3 * MB))
      for (const storage of store.storages.slice(0, 1)) storage.faults = faults
      for (let i = 0; i < 3; i += 1) {
        transfer.forget(small)
        assert.equal((await readAll(await transfer.open(small, null, { signal }))).length, 3000)
        assert.equal((await readAll(await transfer.open(large, null, { signal }))).length, 3 * MB)
      }
    })
  }

  test('all down: a failure, and no 404', async (t) => {
    const { transfer, upload, store } = await startStack(t, { storages: 2 })
    const ref = await upload(randomContent(3000))
    await Promise.all(store.storages.map((storage) => storage.stop()))
    await assert.rejects(transfer.open(ref, null, { signal }), { code: 'replicas_failed' })
  })

  test('all hanging: a timeout', async (t) => {
    const { transfer, upload, store } = await startStack(t, {
      storages: 2,
      conf: (conf) => ({ ...conf, timeouts: { ...conf.timeouts, firstAnswerMs: 150 } }),
    })
    const ref = await upload(randomContent(3000))
    for (const storage of store.storages) storage.faults = { hang: true }
    await assert.rejects(transfer.open(ref, null, { signal }), { code: 'replicas_timed_out' })
  })
})

describe('not found', () => {
  test('where every replica says so', async (t) => {
    const { transfer, upload, store } = await startStack(t, { storages: 2 })
    const ref = await upload(randomContent(3000))
    for (const storage of store.storages) storage.faults = { missing: () => true }
    assert.equal(await transfer.open(ref, null, { signal }), null)
    assert.equal(await transfer.facts(ref), null)
  })

  test('not where one replica has it: it is on its way to the others', async (t) => {
    const { transfer, upload, store } = await startStack(t, { storages: 3 })
    const ref = await upload(randomContent(3000))
    for (const storage of store.storages.slice(0, 2)) storage.faults = { missing: () => true }
    assert.equal((await readAll(await transfer.open(ref, null, { signal }))).length, 3000)
  })

  test('where the live source says so, although another replica is down', async (t) => {
    const { transfer, upload, store } = await startStack(t, { storages: 2 })
    const ref = await upload(randomContent(3000), { to: 0 })
    for (const storage of store.storages) storage.faults = { missing: () => true }
    await store.storages[1]?.stop()
    assert.equal(await transfer.open(ref, null, { signal }), null)
  })

  test('not where a replica says so and the source is down', async (t) => {
    const { transfer, upload, store } = await startStack(t, { storages: 2 })
    const ref = await upload(randomContent(3000), { to: 0 })
    for (const storage of store.storages) storage.faults = { missing: () => true }
    await store.storages[0]?.stop()
    await assert.rejects(transfer.open(ref, null, { signal }), { code: 'replicas_failed' })
  })
})

describe('what may change', () => {
  test('a slave has its own size, time and bytes', async (t) => {
    const { transfer, upload, uploadSlave } = await startStack(t, { storages: 2 })
    const master = await upload(randomContent(30_720), { extName: 'jpg' })
    for (const suffix of [
      { prefix: '_150x150', extName: 'jpg' },
      { prefix: '_abc', extName: '' },
      { prefix: '_x', extName: '' },
    ]) {
      const content = randomContent(1800, 2)
      const slave = await uploadSlave(master, content, suffix)
      const opened = await transfer.open(slave, null, { signal })
      assert.deepEqual(await readAll(opened), content, slave.filename)
      assert.equal(opened?.facts.isImmutable, false)
    }
  })

  test('a slave whose name has the form of a normal file, where two replicas agree', async (t) => {
    const { transfer, upload, uploadSlave } = await startStack(t, { storages: 2 })
    const master = await upload(randomContent(30_720), { extName: 'jpg' })
    const content = randomContent(1800, 2)
    const slave = await uploadSlave(master, content, { prefix: '7', extName: 'gz' })
    assert.match(slave.filename, /^.{37}[0-9]{4}\.gz$/)
    assert.equal((await transfer.facts(slave))?.size, 1800)
    assert.deepEqual(await readAll(await transfer.open(slave, null, { signal })), content)
  })

  test('an appender shows what was appended', async (t) => {
    const { transfer, upload, store, cluster } = await startStack(t)
    const ref = await upload(Buffer.from('one'), { isAppender: true, extName: 'log' })
    assert.equal(`${await readAll(await transfer.open(ref, null, { signal }))}`, 'one')
    const [storage] = store.storages
    assert.ok(storage)
    const content = { size: 4, chunks: [Buffer.from(' two')] }
    await cluster.storage.append(storage.address, { file: ref, content }, signal)
    assert.equal(`${await readAll(await transfer.open(ref, null, { signal }))}`, 'one two')
  })
})
