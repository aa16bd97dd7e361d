import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { COMMAND } from '../../src/wire/fastdfs/commands.ts'
import { decodeFileName } from '../../src/wire/fastdfs/tracker-messages.ts'
import { randomContent } from '../support/random-content.ts'
import { waitFor } from '../support/wait-for.ts'
import {
  download,
  downloadBody,
  nameBody,
  startCluster,
  storageOf,
  upload,
  uploadBody,
} from './cluster-fixture.ts'
import { WirePeer } from './wire-peer.ts'

const CLIENTS = 32

describe('many clients at once', () => {
  it('each get their own bytes, of small files and of large', async (t) => {
    const storage = storageOf(await startCluster(t))
    const work = async (client: number): Promise<void> => {
      const peer = new WirePeer(storage.address)
      for (const size of [1, 1000, 70_000, client % 8 === 0 ? 2_500_000 : 30_000]) {
        const content = randomContent(size, client + 1)
        const answer = await peer.ask(COMMAND.UPLOAD_FILE, uploadBody(content))
        const { filename } = decodeFileName(answer.body)
        for (let turn = 0; turn < 3; turn++) {
          const { body } = await peer.ask(COMMAND.DOWNLOAD_FILE, downloadBody(filename))
          assert.ok(body.equals(content), `client ${client}, ${size} bytes`)
        }
        await peer.ask(COMMAND.DELETE_FILE, nameBody(filename))
        assert.equal((await peer.ask(COMMAND.DOWNLOAD_FILE, downloadBody(filename))).status, 2)
      }
      peer.close()
    }
    await Promise.all(Array.from({ length: CLIENTS }, (_, client) => work(client)))
  })

  it('read one file at its full length, even while it is deleted', async (t) => {
    const storage = storageOf(await startCluster(t))
    const content = randomContent(3_000_000)
    const filename = await upload(storage, content)
    const reads = Array.from({ length: 8 }, () => download(storage, filename))
    const peer = new WirePeer(storage.address)
    t.after(() => peer.close())
    await waitFor('the first', () => storage.counters.requests(COMMAND.DOWNLOAD_FILE) > 0)
    assert.equal((await peer.ask(COMMAND.DELETE_FILE, nameBody(filename))).status, 0)
    for (const { status, body } of await Promise.all(reads)) {
      assert.ok(status === 2 || body.equals(content), `status ${status}, ${body.length} bytes`)
    }
  })

  it('use no more descriptors than there may be', async (t) => {
    const storage = storageOf(await startCluster(t))
    const before = (await readdir('/proc/self/fd')).length
    const names: string[] = []
    const peer = new WirePeer(storage.address)
    t.after(() => peer.close())
    for (let n = 0; n < 600; n++) {
      const answer = await peer.ask(COMMAND.UPLOAD_FILE, uploadBody(Buffer.from(`${n}`)))
      names.push(decodeFileName(answer.body).filename)
    }
    for (const [n, filename] of names.entries()) {
      const { body } = await peer.ask(COMMAND.DOWNLOAD_FILE, downloadBody(filename))
      assert.equal(body.toString(), `${n}`)
    }
    const used = (await readdir('/proc/self/fd')).length - before
    assert.ok(used <= 520, `${used} descriptors for 600 files`)
  })
})
