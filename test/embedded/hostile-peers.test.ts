import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { COMMAND } from '../../src/wire/fastdfs/commands.ts'
import { encodeFrame, HEADER } from '../../src/wire/fastdfs/header.ts'
import { STATUS } from '../../src/wire/fastdfs/status.ts'
import { randomContent } from '../support/random-content.ts'
import { waitFor } from '../support/wait-for.ts'
import {
  download,
  downloadBody,
  filesBelow,
  GROUP,
  nameBody,
  startCluster,
  storageOf,
  type TestContext,
  upload,
  uploadBody,
} from './cluster-fixture.ts'
import { askOnce, WirePeer } from './wire-peer.ts'

function header(bodyLength: bigint, command: number): Buffer {
  const bytes = Buffer.alloc(HEADER.size)
  bytes.writeBigInt64BE(bodyLength)
  bytes.writeUInt8(command, 8)
  return bytes
}

async function bothDaemons(t: TestContext, limits = {}) {
  const cluster = await startCluster(t, { limits })
  return [cluster.tracker, storageOf(cluster)] as const
}

describe('a length that cannot be', () => {
  for (const length of [-1n, -(2n ** 63n), 2n ** 63n - 1n, 2n ** 53n]) {
    it(`of ${length} bytes ends the connection`, async (t) => {
      for (const daemon of await bothDaemons(t)) {
        const peer = new WirePeer(daemon.address)
        peer.send(header(length, COMMAND.ACTIVE_TEST))
        await peer.ended()
        assert.equal(peer.received.length, 0)
        assert.equal((await askOnce(daemon.address, COMMAND.ACTIVE_TEST)).status, 0)
      }
    })
  }

  it('is EINVAL where a body without content has more than 64 KiB', async (t) => {
    for (const daemon of await bothDaemons(t)) {
      const peer = new WirePeer(daemon.address)
      t.after(() => peer.close())
      peer.send(header(2n ** 40n, COMMAND.DELETE_FILE))
      const command = COMMAND.DELETE_FILE
      assert.equal((await peer.answer()).status, STATUS.EINVAL, `${command}`)
      await peer.ended()
    }
  })

  it('inside an upload is EINVAL', async (t) => {
    const storage = storageOf(await startCluster(t))
    const body = uploadBody(Buffer.from('content'))
    for (const size of [-1n, 6n, 8n, 2n ** 62n]) {
      body.writeBigInt64BE(size, 1)
      const { status } = await askOnce(storage.address, COMMAND.UPLOAD_FILE, body)
      assert.equal(status, STATUS.EINVAL, `${size}`)
    }
  })
})

describe('a name that leads elsewhere', () => {
  it('is EINVAL for every command', async (t) => {
    const { address } = storageOf(await startCluster(t))
    const names = [
      'M00/00/00/../../../../../etc/passwd',
      'M00/00/00/..',
      'M00/00/00/.',
      'M00/../00/x',
      'M00/0a/00/x',
      'M00/00//x',
      'M00/00/00/',
      'M00/00/00/a\\b',
      'M00/00/00/a\0b',
      'M0G/00/00/x',
      'M01/00/00/x',
      '/etc/passwd',
      '',
    ]
    for (const name of names) {
      assert.equal(
        (await askOnce(address, COMMAND.DOWNLOAD_FILE, downloadBody(name))).status,
        STATUS.EINVAL,
        name,
      )
      for (const command of [COMMAND.QUERY_FILE_INFO, COMMAND.DELETE_FILE, COMMAND.GET_METADATA]) {
        assert.equal((await askOnce(address, command, nameBody(name))).status, STATUS.EINVAL, name)
      }
    }
  })
})

