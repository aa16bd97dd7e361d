import { mkdtemp, rm, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Clusters, openClusters } from '../../src/app/clusters.ts'
import { createTransfer } from '../../src/app/create-transfer.ts'
import { uploadFile } from '../../src/app/mogilefs-upload.ts'
import type { Address } from '../../src/client/address.ts'
import type { EdgeEvent } from '../../src/client/events.ts'
import { defaultEdgeConf, type EdgeConf, type MogilefsConf } from '../../src/config/index.ts'
import {
  type EmbeddedMogilefs,
  type EmbeddedMogilefsOptions,
  startEmbeddedMogilefs,
} from '../../src/embedded/embedded-mogilefs.ts'
import type { MogilefsRef, Ref } from '../../src/resolver/resolver.ts'
import {
  keepNothing,
  type StoreOptions,
  type StoreStack,
  type TestContext,
} from '../suites/store-stack.ts'

export interface MogilefsStackOptions extends StoreOptions {
  readonly embedded?: Partial<EmbeddedMogilefsOptions>
  readonly mogilefs?: Partial<MogilefsConf>
}

export interface MogilefsStack extends StoreStack {
  readonly store: EmbeddedMogilefs
  readonly clusters: Clusters
  /** Stores a file under a key of the domain `img`, or whichever the ref names. */
  putAs(key: string, content: Buffer, options?: { domain?: string }): Promise<MogilefsRef>
}

const { signal } = new AbortController()

/** MogileFS's settings of an edge that asks these trackers. */
export function mogilefsConf(
  { trackers }: { readonly trackers: readonly { readonly address: Address }[] },
  change: Partial<MogilefsConf> = {},
): MogilefsConf {
  return {
    trackers: trackers.map(({ address }) => address),
    database: null,
    resolve: ['tracker'],
    locationMs: 10_000,
    zone: null,
    hasLeadingSlash: false,
    vhosts: { exact: new Map(), wildcards: new Map() },
    ...change,
  }
}

/**
 * Domain `img`, whose class keeps MD5 sums and a copy on each of the devices dev1, dev2 .. on
 * 127.0.0.2, 127.0.0.3 and so on; domain `video` has the default class. The trackers do not look
 * which devices are up: that is left to the edge.
 */
export async function startMogilefs(
  t: TestContext,
  options: MogilefsStackOptions = {},
): Promise<MogilefsStack> {
  const store = await startStore(t, options)
  const { conf: change = (conf) => conf, isNothingKept = false } = options
  const base: EdgeConf = { ...defaultEdgeConf(), mogilefs: mogilefsConf(store, options.mogilefs) }
  const conf = change(isNothingKept ? keepNothing(base) : base)
  const events: EdgeEvent[] = []
  const observe = (event: EdgeEvent): void => void events.push(event)
  const clusters = openClusters(conf, observe)
  t.after(() => clusters.close())
  return {
    store,
    conf,
    clusters,
    transfer: createTransfer(conf, clusters, observe),
    events,
    replicas: store.mogstoreds,
    errorStatus: 500,
    ...writers(store, clusters),
    downloads: ({ counters }) => counters.requests('GET'),
    lookups: () =>
      store.trackers.reduce((sum, { counters }) => sum + counters.requests('get_paths'), 0),
  }
}

async function startStore(
  t: TestContext,
  { replicas = 1, embedded }: MogilefsStackOptions,
): Promise<EmbeddedMogilefs> {
  const dataDir = await mkdtemp(join(tmpdir(), 'dfs-edge-'))
  const store = await startEmbeddedMogilefs({
    dataDir,
    trackers: [{ host: '127.0.0.1', port: 0 }],
    storages: Array.from({ length: replicas }, (_, index) => ({
      host: `127.0.0.${index + 2}`,
      port: 0,
      devids: [index + 1],
    })),
    domains: [
      { name: 'img', classes: [{ name: 'sums', mindevcount: replicas, hashtype: 'MD5' }] },
      { name: 'video' },
    ],
    ...embedded,
  })
  for (const tracker of store.trackers) tracker.isObserving = false
  t.after(async () => {
    await store.close()
    await rm(dataDir, { recursive: true, force: true })
  })
  return store
}

type Writers = Pick<MogilefsStack, 'put' | 'putAs' | 'cutOnDisk'>

function writers(store: EmbeddedMogilefs, { mogilefs }: Clusters): Writers {
  if (mogilefs === null) throw new Error('no MogileFS is configured')
  let files = 0
  const putAs: MogilefsStack['putAs'] = async (key, content, { domain = 'img' } = {}) => {
    const className = domain === 'img' ? 'sums' : undefined
    const read = async () => ({ size: content.length, chunks: [content] })
    await uploadFile(mogilefs, { domain, key, className, read }, signal)
    await store.settled()
    return { system: 'mogilefs', domain, key }
  }
  return {
    putAs,
    put: (content, extension = 'bin') => {
      files += 1
      return putAs(`files/${files}.${extension}`, content)
    },
    async cutOnDisk(ref: Ref, bytes: number): Promise<void> {
      if (ref.system !== 'mogilefs') return
      const info = await mogilefs.tracker.fileInfo(ref, signal)
      if (typeof info === 'string') throw new Error(info)
      for (const { devids } of store.mogstoreds) {
        for (const devid of devids) await truncate(store.pathOf(devid, info.fid), bytes)
      }
    },
  }
}
