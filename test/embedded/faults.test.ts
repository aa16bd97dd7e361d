import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { FdfsStoraged, StorageFaults } from '../../src/embedded/embedded-fastdfs.ts'
import { COMMAND } from '../../src/wire/fastdfs/commands.ts'
import { encodeFrame } from '../../src/wire/fastdfs/header.ts'
import { STATUS } from '../../src/wire/fastdfs/status.ts'
import { decodeServers } from '../../src/wire/fastdfs/tracker-messages.ts'
import { randomContent } from '../support/random-content.ts'
import { waitFor } from '../support/wait-for.ts'
import {
  download,
  downloadBody,
  nameBody,
  startCluster,
  storageOf,
  type TestContext,
  upload,
} from './cluster-fixture.ts'
import { type Answer, askOnce, WirePeer } from './wire-peer.ts'

const CONTENT = randomContent(200_000)

async function faultyStorage(
  t: TestContext,
  faults: StorageFaults,
): Promise<{ storage: FdfsStoraged; filename: string }> {
  const storage = storageOf(await startCluster(t))
  const filename = await upload(storage, CONTENT)
  storage.faults = faults
  return { storage, filename }
}

/** A connection that has asked for the whole file. */
function asking(t: TestContext, storage: FdfsStoraged, filename: string): WirePeer {
  const peer = new WirePeer(storage.address)
  t.after(() => peer.close())
  peer.send(encodeFrame(COMMAND.DOWNLOAD_FILE, downloadBody(filename)))
  return peer
}

describe('a storage that is told to', () => {
  it('cut downloads sends so many bytes and ends', async (t) => {
    const { storage, filename } = await faultyStorage(t, { cutAfterBytes: 70_000 })
    const peer = asking(t, storage, filename)
    await peer.ended()
    assert.equal(peer.received.readBigInt64BE(0), BigInt(CONTENT.length), 'the header is right')
    assert.ok(peer.received.subarray(10).equals(CONTENT.subarray(0, 70_000)))
    const short = await download(storage, filename, { offset: 1000, length: 70_000 })
    assert.equal(short.body.length, 70_000, 'what is not longer comes whole')
  })

  it('send a wrong byte does so where it is in the file', async (t) => {
    const { storage, filename } = await faultyStorage(t, { wrongByteAt: 100_000 })
    const { body } = await download(storage, filename)
    assert.equal(body[100_000], (CONTENT[100_000] ?? 0) ^ 0xff)
    body[100_000] = CONTENT[100_000] ?? 0
    assert.ok(body.equals(CONTENT))
    const part = await download(storage, filename, { offset: 99_999, length: 2 })
    assert.equal(part.body[1], (CONTENT[100_000] ?? 0) ^ 0xff)
    const other = await download(storage, filename, { offset: 100_001 })
    assert.ok(other.body.equals(CONTENT.subarray(100_001)))
  })

  it('have files of a wrong length sends as many bytes as it says', async (t) => {
    const { storage, filename } = await faultyStorage(t, { wrongLength: 100 })
    const long = await download(storage, filename)
    assert.ok(long.body.equals(Buffer.concat([CONTENT, Buffer.alloc(100)])))
    storage.faults = { wrongLength: -100 }
    const short = await download(storage, filename)
    assert.ok(short.body.equals(CONTENT.subarray(0, -100)))
  })

  it('be late is late for files, and not for pings', async (t) => {
    const { storage, filename } = await faultyStorage(t, { delayMs: 300 })
    const peer = asking(t, storage, filename)
    await askOnce(storage.address, COMMAND.ACTIVE_TEST)
    assert.equal(peer.received.length, 0)
    await waitFor('the file', () => peer.received.length === 10 + CONTENT.length)
  })

  it('miss a file says ENOENT for it and for no other', async (t) => {
    const { storage, filename } = await faultyStorage(t, {})
    const other = await upload(storage, Buffer.from('other'))
    for (const missing of [new Set([filename]), (name: string) => name === filename]) {
      storage.faults = { missing }
      assert.equal((await download(storage, filename)).status, STATUS.ENOENT)
      const info = await askOnce(storage.address, COMMAND.QUERY_FILE_INFO, nameBody(filename))
      assert.equal(info.status, STATUS.ENOENT)
      assert.equal((await download(storage, other)).status, 0)
    }
    storage.faults = {}
    assert.equal((await download(storage, filename)).status, 0)
  })

  it('answer downloads with a status does so', async (t) => {
    const { storage, filename } = await faultyStorage(t, { status: STATUS.EBUSY })
    assert.equal((await download(storage, filename)).status, STATUS.EBUSY)
    assert.equal((await askOnce(storage.address, COMMAND.ACTIVE_TEST)).status, 0)
  })

  it('send garbage sends what is no frame', async (t) => {
    const { storage, filename } = await faultyStorage(t, { garbage: true })
    const peer = asking(t, storage, filename)
    await peer.has(64)
    assert.ok(peer.received.readBigInt64BE(0) < 0n, 'no length')
  })

  it('be slow sends the whole file, in pieces', async (t) => {
    const { storage, filename } = await faultyStorage(t, { bytesPerSecond: 2_000_000 })
    const peer = asking(t, storage, filename)
    let pieces = 0
    peer.socket.on('data', () => pieces++)
    const { body } = await peer.answer()
    assert.ok(body.equals(CONTENT))
    assert.ok(pieces > 2, `${pieces} pieces`)
  })

  it('hang reads what is asked and answers nothing', async (t) => {
    const { storage, filename } = await faultyStorage(t, { hang: true })
    const peer = asking(t, storage, filename)
    await waitFor('the request', () => storage.counters.requests(COMMAND.DOWNLOAD_FILE) === 1)
    storage.faults = {}
    assert.equal((await download(storage, filename)).status, 0, 'a later one is answered')
    assert.equal(peer.received.length, 0)
  })

  it('refuse cuts a connection as soon as it comes', async (t) => {
    const { storage, filename } = await faultyStorage(t, { refuse: true })
    const peer = asking(t, storage, filename)
    await peer.ended()
    assert.equal(peer.received.length, 0)
    assert.equal(storage.counters.requests(COMMAND.DOWNLOAD_FILE), 0)
  })
})

