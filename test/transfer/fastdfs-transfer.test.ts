import assert from 'node:assert/strict'
import { truncateSync } from 'node:fs'
import { describe, test } from 'node:test'
import { fileTransferSuite } from '../suites/file-transfer.ts'
import { readAll } from '../suites/store-stack.ts'
import { startFastdfs, startStack } from '../support/edge-stack.ts'
import { randomContent } from '../support/random-content.ts'

const { signal } = new AbortController()

fileTransferSuite('FastDFS', startFastdfs)

describe('a file of FastDFS that is not there', () => {
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

describe('files of FastDFS that may change', () => {
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

  test('a file that is empty on all replicas, though its id says otherwise, is no slave', async (t) => {
    const { transfer, put, cutOnDisk } = await startFastdfs(t, { replicas: 2 })
    const ref = await put(randomContent(30_000))
    await cutOnDisk(ref, 0)
    await assert.rejects(transfer.facts(ref), { code: 'replicas_failed' })
    await assert.rejects(transfer.open(ref, null, { signal }), { code: 'replicas_failed' })
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

  test('an appender that is cut between facts and bytes is what it is by then', async (t) => {
    const { transfer, upload, store } = await startStack(t)
    const content = randomContent(3000)
    const ref = await upload(content, { isAppender: true, extName: 'log' })
    const [source] = store.storages
    assert.ok(source)
    let asked = 0
    const cutBeforeSecond = (): boolean => {
      asked += 1
      if (asked === 2) truncateSync(store.pathOf(ref), 2900)
      return false
    }
    source.faults = { missing: cutBeforeSecond }
    const opened = await transfer.open(ref, null, { signal })
    assert.deepEqual(await readAll(opened), content.subarray(0, 2900))
  })

  test('a large appender whose source breaks is begun elsewhere, but never continued', async (t) => {
    const { transfer, upload, store } = await startStack(t, { storages: 2 })
    const content = randomContent(2_000_000)
    const ref = await upload(content, { isAppender: true, extName: 'log' })
    const [source] = store.storages
    assert.ok(source)
    source.faults = { cutAfterBytes: 0 }
    assert.deepEqual(await readAll(await transfer.open(ref, null, { signal })), content)
    for (const storage of store.storages) storage.faults = { cutAfterBytes: 500_000 }
    const opened = await transfer.open(ref, null, { signal })
    await assert.rejects(readAll(opened), { code: 'connection_lost' })
  })
})

describe('where a file could be had without the edge', () => {
  test('is a storage that the tracker lists, whatever address an id names', async (t) => {
    const { transfer, upload } = await startStack(t, { storages: 2 })
    const ref = await upload(randomContent(3000))
    const located = await transfer.locate(ref)
    assert.equal(located?.facts.size, 3000)
    assert.ok(located.elsewhere?.kind === 'host')
    assert.match(located.elsewhere.host, /^127\.0\.0\.[23]$/)
  })

  test('is nowhere for a forged id', async (t) => {
    const { transfer } = await startStack(t, { storages: 2 })
    const filename = 'M00/00/00/fwAAA2sDFtyAHc0-AAAIAIYy60I718.png'
    assert.equal(await transfer.locate({ system: 'fastdfs', groupName: 'group1', filename }), null)
  })

  test('is not where it was found to be wrong', async (t) => {
    const { transfer, upload, store } = await startStack(t, { storages: 2 })
    const ref = await upload(randomContent(3000))
    const [bad] = store.storages
    assert.ok(bad)
    bad.faults = { wrongByteAt: 0 }
    // Whichever is asked first, the wrong one is known after it was asked.
    for (let i = 0; i < 4; i += 1) {
      transfer.forget(ref)
      await readAll(await transfer.open(ref, null, { signal }))
    }
    assert.ok(bad.counters.allRequests > 0)
    for (let i = 0; i < 4; i += 1) {
      const located = await transfer.locate(ref)
      assert.ok(located?.elsewhere?.kind === 'host')
      assert.notEqual(located.elsewhere.host, bad.address.host)
    }
  })
})
