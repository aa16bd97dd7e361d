import assert from 'node:assert/strict'
import { rm, stat, writeFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { crc32 } from 'node:zlib'
import type { FdfsStoraged } from '../../src/embedded/embedded-fastdfs.ts'
import { COMMAND } from '../../src/wire/fastdfs/commands.ts'
import { parseFileId } from '../../src/wire/fastdfs/file-id.ts'
import { encodeFrame } from '../../src/wire/fastdfs/header.ts'
import { STATUS } from '../../src/wire/fastdfs/status.ts'
import {
  APPEND,
  encodeSetMetadata,
  encodeTruncate,
  MODIFY,
  type SetMetadataFlag,
} from '../../src/wire/fastdfs/storage-messages.ts'
import { decodeFileName } from '../../src/wire/fastdfs/tracker-messages.ts'
import { randomContent } from '../support/random-content.ts'
import {
  download,
  GROUP,
  nameBody,
  slaveBody,
  startCluster,
  storageOf,
  upload,
} from './cluster-fixture.ts'
import { type Answer, askOnce, WirePeer } from './wire-peer.ts'

function appendBody(filename: string, content: Buffer): Buffer {
  const head = APPEND.head.encode({ filenameLength: filename.length, size: content.length })
  return Buffer.concat([head, Buffer.from(filename), content])
}

function modifyBody(filename: string, offset: number, content: Buffer): Buffer {
  const lengths = { filenameLength: filename.length, size: content.length }
  return Buffer.concat([MODIFY.head.encode({ ...lengths, offset }), Buffer.from(filename), content])
}

async function append(storage: FdfsStoraged, filename: string, content: Buffer): Promise<number> {
  const body = appendBody(filename, content)
  return (await askOnce(storage.address, COMMAND.APPEND_FILE, body)).status
}

async function contentOf(storage: FdfsStoraged, filename: string): Promise<string> {
  return (await download(storage, filename)).body.toString()
}

describe('an appender', () => {
  it('grows, is overwritten and truncated, and its mtime moves', async (t) => {
    let seconds = 1_795_365_896
    const cluster = await startCluster(t, { now: () => seconds * 1000 })
    const storage = storageOf(cluster)
    const filename = await upload(storage, Buffer.from('hello'), { isAppender: true })
    assert.equal(parseFileId({ groupName: GROUP, filename })?.kind, 'appender')
    seconds += 60
    assert.equal(await append(storage, filename, Buffer.from(' world')), 0)
    assert.equal(await contentOf(storage, filename), 'hello world')
    const { mtimeMs } = await stat(cluster.pathOf({ groupName: GROUP, filename }))
    assert.equal(Math.floor(mtimeMs / 1000), seconds)
    const modify = modifyBody(filename, 6, Buffer.from('W'))
    assert.equal((await askOnce(storage.address, COMMAND.MODIFY_FILE, modify)).status, 0)
    assert.equal(await contentOf(storage, filename), 'hello World')
    const truncate = encodeTruncate(filename, 5)
    assert.equal((await askOnce(storage.address, COMMAND.TRUNCATE_FILE, truncate)).status, 0)
    assert.equal(await contentOf(storage, filename), 'hello')
  })

  it('takes appends one after the other, each in one piece', async (t) => {
    const storage = storageOf(await startCluster(t))
    const filename = await upload(storage, Buffer.alloc(0), { isAppender: true })
    const pieces = Array.from({ length: 8 }, (_, n) => Buffer.alloc(200_000, 65 + n))
    const statuses = await Promise.all(pieces.map((piece) => append(storage, filename, piece)))
    assert.ok(statuses.every((status) => status === 0))
    const runs = (await contentOf(storage, filename)).match(/(.)\1*/g) ?? []
    assert.deepEqual([...runs].sort(), pieces.map(String))
  })

  it('is as before when an append breaks off', async (t) => {
    const storage = storageOf(await startCluster(t))
    const filename = await upload(storage, Buffer.from('whole'), { isAppender: true })
    const peer = new WirePeer(storage.address)
    const frame = encodeFrame(COMMAND.APPEND_FILE, appendBody(filename, randomContent(500_000)))
    peer.send(frame.subarray(0, 300_000))
    peer.socket.end()
    await peer.ended()
    assert.equal(await append(storage, filename, Buffer.from('!')), 0)
    assert.equal(await contentOf(storage, filename), 'whole!')
  })

  it('is what only an appender can be', async (t) => {
    const storage = storageOf(await startCluster(t))
    const plain = await upload(storage, Buffer.from('plain'))
    const ask = async (command: number, body: Buffer): Promise<number> =>
      (await askOnce(storage.address, command, body)).status
    assert.equal(await append(storage, plain, Buffer.from('x')), STATUS.EINVAL)
    assert.equal(
      await ask(COMMAND.MODIFY_FILE, modifyBody(plain, 0, Buffer.from('x'))),
      STATUS.EINVAL,
    )
    assert.equal(await ask(COMMAND.TRUNCATE_FILE, encodeTruncate(plain, 0)), STATUS.EINVAL)
    assert.equal(await ask(COMMAND.REGENERATE_APPENDER_FILENAME, Buffer.from(plain)), STATUS.EINVAL)
    assert.equal(await contentOf(storage, plain), 'plain')
    const unknown = plain.replace('.jpg', '.png')
    assert.equal(await append(storage, unknown, Buffer.from('x')), STATUS.ENOENT)
  })

  it('is not modified beyond its end', async (t) => {
    const storage = storageOf(await startCluster(t))
    const filename = await upload(storage, Buffer.from('12345'), { isAppender: true })
    const modify = (offset: number) =>
      askOnce(storage.address, COMMAND.MODIFY_FILE, modifyBody(filename, offset, Buffer.from('x')))
    assert.equal((await modify(6)).status, STATUS.EINVAL)
    assert.equal((await modify(-1)).status, STATUS.EINVAL)
    assert.equal((await modify(5)).status, 0)
    assert.equal(await contentOf(storage, filename), '12345x')
  })

  it('becomes a normal file under a new name, and the old is gone at once', async (t) => {
    let seconds = 1_795_365_896
    const cluster = await startCluster(t, { now: () => seconds * 1000 })
    const storage = storageOf(cluster)
    const old = await upload(storage, Buffer.from('grown'), { isAppender: true, extName: 'log' })
    await setMetadata(storage, old, 'O', 'a\x02b')
    assert.equal(await contentOf(storage, old), 'grown')
    seconds += 60
    const body = Buffer.from(old)
    const answer = await askOnce(storage.address, COMMAND.REGENERATE_APPENDER_FILENAME, body)
    const { filename } = decodeFileName(answer.body)
    const id = parseFileId({ groupName: GROUP, filename })
    assert.equal(id?.kind, 'normal')
    assert.equal(id.crc32, crc32('grown'))
    assert.equal(id.createTimestamp, seconds)
    assert.match(filename, /\.log$/)
    assert.equal(await contentOf(storage, filename), 'grown')
    assert.equal((await getMetadata(storage, filename)).body.toString(), 'a\x02b')
    const { mtimeMs } = await stat(cluster.pathOf({ groupName: GROUP, filename }))
    assert.equal(Math.floor(mtimeMs / 1000), seconds)
    assert.equal((await download(storage, old)).status, STATUS.ENOENT)
    const again = await askOnce(storage.address, COMMAND.REGENERATE_APPENDER_FILENAME, body)
    assert.equal(again.status, STATUS.ENOENT)
  })
})

function setMetadata(
  { address }: FdfsStoraged,
  filename: string,
  flag: SetMetadataFlag,
  metadata: string | Buffer,
): Promise<Answer> {
  const request = { groupName: GROUP, filename, flag, metadata: Buffer.from(metadata) }
  return askOnce(address, COMMAND.SET_METADATA, encodeSetMetadata(request))
}

function getMetadata({ address }: FdfsStoraged, filename: string): Promise<Answer> {
  return askOnce(address, COMMAND.GET_METADATA, nameBody(filename))
}

describe('metadata', () => {
  it('is replaced by O, merged by M, sorted, and gone when there is none', async (t) => {
    const storage = storageOf(await startCluster(t))
    const filename = await upload(storage, Buffer.from('x'))
    const stored = async (): Promise<string> => `${(await getMetadata(storage, filename)).body}`
    await setMetadata(storage, filename, 'O', 'b\x022\x01a\x021')
    assert.equal(await stored(), 'a\x021\x01b\x022')
    await setMetadata(storage, filename, 'M', 'c\x023\x01a\x02X')
    assert.equal(await stored(), 'a\x02X\x01b\x022\x01c\x023')
    assert.equal((await download(storage, `${filename}-m`)).body.toString(), await stored())
    await setMetadata(storage, filename, 'O', 'only\x02this')
    assert.equal(await stored(), 'only\x02this')
    assert.equal((await download(storage, `${filename}-m`)).body.toString(), await stored())
    assert.equal((await setMetadata(storage, filename, 'O', '')).status, 0)
    assert.equal((await getMetadata(storage, filename)).status, STATUS.ENOENT)
  })

  it('of two merges at the same time has both', async (t) => {
    const storage = storageOf(await startCluster(t))
    const filename = await upload(storage, Buffer.from('x'))
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
    await Promise.all(names.map((name) => setMetadata(storage, filename, 'M', `${name}\x021`)))
    const { body } = await getMetadata(storage, filename)
    assert.equal(body.toString(), names.map((name) => `${name}\x021`).join('\x01'))
  })

  it('keeps bytes that are no UTF-8', async (t) => {
    const storage = storageOf(await startCluster(t))
    const filename = await upload(storage, Buffer.from('x'))
    const gbk = Buffer.from([0x74, 0x02, 0xc4, 0xe3, 0xba, 0xc3])
    await setMetadata(storage, filename, 'M', gbk)
    assert.deepEqual((await getMetadata(storage, filename)).body, gbk)
  })

  it('of an unknown file is ENOENT, with an unknown flag EINVAL', async (t) => {
    const storage = storageOf(await startCluster(t))
    const filename = await upload(storage, Buffer.from('x'))
    const unknown = filename.replace('.jpg', '.png')
    assert.equal((await setMetadata(storage, unknown, 'O', 'a\x021')).status, STATUS.ENOENT)
    assert.equal((await getMetadata(storage, unknown)).status, STATUS.ENOENT)
    const body = encodeSetMetadata({
      groupName: GROUP,
      filename,
      flag: 'O',
      metadata: Buffer.alloc(0),
    })
    body.write('Z', 16)
    const { status } = await askOnce(storage.address, COMMAND.SET_METADATA, body)
    assert.equal(status, STATUS.EINVAL)
  })
})

describe('a delete', () => {
  it('takes the metadata along, leaves the slaves and works once', async (t) => {
    const storage = storageOf(await startCluster(t))
    const filename = await upload(storage, Buffer.from('master'))
    await askOnce(
      storage.address,
      COMMAND.UPLOAD_SLAVE_FILE,
      slaveBody(filename, Buffer.from('slave')),
    )
    await setMetadata(storage, filename, 'O', 'a\x021')
    assert.equal(await contentOf(storage, filename), 'master')
    const remove = () => askOnce(storage.address, COMMAND.DELETE_FILE, nameBody(filename))
    assert.equal((await remove()).status, 0)
    assert.equal((await download(storage, filename)).status, STATUS.ENOENT)
    assert.equal((await download(storage, `${filename}-m`)).status, STATUS.ENOENT)
    assert.equal(await contentOf(storage, filename.replace('.jpg', '_s.jpg')), 'slave')
    assert.equal((await remove()).status, STATUS.ENOENT)
  })

  it('is seen by every storage of the group', async (t) => {
    const storages = ['127.0.0.2', '127.0.0.3'].map((host) => ({ host, port: 0 }))
    const cluster = await startCluster(t, { groups: [{ groupName: GROUP, storages }] })
    const filename = await upload(storageOf(cluster, 0), Buffer.from('both'))
    assert.equal(await contentOf(storageOf(cluster, 1), filename), 'both')
    await askOnce(storageOf(cluster, 0).address, COMMAND.DELETE_FILE, nameBody(filename))
    assert.equal((await download(storageOf(cluster, 1), filename)).status, STATUS.ENOENT)
  })
})

describe('a file that another program changes on disk', () => {
  it('is served as it is now', async (t) => {
    const cluster = await startCluster(t)
    const storage = storageOf(cluster)
    const filename = await upload(storage, Buffer.from('before'))
    assert.equal(await contentOf(storage, filename), 'before')
    assert.equal(await contentOf(storage, filename), 'before')
    const path = cluster.pathOf({ groupName: GROUP, filename })
    await writeFile(path, 'after that')
    assert.equal(await contentOf(storage, filename), 'after that')
    await rm(path)
    assert.equal((await download(storage, filename)).status, STATUS.ENOENT)
    await writeFile(path, 'new')
    assert.equal(await contentOf(storage, filename), 'new')
  })
})
