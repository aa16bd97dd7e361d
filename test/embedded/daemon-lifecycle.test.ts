import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { describe, it } from 'node:test'
import { setImmediate as nextRound } from 'node:timers/promises'
import { startEmbeddedFastdfs } from '../../src/embedded/embedded-fastdfs.ts'
import { EdgeError } from '../../src/errors.ts'
import { COMMAND } from '../../src/wire/fastdfs/commands.ts'
import { encodeFrame } from '../../src/wire/fastdfs/header.ts'
import { randomContent } from '../support/random-content.ts'
import { waitFor } from '../support/wait-for.ts'
import {
  download,
  downloadBody,
  GROUP,
  startCluster,
  storageOf,
  temporaryFolder,
  upload,
} from './cluster-fixture.ts'
import { askOnce, WirePeer } from './wire-peer.ts'

describe('a daemon', () => {
  it('that is stopped cuts its connections, and starts again on the same port', async (t) => {
    const cluster = await startCluster(t)
    for (const daemon of [cluster.tracker, storageOf(cluster)]) {
      const { address } = daemon
      const idle = new WirePeer(address)
      await idle.ask(COMMAND.ACTIVE_TEST)
      await daemon.stop()
      await idle.ended()
      const refused = new WirePeer(address)
      await assert.rejects(refused.ask(COMMAND.ACTIVE_TEST), /ended after 0 bytes/)
      await daemon.start()
      assert.deepEqual(daemon.address, address)
      assert.equal((await askOnce(address, COMMAND.ACTIVE_TEST)).status, 0)
    }
  })

  it('that is stopped in the middle of a download cuts it', async (t) => {
    const storage = storageOf(await startCluster(t))
    const filename = await upload(storage, randomContent(20_000_000))
    const peer = new WirePeer(storage.address)
    peer.socket.pause()
    peer.send(encodeFrame(COMMAND.DOWNLOAD_FILE, downloadBody(filename)))
    await waitFor('the request', () => storage.counters.requests(COMMAND.DOWNLOAD_FILE) === 1)
    await storage.stop()
    peer.socket.resume()
    await peer.ended()
    assert.ok(peer.received.length < 20_000_000)
  })

  it('that is paused accepts, answers nothing, and goes on where it was', async (t) => {
    const storage = storageOf(await startCluster(t))
    const filename = await upload(storage, Buffer.from('content'))
    const early = new WirePeer(storage.address)
    t.after(() => early.close())
    await early.ask(COMMAND.ACTIVE_TEST)
    storage.pause()
    const accepted = storage.counters.connectionsAccepted
    const late = new WirePeer(storage.address)
    t.after(() => late.close())
    const answers = [early, late].map((peer) =>
      peer.ask(COMMAND.DOWNLOAD_FILE, downloadBody(filename)),
    )
    await waitFor('both', () => storage.counters.connectionsAccepted === accepted + 1)
    assert.equal(storage.counters.requests(COMMAND.DOWNLOAD_FILE), 0)
    storage.resume()
    for (const { body } of await Promise.all(answers)) assert.equal(body.toString(), 'content')
  })

  it('that is paused leaves alone what it has read already', async (t) => {
    const { tracker, storages } = await startCluster(t)
    const [storage] = storages
    assert.ok(storage)
    const filename = await upload(storage, Buffer.from('content'))
    const peer = new WirePeer(storage.address)
    t.after(() => peer.close())
    const frame = encodeFrame(COMMAND.DOWNLOAD_FILE, downloadBody(filename))
    const asked = 3000
    peer.send(Buffer.concat(Array(asked).fill(frame)))
    const count = () => storage.counters.requests(COMMAND.DOWNLOAD_FILE)
    // Looked at in each round of the loop: a busy machine must not let it come to the last.
    while (count() === 0) await nextRound()
    storage.pause()
    await askOnce(tracker.address, COMMAND.ACTIVE_TEST)
    const reached = count()
    assert.ok(reached < asked, `all ${reached} were answered before the pause`)
    for (let n = 0; n < 5; n++) await askOnce(tracker.address, COMMAND.ACTIVE_TEST)
    assert.equal(count(), reached)
    storage.resume()
    for (let n = 0; n < asked; n++) assert.equal((await peer.answer()).body.toString(), 'content')
  })

  it('that is paused can be stopped, and runs after its next start', async (t) => {
    const storage = storageOf(await startCluster(t))
    const peer = new WirePeer(storage.address)
    await peer.ask(COMMAND.ACTIVE_TEST)
    storage.pause()
    peer.send(encodeFrame(COMMAND.ACTIVE_TEST, Buffer.alloc(0)))
    await storage.stop()
    await peer.ended()
    await storage.start()
    assert.equal((await askOnce(storage.address, COMMAND.ACTIVE_TEST)).status, 0)
  })

  it('counts connections and requests', async (t) => {
    const storage = storageOf(await startCluster(t))
    const filename = await upload(storage, Buffer.from('x'))
    storage.counters.reset()
    await download(storage, filename)
    await download(storage, filename)
    await waitFor('both to be closed', () => storage.counters.connectionsOpen === 0)
    assert.equal(storage.counters.connectionsAccepted, 2)
    assert.equal(storage.counters.requests(COMMAND.DOWNLOAD_FILE), 2)
    assert.equal(storage.counters.allRequests, 2)
  })
})

