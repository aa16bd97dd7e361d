import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openMogilefsCluster } from '../../src/app/mogilefs-cluster.ts'
import { uploadFile } from '../../src/app/mogilefs-upload.ts'
import { trackersAlone } from '../../src/app/open-mogilefs.ts'
import { defaultEdgeConf } from '../../src/config/index.ts'
import {
  type EmbeddedMogilefs,
  type Mogstored,
  startEmbeddedMogilefs,
} from '../../src/embedded/embedded-mogilefs.ts'
import { run } from '../support/command-line.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const LOOPBACK = { host: '127.0.0.1', port: 0 }

interface SuiteContext {
  after(fn: () => unknown): void
  afterEach(fn: () => unknown): void
}

/** Two trackers and two storages, which are well at the beginning of each test, and `mog` beside them. */
export async function startMogStand({ after, afterEach }: SuiteContext) {
  const endings: (() => unknown)[] = []
  const folder = await temporaryFolder({ after: (fn) => endings.push(fn) })
  const store = await startStore(folder)
  const trackers = store.trackers.map(({ address }) => address)
  const observe = (): void => undefined
  const cluster = openMogilefsCluster(defaultEdgeConf(), trackersAlone(trackers), { observe })
  afterEach(() => {
    for (const daemon of [...store.trackers, ...store.mogstoreds]) daemon.faults = {}
    store.store.exec("UPDATE device SET weight = 100, status = 'alive'")
  })
  after(async () => {
    cluster.close()
    await store.close()
    for (const end of endings) await end()
  })
  const flags = trackers.flatMap(({ port }) => ['--tracker', `127.0.0.1:${port}`])
  return {
    store,
    folder,
    mog: (...args: string[]) => run(['mog', ...args, ...flags]),
    /** The same, with these bytes on its standard input. */
    mogGiven: (input: Buffer, ...args: string[]) => run(['mog', ...args, ...flags], input),
    async file(name: string, content: Buffer): Promise<string> {
      const path = join(folder, name)
      await writeFile(path, content)
      return path
    },
    /** Without a process of its own. */
    async put(key: string, content: Buffer, domain = 'img'): Promise<number> {
      const read = async () => ({ size: content.length, chunks: [content] })
      const className = domain === 'img' ? 'photos' : 'one'
      const { signal } = new AbortController()
      const { fid } = await uploadFile(cluster, { domain, key, className, read }, signal)
      await store.settled()
      return fid
    },
    /** Of two equal ones. */
    storages(): [Mogstored, Mogstored] {
      const [first, second] = store.mogstoreds
      assert.ok(first && second)
      return [first, second]
    },
  }
}

function startStore(folder: string): Promise<EmbeddedMogilefs> {
  return startEmbeddedMogilefs({
    dataDir: join(folder, 'store'),
    trackers: [LOOPBACK, LOOPBACK],
    storages: [
      { ...LOOPBACK, devids: [1] },
      { ...LOOPBACK, devids: [2] },
    ],
    domains: [
      { name: 'img', classes: [{ name: 'photos', mindevcount: 2, hashtype: 'MD5' }] },
      { name: 'many' },
      { name: 'stats', classes: [{ name: 'one', mindevcount: 1 }] },
    ],
  })
}
