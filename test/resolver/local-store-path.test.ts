import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, truncate, unlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, test } from 'node:test'
import { crc32 } from 'node:zlib'
import { LocalStorePaths } from '../../src/resolver/local-store-path.ts'
import { type FileId, parseFileId, splitFileId } from '../../src/wire/fastdfs/file-id.ts'
import { REGULAR_FILE, TRUNK_HEADER, trunkFilename } from '../../src/wire/fastdfs/trunk.ts'
import { readAll } from '../suites/store-stack.ts'
import { startStack } from '../support/edge-stack.ts'
import { randomContent } from '../support/random-content.ts'

const { signal } = new AbortController()

async function startLocal(t: { after(fn: () => unknown): void }) {
  const stack = await startStack(t)
  const storePaths = stack.store.storePaths('group1')
  const localGroups = [{ groupName: 'group1', storageServerPort: 23000, storePaths }]
  const local = await startStack(t, {
    conf: (conf) => ({ ...conf, trackerServers: stack.conf.trackerServers, localGroups }),
  })
  return { ...stack, transfer: local.transfer, cluster: local.cluster }
}

describe('a store path on this host', () => {
  test('gives a file without asking anybody', async (t) => {
    const { transfer, upload, store } = await startLocal(t)
    const content = randomContent(3_000_000)
    const ref = await upload(content)
    const asked = store.storages[0]?.counters.allRequests
    assert.deepEqual(await readAll(await transfer.open(ref, null, { signal })), content)
    const range = { start: 5, end: 1_000_000 }
    const part = await readAll(await transfer.open(ref, range, { signal }))
    assert.deepEqual(part, content.subarray(5, 1_000_000))
    assert.equal(store.storages[0]?.counters.allRequests, asked)
    assert.equal(store.tracker.counters.allRequests, 0)
  })

  test('tells where nginx finds a file, but none in a trunk file', async (t) => {
    const { transfer, upload, uploadSlave } = await startLocal(t)
    const ref = await upload(randomContent(3000), { extName: 'jpg' })
    const slave = await uploadSlave(ref, randomContent(30), { prefix: '_s#', extName: 'jpg' })
    for (const one of [ref, slave]) {
      const located = await transfer.locate(one)
      assert.deepEqual(located?.elsewhere, { kind: 'file', path: `/group1/${one.filename}` })
    }
    const appender = await upload(randomContent(3000), { isAppender: true })
    assert.deepEqual((await transfer.locate(appender))?.elsewhere, {
      kind: 'host',
      host: '127.0.0.2',
    })
  })

  test('leaves a file that is not here, or not whole, to the storages', async (t) => {
    const { cluster, upload, store } = await startLocal(t)
    const [short, missing] = [await upload(randomContent(5000)), await upload(randomContent(6000))]
    await truncate(store.pathOf(short), 100)
    await unlink(store.pathOf(missing))
    for (const ref of [short, missing]) {
      const found = await cluster.resolver.resolve(ref)
      assert.match(found?.replicas[0]?.host ?? '', /^127\.0\.0\.2:/)
    }
  })

  test('a wrong byte on this disk never comes out: a storage is asked', async (t) => {
    const { transfer, upload, store, storageAt } = await startLocal(t)
    const content = randomContent(5000)
    const ref = await upload(content)
    const { address } = store.storages[0] ?? assert.fail()
    assert.ok(storageAt(`${address.host}:${address.port}`))
    // The storage of this test reads the same disk, so the file is right again for it.
    const wrong = Buffer.from(content)
    wrong[7] = (wrong[7] ?? 0) ^ 1
    await writeFile(store.pathOf(ref), wrong)
    await assert.rejects(transfer.open(ref, null, { signal }), { code: 'replicas_failed' })
    await writeFile(store.pathOf(ref), content)
    assert.deepEqual(await readAll(await transfer.open(ref, null, { signal })), content)
  })

  test('gives a slave with the facts of the disk, and leaves appenders to the storages', async (t) => {
    const { transfer, cluster, upload, uploadSlave, store } = await startLocal(t)
    const master = await upload(randomContent(5000), { extName: 'jpg' })
    const slave = await uploadSlave(master, randomContent(900, 3), { prefix: '_s', extName: 'jpg' })
    await utimes(store.pathOf(slave), 1_700_000_000, 1_700_000_000)
    const facts = await transfer.facts(slave)
    assert.deepEqual([facts?.size, facts?.modified], [900, 1_700_000_000])
    const appender = await upload(Buffer.from('log'), { isAppender: true })
    const found = await cluster.resolver.resolve(appender)
    assert.match(found?.replicas[0]?.host ?? '', /^127\.0\.0\.2:/)
  })
})

describe('a trunk file on this host', () => {
  // Recorded from a real cluster: 2048 bytes at offset 1184512 of trunk file 1.
  const NAME = 'group3/M00/00/00/fwAADGsDFt2Ie8U7AAAIAIYy60IAAAAAQASEwAAAAkA350.png'

  async function startTrunk(t: { after(fn: () => unknown): void }, header: object = {}) {
    const storePath = await mkdtemp(join(tmpdir(), 'dfs-edge-'))
    t.after(() => rm(storePath, { recursive: true, force: true }))
    const id = parseFileId(splitFileId(NAME) ?? assert.fail()) ?? assert.fail()
    const { offset, allocSize } = id.trunk ?? assert.fail()
    const slot = TRUNK_HEADER.encode({
      type: REGULAR_FILE,
      allocSize,
      fileSize: id.size ?? 0,
      crc32: id.crc32 ?? 0,
      modified: id.createTimestamp,
      extName: 'png',
      ...header,
    })
    const path = join(storePath, 'data', trunkFilename(id))
    await mkdir(dirname(path), { recursive: true })
    const content = randomContent(2048)
    await writeFile(path, Buffer.concat([Buffer.alloc(offset, 0xee), slot, content]))
    const paths = new LocalStorePaths([{ groupName: 'group3', storePaths: [storePath] }])
    return { id, paths, content }
  }

  async function read(paths: LocalStorePaths, id: FileId): Promise<Buffer | null> {
    const file = await paths.find(id)
    const body = await file?.replica.open(null, signal)
    return body ? Buffer.concat(await Array.fromAsync(body.chunks)) : null
  }

  test('is read out of its slot', async (t) => {
    const { id, paths, content } = await startTrunk(t)
    assert.deepEqual(await read(paths, id), content)
    assert.notEqual(crc32(content), 0)
  })

  for (const [what, header] of [
    ['is free', { type: 0 }],
    ['holds a link', { type: 'L'.charCodeAt(0) }],
    ['holds another file of this size', { crc32: 1 }],
    ['holds a file of another size', { fileSize: 2047 }],
    ['was cut anew', { allocSize: 256 }],
  ] as const) {
    test(`is not taken from a slot that ${what}`, async (t) => {
      const { id, paths } = await startTrunk(t, header)
      assert.equal(await read(paths, id), null)
    })
  }
})