describe('a cluster', () => {
  const tracker = { host: '127.0.0.1', port: 0 }

  it('names the port that is taken, and leaves nothing running', async (t) => {
    const dataDir = await temporaryFolder(t)
    const other = createServer()
    t.after(() => other.close())
    const port = await new Promise<number>((resolve) => {
      other.listen(0, '127.0.0.1', () => {
        const address = other.address()
        resolve(typeof address === 'object' && address !== null ? address.port : 0)
      })
    })
    const first = await startCluster(t)
    const trackerPort = first.tracker.address.port
    await first.close()
    const starting = startEmbeddedFastdfs({
      dataDir,
      tracker: { host: '127.0.0.1', port: trackerPort },
      groups: [{ groupName: GROUP, storages: [{ host: '127.0.0.1', port }] }],
    })
    await assert.rejects(starting, (error) => {
      assert.ok(error instanceof EdgeError)
      assert.equal(error.code, 'connect_failed')
      assert.match(error.message, new RegExp(`^port ${port} on 127.0.0.1 is taken`))
      return true
    })
    const gone = new WirePeer({ host: '127.0.0.1', port: trackerPort })
    await assert.rejects(gone.ask(COMMAND.ACTIVE_TEST), /ended after 0 bytes/)
  })

  it('with port 0 has one port for all storages of a group', async (t) => {
    const storages = ['127.0.0.2', '127.0.0.3', '127.0.0.4'].map((host) => ({ host, port: 0 }))
    const cluster = await startCluster(t, { groups: [{ groupName: GROUP, storages }] })
    assert.equal(new Set(cluster.storages.map(({ address }) => address.port)).size, 1)
  })

  it('with storages on one address has a port for each', async (t) => {
    const storages = Array.from({ length: 3 }, () => ({ host: '127.0.0.1', port: 0 }))
    const cluster = await startCluster(t, { groups: [{ groupName: GROUP, storages }] })
    assert.equal(new Set(cluster.storages.map(({ address }) => address.port)).size, 3)
  })

  it('finds its files again when it is started on the same folder', async (t) => {
    const dataDir = await temporaryFolder(t)
    const first = await startCluster(t, { dataDir })
    const filename = await upload(storageOf(first), Buffer.from('still here'))
    await first.close()
    const second = await startCluster(t, { dataDir })
    const { body } = await download(storageOf(second), filename)
    assert.equal(body.toString(), 'still here')
  })

  for (const [what, groups] of [
    ['a group name', [{ groupName: 'a/b', storages: [] }]],
    ['a host name as address', [{ groupName: GROUP, storages: [{ host: 'localhost', port: 0 }] }]],
    ['no store path', [{ groupName: GROUP, storages: [], storePathCount: 0 }]],
    [
      'a group twice',
      [
        { groupName: GROUP, storages: [] },
        { groupName: GROUP, storages: [] },
      ],
    ],
  ] as const) {
    it(`is not started with ${what} that cannot be`, async (t) => {
      const dataDir = await temporaryFolder(t)
      await assert.rejects(
        startEmbeddedFastdfs({ dataDir, tracker, groups }),
        (error) => error instanceof EdgeError && error.code === 'invalid_config',
      )
    })
  }
})
