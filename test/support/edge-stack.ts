import { mkdtemp, rm, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTransfer } from '../../src/app/create-transfer.ts'
import { type FastdfsCluster, openFastdfsCluster } from '../../src/app/fastdfs-cluster.ts'
import type { EdgeEvent } from '../../src/client/events.ts'
import { defaultEdgeConf, type EdgeConf } from '../../src/config/index.ts'
import {
  type EmbeddedFastdfs,
  type EmbeddedFastdfsOptions,
  type FdfsStoraged,
  startEmbeddedFastdfs,
} from '../../src/embedded/embedded-fastdfs.ts'
import type { FastdfsRef } from '../../src/resolver/resolver.ts'
import type { FileTransfer } from '../../src/transfer/file-transfer.ts'
import { COMMAND } from '../../src/wire/fastdfs/commands.ts'
import { keepNothing, type StoreOptions, type StoreStack } from '../suites/store-stack.ts'

export interface StackOptions {
  /** Storages of group1, on 127.0.0.2, 127.0.0.3 and so on. */
  readonly storages?: number
  readonly embedded?: Partial<EmbeddedFastdfsOptions>
  readonly conf?: (base: EdgeConf) => EdgeConf
}

/** An embedded FastDFS, and everything of the edge below HTTP in front of it. */
export interface Stack {
  readonly store: EmbeddedFastdfs
  readonly conf: EdgeConf
  readonly cluster: FastdfsCluster
  readonly transfer: FileTransfer
  readonly events: EdgeEvent[]
  upload(content: Buffer, options?: UploadOptions): Promise<FastdfsRef>
  uploadSlave(master: FastdfsRef, content: Buffer, suffix: SlaveSuffix): Promise<FastdfsRef>
  /** The storage that has a download of this many bytes or more under way. */
  storageAt(host: string): FdfsStoraged
}

export interface UploadOptions {
  readonly extName?: string
  readonly isAppender?: boolean
  /** Index of the storage to upload to: the source. */
  readonly to?: number
}

export interface SlaveSuffix {
  readonly prefix: string
  readonly extName: string
}

interface TestContext {
  after(fn: () => unknown): void
}

const signal = new AbortController().signal

export async function startStack(t: TestContext, options: StackOptions = {}): Promise<Stack> {
  const dataDir = await mkdtemp(join(tmpdir(), 'dfs-edge-'))
  const storages = Array.from({ length: options.storages ?? 1 }, (_, index) => ({
    host: `127.0.0.${index + 2}`,
    port: 0,
  }))
  const store = await startEmbeddedFastdfs({
    dataDir,
    tracker: { host: '127.0.0.1', port: 0 },
    groups: [{ groupName: 'group1', storages }],
    ...options.embedded,
  })
  const base = { ...defaultEdgeConf(), trackerServers: [[store.tracker.address]] }
  const conf = options.conf?.(base) ?? base
  const events: EdgeEvent[] = []
  const observe = (event: EdgeEvent): void => void events.push(event)
  const cluster = openFastdfsCluster(conf, observe)
  const transfer = createTransfer(conf, cluster, observe)
  t.after(async () => {
    cluster.close()
    await store.close()
    await rm(dataDir, { recursive: true, force: true })
  })
  return { store, conf, cluster, transfer, events, ...writers(store, cluster) }
}

function writers(store: EmbeddedFastdfs, { storage }: FastdfsCluster) {
  const storageOf = (index: number): FdfsStoraged => {
    const one = store.storages[index]
    if (one === undefined) throw new Error(`there is no storage ${index}`)
    return one
  }
  return {
    async upload(content: Buffer, options: UploadOptions = {}): Promise<FastdfsRef> {
      const { extName = 'bin', isAppender = false, to = 0 } = options
      const upload = {
        content: { size: content.length, chunks: [content] },
        extName,
        isAppender,
        storePathIndex: 0,
      }
      const name = await storage.upload(storageOf(to).address, upload, signal)
      return { system: 'fastdfs', ...name }
    },
    async uploadSlave(
      master: FastdfsRef,
      content: Buffer,
      suffix: SlaveSuffix,
    ): Promise<FastdfsRef> {
      const slave = { master, ...suffix, content: { size: content.length, chunks: [content] } }
      const name = await storage.uploadSlave(storageOf(0).address, slave, signal)
      return { system: 'fastdfs', ...name }
    },
    storageAt(host: string): FdfsStoraged {
      const found = store.storages.find(({ address }) => `${address.host}:${address.port}` === host)
      if (found === undefined) throw new Error(`no storage at ${host}`)
      return found
    },
  }
}

/** The same for what is true of either system. */
export async function startFastdfs(
  t: TestContext,
  { replicas = 1, isNothingKept = false, conf }: StoreOptions = {},
): Promise<StoreStack> {
  const stack = await startStack(t, {
    storages: replicas,
    conf: (base) => (conf ?? ((same) => same))(isNothingKept ? keepNothing(base) : base),
  })
  const { store } = stack
  return {
    ...stack,
    replicas: store.storages,
    errorStatus: 5,
    put: (content, extName = 'bin') => stack.upload(content, { extName }),
    cutOnDisk: async (ref, bytes) => {
      if (ref.system === 'fastdfs') await truncate(store.pathOf(ref), bytes)
    },
    downloads: ({ counters }) => counters.requests(COMMAND.DOWNLOAD_FILE),
    lookups: () => store.tracker.counters.requests(COMMAND.QUERY_FETCH_ALL),
  }
}
