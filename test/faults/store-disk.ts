import assert from 'node:assert/strict'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EdgeError } from '../../src/errors.ts'
import { formatRef } from '../../src/resolver/resolver.ts'
import { type Stack, startStack } from '../support/edge-stack.ts'
import { randomContent } from '../support/random-content.ts'
import { ServeProcess } from '../support/serve-process.ts'
import { SmallDisk, whyNoDisk } from '../support/small-disk.ts'
import { loadOf, type Scene, type SceneContext, watchMemory } from './scene.ts'
import { ASK_ANEW } from './stand.ts'
import { Tally } from './tally.ts'
import { runWorkload, type StoredFile } from './workload.ts'

const PLACE = 'embedded FastDFS'
const DISK_MEGABYTES = 32

export const STORE_DISK_FULL: Scene = {
  fault: 'disk of the embedded store full',
  place: PLACE,
  badHosts: 0,
  whyNot: whyNoDisk,
  run: (at) => serveOverDisk(at, { spoil: fill, mend: empty }),
}

export const STORE_DISK_READ_ONLY: Scene = {
  fault: 'disk of the embedded store read-only',
  place: PLACE,
  badHosts: 0,
  whyNot: whyNoDisk,
  run: (at) =>
    serveOverDisk(at, {
      spoil: async (disk) => disk.setReadOnly(true),
      mend: async (disk) => disk.setReadOnly(false),
    }),
}

interface Fault {
  spoil(disk: SmallDisk): Promise<void>
  mend(disk: SmallDisk): Promise<void>
}

/** What is there is read as ever, what is new is refused, and taken again afterwards. */
async function serveOverDisk({ t, scale }: SceneContext, fault: Fault): Promise<Tally> {
  const disk = new SmallDisk(DISK_MEGABYTES)
  t.after(() => disk.remove())
  const embedded = { dataDir: join(disk.path, 'store') }
  const stack = await startStack(t, { storages: 2, embedded })
  const files = { small: [await put(stack, 30_000, 1)], large: [await put(stack, 3_000_000, 2)] }
  const { host, port } = stack.store.tracker.address
  const settings = [`tracker_server = ${host}:${port}`, ...ASK_ANEW].join('\n')
  const serve = await ServeProcess.start(t, settings)
  const url = serve.url.slice(0, -1)
  return watchMemory({ serve, files, scale }, async () => {
    const tally = new Tally()
    await fault.spoil(disk)
    await assert.rejects(put(stack, 500_000, 3), EdgeError)
    await runWorkload({ url, files, ...loadOf(scale) }, tally)
    await fault.mend(disk)
    await put(stack, 500_000, 3)
    await runWorkload({ url, files, ...loadOf(scale) }, tally)
    return tally
  })
}

async function put(stack: Stack, size: number, seed: number): Promise<StoredFile> {
  const content = randomContent(size, seed)
  return { path: formatRef(await stack.upload(content)), content }
}

const rubbishOf = ({ path }: SmallDisk): string => join(path, 'rubbish')

async function fill(disk: SmallDisk): Promise<void> {
  const all = Buffer.alloc(DISK_MEGABYTES * 1024 * 1024)
  await writeFile(rubbishOf(disk), all).catch(() => undefined)
}

async function empty(disk: SmallDisk): Promise<void> {
  await rm(rubbishOf(disk))
}