describe('a peer that', () => {
  it('sends a request byte by byte gets its answer', async (t) => {
    const storage = storageOf(await startCluster(t))
    const filename = await upload(storage, Buffer.from('content'))
    const peer = new WirePeer(storage.address)
    t.after(() => peer.close())
    for (const byte of encodeFrame(COMMAND.DOWNLOAD_FILE, downloadBody(filename))) {
      await new Promise<void>((resolve) => peer.socket.write(Buffer.of(byte), () => resolve()))
    }
    assert.equal((await peer.answer()).body.toString(), 'content')
  })

  it('ends its side after the request gets its answer', async (t) => {
    const storage = storageOf(await startCluster(t))
    const filename = await upload(storage, Buffer.from('content'))
    const peer = new WirePeer(storage.address)
    peer.socket.end(encodeFrame(COMMAND.DOWNLOAD_FILE, downloadBody(filename)))
    assert.equal((await peer.answer()).body.toString(), 'content')
    await peer.ended()
  })

  it('asks many things in one write gets every answer, in order', async (t) => {
    const storage = storageOf(await startCluster(t))
    const content = randomContent(50_000)
    const filename = await upload(storage, content)
    const peer = new WirePeer(storage.address)
    t.after(() => peer.close())
    const offsets = Array.from({ length: 40 }, (_, n) => n * 1000)
    const frames = offsets.flatMap((offset) => [
      encodeFrame(COMMAND.DOWNLOAD_FILE, downloadBody(filename, { offset, length: 1000 })),
      encodeFrame(COMMAND.UPLOAD_FILE, uploadBody(content)),
    ])
    peer.send(Buffer.concat(frames))
    for (const offset of offsets) {
      assert.ok((await peer.answer()).body.equals(content.subarray(offset, offset + 1000)))
      assert.equal((await peer.answer()).body.length, 60)
    }
  })

  it('stops in the middle of a request is cut off, sooner if it dawdles', async (t) => {
    const limits = { idleTimeoutMs: 80, requestTimeoutMs: 40 }
    for (const daemon of await bothDaemons(t, limits)) {
      for (const bytes of [header(0n, COMMAND.ACTIVE_TEST).subarray(0, 5), Buffer.alloc(0)]) {
        const peer = new WirePeer(daemon.address)
        peer.send(bytes)
        await peer.ended()
      }
      const dawdler = new WirePeer(daemon.address)
      const drip = setInterval(() => dawdler.send(Buffer.of(0)), 10)
      t.after(() => clearInterval(drip))
      dawdler.send(header(60_000n, COMMAND.DELETE_FILE))
      await dawdler.ended()
    }
  })

  it('reads nothing of a large download holds nobody up and is cut off', async (t) => {
    const storage = storageOf(await startCluster(t, { limits: { idleTimeoutMs: 150 } }))
    const filename = await upload(storage, randomContent(30_000_000))
    const peer = new WirePeer(storage.address)
    peer.socket.pause()
    peer.send(encodeFrame(COMMAND.DOWNLOAD_FILE, downloadBody(filename)))
    assert.equal((await download(storage, filename, { length: 5 })).body.length, 5)
    const closed = new Promise((resolve) => peer.socket.once('close', resolve))
    peer.socket.once('end', () => peer.close())
    await waitFor('the cut', () => storage.counters.connectionsOpen === 0)
    peer.socket.resume()
    await closed
    assert.ok(peer.received.length < 30_000_000)
  })

  it('is one too many is closed at once', async (t) => {
    for (const daemon of await bothDaemons(t, { maxConnections: 2 })) {
      const peers = [new WirePeer(daemon.address), new WirePeer(daemon.address)]
      for (const peer of peers) await peer.ask(COMMAND.ACTIVE_TEST)
      const third = new WirePeer(daemon.address)
      await third.ended()
      for (const peer of peers) {
        assert.equal((await peer.ask(COMMAND.ACTIVE_TEST)).status, 0)
        peer.close()
      }
    }
  })

  it('sends any bytes at all brings nothing down and writes no file', async (t) => {
    const cluster = await startCluster(t, { limits: { idleTimeoutMs: 200 } })
    const daemons = [cluster.tracker, storageOf(cluster)]
    const commands = fc.constantFrom(
      ...Object.values(COMMAND).filter((it) => it !== 11 && it !== 23),
    )
    const request = fc.tuple(
      commands,
      fc.uint8Array({ maxLength: 200 }),
      fc.integer({ min: 0, max: 255 }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(request, { maxLength: 5 }), async (requests) => {
        for (const { address } of daemons) {
          const peer = new WirePeer(address)
          for (const [command, body, status] of requests) {
            peer.send(encodeFrame(command, Buffer.from(body), { status }))
          }
          peer.socket.end()
          await peer.ended()
          assert.equal((await askOnce(address, COMMAND.ACTIVE_TEST)).status, 0)
        }
      }),
      { numRuns: 100 },
    )
    assert.deepEqual(await filesBelow(cluster.storePaths(GROUP)[0] ?? ''), [])
  })
})
