import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, it } from 'node:test'
import { crc32 } from 'node:zlib'
import type { HostPort } from '../../src/embedded/embedded-fastdfs.ts'
import { COMMAND } from '../../src/wire/fastdfs/commands.ts'
import { parseFileId } from '../../src/wire/fastdfs/file-id.ts'
import { decodeFileName } from '../../src/wire/fastdfs/tracker-messages.ts'
import { randomContent } from '../support/random-content.ts'
import {
  download,
  filesBelow,
  GROUP,
  startCluster,
  storageOf,
  type TestContext,
  temporaryFolder,
  uploadBody,
} from './cluster-fixture.ts'
import { WirePeer } from './wire-peer.ts'

const UPLOADERS = 8
const ANSWERS_BEFORE_KILL = 40

async function startProcess(t: TestContext, dataDir: string) {
  const script = join(import.meta.dirname, 'store-process.ts')
  const child = spawn(process.execPath, [script, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.after(() => child.kill('SIGKILL'))
  for await (const line of createInterface({ input: child.stdout })) {
    return { child, address: JSON.parse(line) as HostPort }
  }
  throw new Error('the store did not start')
}

/** Uploads until the store is gone; every id that was answered, with its content. */
async function uploadUntilKilled(
  { child, address }: { child: ChildProcess; address: HostPort },
  killAfter: number,
): Promise<ReadonlyMap<string, Buffer>> {
  const answered = new Map<string, Buffer>()
  const upload = async (uploader: number): Promise<void> => {
    const peer = new WirePeer(address)
    for (let n = 0; ; n++) {
      // Small ones and some of a megabyte, so that the kill meets every stage of an upload.
      const content = randomContent(n % 3 === 0 ? 1_000_000 : 20_000, 1 + uploader + UPLOADERS * n)
      const answer = await peer.ask(COMMAND.UPLOAD_FILE, uploadBody(content, ANY_PATH))
      answered.set(decodeFileName(answer.body).filename, content)
      if (answered.size === killAfter) child.kill('SIGKILL')
    }
  }
  const killed = once(child, 'exit')
  const uploads = Array.from({ length: UPLOADERS }, (_, uploader) => upload(uploader))
  for (const { status } of await Promise.allSettled(uploads)) assert.equal(status, 'rejected')
  await killed
  return answered
}

const ANY_PATH = { storePathIndex: 255 }

async function requireWhole(path: string, filename: string): Promise<void> {
  const id = parseFileId({ groupName: GROUP, filename })
  const content = await readFile(path)
  assert.ok(id, `${filename} is no name of a file`)
  assert.equal(content.length, id.size, `${filename} is not whole`)
  assert.equal(crc32(content), id.crc32, `${filename} has other bytes`)
}

describe('a store that is killed in the middle of uploads', () => {
  it('has every file whose id was answered, and no half one', async (t) => {
    const dataDir = await temporaryFolder(t)
    const answered = new Map<string, Buffer>()
    for (const round of [1, 2, 3]) {
      const store = await startProcess(t, dataDir)
      const ids = await uploadUntilKilled(store, ANSWERS_BEFORE_KILL + round)
      for (const [filename, content] of ids) answered.set(filename, content)
    }
    assert.ok(answered.size > 3 * ANSWERS_BEFORE_KILL)

    const cluster = await startCluster(t, {
      dataDir,
      groups: [{ groupName: GROUP, storages: [{ host: '127.0.0.1', port: 0 }], storePathCount: 2 }],
    })
    for (const [filename, content] of answered) {
      const { status, body } = await download(storageOf(cluster), filename)
      assert.equal(status, 0, `${filename} was answered and is gone`)
      assert.ok(body.equals(content), `${filename} has other bytes`)
    }
    for (const [index, storePath] of cluster.storePaths(GROUP).entries()) {
      for (const file of await filesBelow(storePath)) {
        assert.match(file, /^data\//, 'temporaries are removed at start')
        await requireWhole(join(storePath, file), `M0${index}/${file.slice('data/'.length)}`)
      }
    }
  })
})
