import assert from 'node:assert/strict'
import { readFile, stat } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { crc32 } from 'node:zlib'
import { COMMAND } from '../../src/wire/fastdfs/commands.ts'
import { parseFileId } from '../../src/wire/fastdfs/file-id.ts'
import { encodeFrame } from '../../src/wire/fastdfs/header.ts'
import { STATUS } from '../../src/wire/fastdfs/status.ts'
import { UPLOAD } from '../../src/wire/fastdfs/storage-messages.ts'
import { decodeFileName } from '../../src/wire/fastdfs/tracker-messages.ts'
import { randomContent } from '../support/random-content.ts'
import {
  download,
  filesBelow,
  GROUP,
  nameBody,
  slaveBody,
  startCluster,
  storageOf,
  upload,
  uploadBody,
} from './cluster-fixture.ts'
import { askOnce, WirePeer } from './wire-peer.ts'

const NOW = 1_795_365_896

describe('an upload', () => {
  it('gets an id that says what it is, and lies where FastDFS would put it', async (t) => {
    const cluster = await startCluster(t, { now: () => NOW * 1000 + 999 })
    const content = randomContent(30_000)
    const filename = await upload(storageOf(cluster), content, { extName: 'tar.gz' })
    const id = parseFileId({ groupName: GROUP, filename })
    assert.equal(id?.kind, 'normal')
    assert.equal(id.size, content.length)
    assert.equal(id.crc32, crc32(content))
    assert.equal(id.createTimestamp, NOW)
    assert.equal(id.sourceIp, '127.0.0.1')
    assert.match(filename, /^M00\/00\/00\/[\w-]{27}\.tar\.gz$/)
    const path = cluster.pathOf({ groupName: GROUP, filename })
    assert.ok(path.endsWith(`group1/path0/data/${filename.slice(4)}`))
    assert.deepEqual(await readFile(path), content)
    assert.equal(Math.floor((await stat(path)).mtimeMs / 1000), NOW)
  })

  it('comes back whole, large as it may be', async (t) => {
    const storage = storageOf(await startCluster(t))
    const content = randomContent(5_000_001)
    const filename = await upload(storage, content)
    const { status, body } = await download(storage, filename)
    assert.equal(status, 0)
    assert.ok(body.equals(content))
  })

  it('of the same bytes gets another id', async (t) => {
    const storage = storageOf(await startCluster(t))
    const content = Buffer.from('twice')
    const names = await Promise.all(Array.from({ length: 50 }, () => upload(storage, content)))
    assert.equal(new Set(names).size, 50)
  })

  it('of no bytes has an id and cannot be downloaded', async (t) => {
    const storage = storageOf(await startCluster(t))
    const filename = await upload(storage, Buffer.alloc(0))
    assert.equal(parseFileId({ groupName: GROUP, filename })?.size, 0)
    assert.equal((await download(storage, filename)).status, STATUS.EINVAL)
    assert.equal((await askInfo(storage.address, filename)).status, 0)
  })

  it('goes to the store path that it names, or to each in turn', async (t) => {
    const storages = [{ host: '127.0.0.1', port: 0 }]
    const cluster = await startCluster(t, {
      groups: [{ groupName: GROUP, storages, storePathCount: 2 }],
    })
    const storage = storageOf(cluster)
    assert.match(await upload(storage, Buffer.from('x'), { storePathIndex: 1 }), /^M01\//)
    const free: string[] = []
    for (let n = 0; n < 4; n++) {
      free.push((await upload(storage, Buffer.from('x'), { storePathIndex: 255 })).slice(0, 3))
    }
    assert.deepEqual([...new Set(free)].sort(), ['M00', 'M01'])
    const unknown = uploadBody(Buffer.from('x'), { storePathIndex: 2 })
    assert.equal(
      (await askOnce(storage.address, COMMAND.UPLOAD_FILE, unknown)).status,
      STATUS.EINVAL,
    )
  })

  it('with an extension that makes no name is refused', async (t) => {
    const cluster = await startCluster(t)
    for (const extName of ['a/b', '../a', 'a b', '..', 'a\x01', '\\']) {
      const body = uploadBody(Buffer.from('x'), { extName })
      const { status } = await askOnce(storageOf(cluster).address, COMMAND.UPLOAD_FILE, body)
      assert.equal(status, STATUS.EINVAL, extName)
    }
    assert.deepEqual(await filesBelow(cluster.storePaths(GROUP)[0] ?? ''), [])
  })

  it('larger than the disk is refused with ENOSPC before its first byte', async (t) => {
    const cluster = await startCluster(t)
    const peer = new WirePeer(storageOf(cluster).address)
    t.after(() => peer.close())
    const head = { storePathIndex: 0, size: 2 ** 50, extName: 'bin' }
    peer.send(
      encodeFrame(COMMAND.UPLOAD_FILE, UPLOAD.head.encode(head), { streamedLength: 2 ** 50 }),
    )
    assert.equal((await peer.answer()).status, STATUS.ENOSPC)
    await peer.ended()
  })

  it('that breaks off, or says two lengths, leaves nothing', async (t) => {
    const cluster = await startCluster(t)
    const storage = storageOf(cluster)
    const body = uploadBody(randomContent(300_000))
    const peer = new WirePeer(storage.address)
    peer.send(encodeFrame(COMMAND.UPLOAD_FILE, body).subarray(0, 200_000))
    peer.socket.end()
    await peer.ended()
    const wrong = Buffer.concat([body, Buffer.from('more')])
    assert.equal((await askOnce(storage.address, COMMAND.UPLOAD_FILE, wrong)).status, STATUS.EINVAL)
    await storage.stop()
    assert.deepEqual(await filesBelow(cluster.storePaths(GROUP)[0] ?? ''), [])
  })
})

describe('a slave', () => {
  it('has its master in its name, and its own bytes', async (t) => {
    const cluster = await startCluster(t)
    const { address } = storageOf(cluster)
    const master = await upload(storageOf(cluster), randomContent(5000))
    const content = randomContent(700, 2)
    const { body } = await askOnce(address, COMMAND.UPLOAD_SLAVE_FILE, slaveBody(master, content))
    const { filename } = decodeFileName(body)
    assert.equal(filename, master.replace('.jpg', '_s.jpg'))
    assert.ok((await download(storageOf(cluster), filename)).body.equals(content))
  })

  it('is there once', async (t) => {
    const storage = storageOf(await startCluster(t))
    const master = await upload(storage, Buffer.from('master'))
    const body = slaveBody(master, Buffer.from('first'))
    const peer = new WirePeer(storage.address)
    t.after(() => peer.close())
    assert.equal((await peer.ask(COMMAND.UPLOAD_SLAVE_FILE, body)).status, 0)
    const again = slaveBody(master, randomContent(100_000))
    assert.equal((await peer.ask(COMMAND.UPLOAD_SLAVE_FILE, again)).status, STATUS.EEXIST)
    assert.equal((await peer.ask(COMMAND.ACTIVE_TEST)).status, 0, 'the connection is kept')
    const slave = master.replace('.jpg', '_s.jpg')
    assert.equal((await download(storage, slave)).body.toString(), 'first')
  })

  it('is there once even when two come at the same time', async (t) => {
    const storage = storageOf(await startCluster(t))
    const master = await upload(storage, Buffer.from('master'))
    const asked = Array.from({ length: 8 }, (_, n) =>
      askOnce(
        storage.address,
        COMMAND.UPLOAD_SLAVE_FILE,
        slaveBody(master, randomContent(9000, n + 1)),
      ),
    )
    const statuses = (await Promise.all(asked)).map(({ status }) => status)
    assert.deepEqual(statuses.sort(), [0, ...Array(7).fill(STATUS.EEXIST)])
  })

  it('needs a master, and a name that is not its master', async (t) => {
    const storage = storageOf(await startCluster(t))
    const master = await upload(storage, Buffer.from('master'))
    const status = async (body: Buffer): Promise<number> =>
      (await askOnce(storage.address, COMMAND.UPLOAD_SLAVE_FILE, body)).status
    const content = Buffer.from('slave')
    assert.equal(await status(slaveBody(master.replace('.jpg', '.png'), content)), STATUS.ENOENT)
    assert.equal(await status(slaveBody(master, content, { prefix: '' })), STATUS.EINVAL)
    assert.equal(await status(slaveBody(master, content, { prefix: '/../../x' })), STATUS.EINVAL)
    assert.equal(await status(slaveBody('M00/00/00/x', content)), STATUS.EINVAL)
  })
})

describe('file info', () => {
  it('of a slave is about its own bytes, but for a name as long as a plain one', async (t) => {
    const storage = storageOf(await startCluster(t))
    const master = await upload(storage, Buffer.from('master'))
    const content = Buffer.from('slave')
    for (const [form, expected] of [
      [{ prefix: '_big', extName: 'jpg' }, crc32(content)],
      [{ prefix: '_abc', extName: '' }, crc32('master')],
    ] as const) {
      const body = slaveBody(master, content, form)
      const named = await askOnce(storage.address, COMMAND.UPLOAD_SLAVE_FILE, body)
      const info = await askInfo(storage.address, decodeFileName(named.body).filename)
      assert.equal(info.body.readBigInt64BE(0), BigInt(content.length))
      assert.equal(info.body.readBigInt64BE(16), BigInt(expected | 0), 'a sign-extended int32')
    }
  })

  it('leaves out a crc32 that it would have to calculate, if asked to', async (t) => {
    const storage = storageOf(await startCluster(t))
    const appender = await upload(storage, Buffer.from('some'), { isAppender: true })
    const info = await askInfo(storage.address, appender, 1)
    assert.equal(info.body.readBigInt64BE(16), 0n)
  })

  for (const [addressWidth, length] of [
    [16, 40],
    [46, 70],
  ] as const) {
    it(`has the source in ${addressWidth} bytes`, async (t) => {
      const cluster = await startCluster(t, { addressWidth, storageIds: addressWidth === 46 })
      const filename = await upload(storageOf(cluster), Buffer.from('x'))
      const { body } = await askInfo(storageOf(cluster).address, filename)
      assert.equal(body.length, length)
      assert.equal(body.subarray(24).toString().replaceAll('\0', ''), '127.0.0.1')
    })
  }
})

function askInfo(address: { host: string; port: number }, filename: string, flags = 0) {
  return askOnce(address, COMMAND.QUERY_FILE_INFO, nameBody(filename), flags)
}