describe('a tracker that is told to', () => {
  async function start(t: TestContext) {
    const { tracker } = await startCluster(t)
    const name = `M00/00/00/${'a'.repeat(27)}123.jpg`
    const ask = (command: number): Promise<Answer> =>
      askOnce(tracker.address, command, nameBody(name))
    return { tracker, ask }
  }

  it('lie lists what it is told, in every answer', async (t) => {
    const { tracker, ask } = await start(t)
    const other = { ipAddr: '10.1.2.3', port: 1234 }
    tracker.faults = { lie: (servers) => [other, ...servers] }
    assert.deepEqual(decodeServers((await ask(COMMAND.QUERY_FETCH_ONE)).body).servers, [other])
    const all = decodeServers((await ask(COMMAND.QUERY_FETCH_ALL)).body).servers
    assert.equal(all.length, 2)
    assert.deepEqual(all[0], other)
    tracker.faults = { lie: () => [] }
    assert.equal((await ask(COMMAND.QUERY_FETCH_ONE)).status, STATUS.ENOENT)
    assert.deepEqual(decodeServers((await ask(COMMAND.QUERY_FETCH_ALL)).body).servers, [])
  })

  it('answer with a status, send garbage, hang or refuse does so', async (t) => {
    const { tracker, ask } = await start(t)
    tracker.faults = { status: STATUS.EBUSY }
    assert.equal((await ask(COMMAND.QUERY_FETCH_ALL)).status, STATUS.EBUSY)
    for (const faults of [{ garbage: true }, { hang: true }, { refuse: true }]) {
      tracker.faults = faults
      const peer = new WirePeer(tracker.address)
      t.after(() => peer.close())
      const before = tracker.counters.requests(COMMAND.ACTIVE_TEST)
      peer.send(encodeFrame(COMMAND.ACTIVE_TEST, Buffer.alloc(0)))
      if (faults.garbage) await peer.has(64)
      else if (faults.refuse) await peer.ended()
      else {
        await waitFor('it', () => tracker.counters.requests(COMMAND.ACTIVE_TEST) > before)
        assert.equal(peer.received.length, 0)
      }
    }
  })
})
