// npm run bench: prints tables with ratios taken in one run and asserts nothing.
import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { formatTable } from '../../src/app/commands/output.ts'
import { openFastdfsCluster } from '../../src/app/fastdfs-cluster.ts'
import type { Address } from '../../src/client/address.ts'
import { defaultEdgeConf, type EdgeConf } from '../../src/config/index.ts'
import { COMMAND } from '../../src/wire/fastdfs/commands.ts'
import { formatFileId } from '../../src/wire/fastdfs/file-id.ts'
import { encodeFrame } from '../../src/wire/fastdfs/header.ts'
import { encodeDownload } from '../../src/wire/fastdfs/storage-messages.ts'
import type { FileName } from '../../src/wire/fastdfs/tracker-messages.ts'
import { randomContent } from '../support/random-content.ts'
import { Child } from './child.ts'
import { httpTarget, load, storageTarget, type Target } from './load.ts'
import { startSlowClients } from './slow-clients.ts'

const MB = 1024 * 1024
const SMALL = { size: 30 * 1024, count: 200 }
const LARGE = { size: 100 * MB, count: 1 }
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 5)
/** Until the code is compiled and the caches are full. */
const WARM_UP_SECONDS = SECONDS
const SLOW = { clients: 200, bytesPerSecond: 256 * 1024, seconds: 15 }

interface Store {
  readonly tracker: Address
  readonly storage: Address
}

interface Measured {
  readonly name: string
  readonly requestsPerSecond: number
  readonly bytesPerSecond: number
  /** CPU of the serving process for one request. */
  readonly cpuMicros: number
}

async function putFiles(
  { tracker, storage }: Store,
  { size, count }: { size: number; count: number },
): Promise<FileName[]> {
  const conf = { ...defaultEdgeConf(), trackerServers: [[tracker]] }
  const cluster = openFastdfsCluster(conf, () => undefined)
  const { signal } = new AbortController()
  const names: FileName[] = []
  for (let i = 0; i < count; i += 1) {
    const content = { size, chunks: [randomContent(size, i)] }
    const upload = { content, extName: 'jpg', storePathIndex: 0 }
    names.push(await cluster.storage.upload(storage, upload, signal))
  }
  cluster.close()
  return names
}

async function measure(
  name: string,
  target: Target,
  { child, connections = 32 }: { child: Child<unknown>; connections?: number },
): Promise<Measured> {
  await load(target, { connections, seconds: WARM_UP_SECONDS })
  const before = await child.usage()
  const { requests, bytes, seconds } = await load(target, { connections, seconds: SECONDS })
  const after = await child.usage()
  return {
    name,
    requestsPerSecond: requests / seconds,
    bytesPerSecond: bytes / seconds,
    cpuMicros: (after.cpuMicros - before.cpuMicros) / requests,
  }
}

async function measureEdge(
  name: string,
  conf: EdgeConf,
  { files, connections }: { files: readonly FileName[]; connections?: number },
): Promise<Measured> {
  const child = await Child.start<{ url: string }>('edge-process.ts', conf)
  try {
    const target = httpTarget(child.ready.url, files.map(pathOf))
    return await measure(name, target, { child, ...(connections && { connections }) })
  } finally {
    await child.stop()
  }
}

function rawTarget({ storage }: Store, files: readonly FileName[]): Target {
  const requests = files.map((file) =>
    encodeFrame(COMMAND.DOWNLOAD_FILE, encodeDownload({ ...file, offset: 0, length: 0 })),
  )
  return storageTarget(storage, requests)
}

function pathOf(file: FileName): string {
  return `/${formatFileId(file)}`
}

function confOf({ tracker }: Store, change: (conf: EdgeConf) => Partial<EdgeConf>): EdgeConf {
  const conf = defaultEdgeConf()
  const listen = [{ host: '127.0.0.1', port: 0 }]
  return { ...conf, listen, trackerServers: [[tracker]], ...change(conf) }
}

const withoutObjectCache = ({ memory }: EdgeConf): Partial<EdgeConf> => ({
  memory: { ...memory, objectCacheBytes: 0 },
})

function print(title: string, rows: readonly Measured[], per: 'requests' | 'bytes'): void {
  const [a] = rows
  const value = (row: Measured): number =>
    per === 'requests' ? row.requestsPerSecond : row.bytesPerSecond
  const table = rows.map((row) => [
    row.name,
    row.requestsPerSecond.toFixed(per === 'requests' ? 0 : 1),
    (row.bytesPerSecond / MB).toFixed(0),
    row.cpuMicros.toFixed(0),
    (value(row) / (a ? value(a) : 1)).toFixed(2),
  ])
  const head = ['', 'requests/s', 'MB/s', 'CPU µs/request', 'ratio']
  process.stdout.write(`\n${title}\n${formatTable(head, table)}\n`)
}

async function benchHits(store: Store, files: readonly FileName[]): Promise<void> {
  const bare = await Child.start<{ url: string }>('bare-process.ts', { size: SMALL.size })
  const b = await measure('bare node:http', httpTarget(bare.ready.url, ['/']), { child: bare })
  await bare.stop()
  const hit = await measureEdge(
    'edge, object cache hit',
    confOf(store, () => ({})),
    { files },
  )
  print('30 KB out of memory, 32 connections', [b, hit], 'requests')
}

async function benchMisses(child: Child<Store>, files: readonly FileName[]): Promise<void> {
  const store = child.ready
  const raw = await measure('raw client on the storage', rawTarget(store, files), { child })
  const miss = await measureEdge('edge, location cached', confOf(store, withoutObjectCache), {
    files,
  })
  const unknown = confOf(store, (conf) => ({
    ...withoutObjectCache(conf),
    locations: { ...conf.locations, foundMs: 0 },
  }))
  const located = await measureEdge('edge, tracker asked each time', unknown, { files })
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
  const edge = await measureEdge('edge', conf, { files, connections })
  print(`100 MB from the storage, ${connections} connections`, [raw, edge], 'bytes')
}

async function benchSlowClients(store: Store, [file]: readonly FileName[]): Promise<void> {
  if (file === undefined) return
  const edge = await Child.start<{ url: string }>(
    'edge-process.ts',
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
const store = await Child.start<Store>('store-process.ts', { dataDir })
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
} finally {
  await store.stop()
  await rm(dataDir, { recursive: true, force: true })
}
