// npm run bench: prints tables with ratios taken in one run and asserts nothing.
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { defaultEdgeConf, type EdgeConf } from '../../src/config/index.ts'
import { COMMAND } from '../../src/wire/fastdfs/commands.ts'
import { encodeFrame } from '../../src/wire/fastdfs/header.ts'
import { encodeDownload } from '../../src/wire/fastdfs/storage-messages.ts'
import type { FileName } from '../../src/wire/fastdfs/tracker-messages.ts'
import { Child } from '../support/child.ts'
import { pathOf, putFiles, type Store } from './fastdfs-files.ts'
import { httpTarget, storageTarget, type Target } from './load.ts'
import { MB, measure, measureEdge, print, SECONDS, withoutObjectCache } from './measure.ts'
import { benchObjects } from './mogilefs-objects.ts'
import { benchResolves, formatResolves } from './mogilefs-resolve.ts'
import { benchNginx } from './nginx-bench.ts'
import { startSlowClients } from './slow-clients.ts'

const SMALL = { size: 30 * 1024, count: 200 }
const LARGE = { size: 100 * MB, count: 1 }
const SLOW = { clients: 200, bytesPerSecond: 256 * 1024, seconds: 15 }

function rawTarget({ storage }: Store, files: readonly FileName[]): Target {
  const requests = files.map((file) =>
    encodeFrame(COMMAND.DOWNLOAD_FILE, encodeDownload({ ...file, offset: 0, length: 0 })),
  )
  return storageTarget(storage, requests)
}

function confOf({ tracker }: Store, change: (conf: EdgeConf) => Partial<EdgeConf>): EdgeConf {
  const conf = defaultEdgeConf()
  const listen = [{ host: '127.0.0.1', port: 0 }]
  return { ...conf, listen, trackerServers: [[tracker]], ...change(conf) }
}

async function benchHits(store: Store, files: readonly FileName[]): Promise<void> {
  const bare = await Child.start<{ url: string }>(new URL('bare-process.ts', import.meta.url), {
    size: SMALL.size,
  })
  const b = await measure('bare node:http', httpTarget(bare.ready.url, ['/']), { child: bare })
  await bare.stop()
  const hit = await measureEdge(
    'edge, object cache hit',
    confOf(store, () => ({})),
    { paths: files.map(pathOf) },
  )
  print('30 KB out of memory, 32 connections', [b, hit], 'requests')
}

async function benchMisses(child: Child<Store>, files: readonly FileName[]): Promise<void> {
  const store = child.ready
  const raw = await measure('raw client on the storage', rawTarget(store, files), { child })
  const miss = await measureEdge('edge, location cached', confOf(store, withoutObjectCache), {
    paths: files.map(pathOf),
  })
  const unknown = confOf(store, (conf) => ({
    ...withoutObjectCache(conf),
    locations: { ...conf.locations, foundMs: 0 },
  }))
  const located = await measureEdge('edge, tracker asked each time', unknown, {
    paths: files.map(pathOf),
  })
  print('30 KB from the storage, 32 connections', [raw, miss, located], 'requests')
}

async function benchLarge(
  child: Child<Store>,
  files: readonly FileName[],
  connections: number,
): Promise<void> {
  const store = child.ready
  const raw = await measure('raw client on the storage', rawTarget(store, files), {
    child,
    connections,
  })
  const conf = confOf(store, () => ({}))
  const edge = await measureEdge('edge', conf, { paths: files.map(pathOf), connections })
  print(`100 MB from the storage, ${connections} connections`, [raw, edge], 'bytes')
}

async function benchSlowClients(store: Store, [file]: readonly FileName[]): Promise<void> {
  if (file === undefined) return
  const edge = await Child.start<{ url: string }>(
    new URL('edge-process.ts', import.meta.url),
    confOf(store, () => ({
      pool: { ...defaultEdgeConf().pool, maxConnections: 512 },
    })),
  )
  const slow = startSlowClients(edge.ready.url, { path: pathOf(file), ...SLOW })
  let peakBytes = 0
  for (let second = 0; second < SLOW.seconds; second += 1) {
    await new Promise((resolve) => setTimeout(resolve, 1000))
    peakBytes = Math.max(peakBytes, (await edge.usage()).rssBytes)
  }
  slow.stop()
  await edge.stop()
  const received = (slow.received() / MB).toFixed(0)
  const peak = (peakBytes / MB).toFixed(0)
  process.stdout.write(
    `\n${SLOW.clients} clients slowly reading 100 MB each: they took ${received} MB in ` +
      `${SLOW.seconds} s, the edge's resident memory was at most ${peak} MB\n`,
  )
}

const dataDir = await mkdtemp(join(tmpdir(), 'dfs-edge-bench-'))
// nginx's workers may be of another user.
await chmod(dataDir, 0o755)
const store = await Child.start<Store>(new URL('store-process.ts', import.meta.url), { dataDir })
try {
  process.stdout.write(
    `Node ${process.version}, ${availableParallelism()} cores, ${SECONDS} s a line; load, storage ` +
      'and edge share the cores\n',
  )
  const small = await putFiles(store.ready, SMALL)
  const large = await putFiles(store.ready, LARGE)
  await benchHits(store.ready, small)
  await benchMisses(store, small)
  await benchLarge(store, large, 4)
  await benchLarge(store, large, 16)
  await benchSlowClients(store.ready, large)
  await benchNginx(store.ready, small, dataDir)
  process.stdout.write(`\n${formatResolves(await benchResolves())}\n`)
  await benchObjects(join(dataDir, 'mogilefs'))
} finally {
  await store.stop()
  await rm(dataDir, { recursive: true, force: true })
}
