import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Clusters, openClusters } from '../../src/app/clusters.ts'
import { createTransfer } from '../../src/app/create-transfer.ts'
import { uploadFile } from '../../src/app/mogilefs-upload.ts'
import type { Address } from '../../src/client/address.ts'
import { defaultEdgeConf, type EdgeConf } from '../../src/config/index.ts'
import { startEmbeddedFastdfs } from '../../src/embedded/embedded-fastdfs.ts'
import { startEmbeddedMogilefs } from '../../src/embedded/embedded-mogilefs.ts'
import { createEdgeServer, type EdgeServerOptions } from '../../src/http/serve.ts'
import { numberedBytes } from '../support/edge-fixture.ts'
import { mogilefsConf } from '../support/mogilefs-stack.ts'

export interface ServedEdge {
  readonly port: number
  readonly clusters: Clusters
  /** Errors that were logged since this was last asked: faults of the edge's own. */
  takeErrors(): string[]
  close(): Promise<void>
}

export interface WholeEdge extends ServedEdge {
  /** Content by request-target. */
  readonly files: ReadonlyMap<string, Buffer>
}

/** The small ones come out of memory, the large one from a storage in pieces. */
const SIZES: Readonly<Record<string, number>> = {
  jpg: 0,
  flv: 100,
  html: 1,
  bin: 5000,
  mp4: 100_000,
}
/** Only what comes from here is believed as a proxy's. */
export const TRUSTED = '127.0.0.2'

const { signal } = new AbortController()

/** An edge on loopback in front of an embedded FastDFS and MogileFS, all with real sockets. */
export async function startWholeEdge(): Promise<WholeEdge> {
  const stores = await startStores()
  const edge = await serveEdge(stores.conf)
  const files = await fill(edge.clusters, stores.storage)
  const close = async (): Promise<void> => {
    await edge.close()
    await stores.close()
  }
  return { ...edge, files, close }
}

/** An edge on loopback in front of what is configured. */
export async function serveEdge(conf: EdgeConf): Promise<ServedEdge> {
  const clusters = openClusters(conf, () => undefined)
  const errors: string[] = []
  const server = createEdgeServer({
    transfer: createTransfer(conf, clusters, () => undefined),
    urls: clusters.urls,
    log: collectErrors(errors),
    limits: { lingerMs: 50 },
    trust: { proxies: [TRUSTED] },
  })
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 })
  const close = async (): Promise<void> => {
    await server.close(0)
    clusters.close()
  }
  return { port, clusters, takeErrors: () => errors.splice(0), close }
}

function collectErrors(errors: string[]): EdgeServerOptions['log'] {
  return {
    warn: () => undefined,
    error: (fields, message) => {
      const err = 'err' in fields ? fields.err : undefined
      errors.push(`${message}: ${err instanceof Error ? err.stack : JSON.stringify(fields)}`)
    },
  }
}

async function startStores(): Promise<{
  conf: EdgeConf
  storage: Address
  close: () => Promise<void>
}> {
  const dataDir = await mkdtemp(join(tmpdir(), 'dfs-edge-fuzz-'))
  const folders = { fastdfs: join(dataDir, 'fastdfs'), mogilefs: join(dataDir, 'mogilefs') }
  for (const folder of Object.values(folders)) await mkdir(folder)
  const fastdfs = await startEmbeddedFastdfs({
    dataDir: folders.fastdfs,
    tracker: { host: '127.0.0.1', port: 0 },
    groups: [{ groupName: 'group1', storages: [{ host: '127.0.0.2', port: 0 }] }],
  })
  const mogilefs = await startEmbeddedMogilefs({
    dataDir: folders.mogilefs,
    trackers: [{ host: '127.0.0.1', port: 0 }],
    storages: [{ host: '127.0.0.3', port: 0, devids: [1] }],
    domains: [{ name: 'img', classes: [{ name: 'sums', mindevcount: 1, hashtype: 'MD5' }] }],
  })
  for (const tracker of mogilefs.trackers) tracker.isObserving = false
  const base = defaultEdgeConf()
  const conf = {
    ...base,
    trackerServers: [[fastdfs.tracker.address]],
    mogilefs: mogilefsConf(mogilefs),
    memory: { ...base.memory, objectMaxBytes: 4096, objectCacheBytes: 65_536 },
    locations: { ...base.locations, foundMs: 1000 },
  }
  const close = async (): Promise<void> => {
    await mogilefs.close()
    await fastdfs.close()
    await rm(dataDir, { recursive: true, force: true })
  }
  return { conf, storage: fastdfs.storages[0]?.address ?? { host: '', port: 0 }, close }
}

async function fill(
  { fastdfs, mogilefs }: Clusters,
  storage: Address,
): Promise<Map<string, Buffer>> {
  if (fastdfs === null || mogilefs === null) throw new Error('a cluster is missing')
  const files = new Map<string, Buffer>()
  for (const [extName, size] of Object.entries(SIZES)) {
    const bytes = numberedBytes(size)
    const content = { size, chunks: [bytes] }
    const upload = { content, extName, storePathIndex: 0, isAppender: false }
    const { groupName, filename } = await fastdfs.storage.upload(storage, upload, signal)
    files.set(`/${groupName}/${filename}`, bytes)
    const key = `a/file.${extName}`
    const file = { domain: 'img', key, className: 'sums', read: async () => content }
    await uploadFile(mogilefs, file, signal)
    files.set(`/img/${key}`, bytes)
  }
  return files
}
