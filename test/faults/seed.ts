import { createHash } from 'node:crypto'
import { openFastdfsCluster } from '../../src/app/fastdfs-cluster.ts'
import { openMogilefsCluster } from '../../src/app/mogilefs-cluster.ts'
import { uploadFile } from '../../src/app/mogilefs-upload.ts'
import { defaultEdgeConf } from '../../src/config/index.ts'
import { startEmbeddedFastdfs } from '../../src/embedded/embedded-fastdfs.ts'
import { startEmbeddedMogilefs } from '../../src/embedded/embedded-mogilefs.ts'
import { formatRef } from '../../src/resolver/resolver.ts'
import { mogilefsConf } from '../support/mogilefs-stack.ts'
import { randomContent } from '../support/random-content.ts'
import type { StoreArgument } from './store-process.ts'
import type { Files, StoredFile } from './workload.ts'

const SMALL_BYTES = 30_000
const SMALL_FILES = 8
const LARGE_FILES = 2
/** They have no row in the database before a test says so. */
const SPARE_FILES = 8

export interface SeededFile extends StoredFile {
  /** 0 in FastDFS. */
  readonly fid: number
  readonly md5: string
}

export type Seeded = { readonly [kind in keyof Files | 'spare']: readonly SeededFile[] }

type Put = (name: string, content: Buffer) => Promise<{ path: string; fid: number }>

const never = new AbortController().signal

/** Fills a store, which runs in this process for so long. Its source is the first storage. */
export function seed(argument: StoreArgument, largeBytes: number): Promise<Seeded> {
  return argument.system === 'fastdfs'
    ? seedFastdfs(argument, largeBytes)
    : seedMogilefs(argument, largeBytes)
}

async function seedFastdfs(
  { dataDir, tracker, storages }: StoreArgument,
  largeBytes: number,
): Promise<Seeded> {
  const groups = [
    { groupName: 'group1', storages: storages.slice(0, -1) },
    { groupName: 'group2', storages: storages.slice(-1) },
  ]
  const store = await startEmbeddedFastdfs({ dataDir, tracker, groups })
  const conf = { ...defaultEdgeConf(), trackerServers: [[tracker]] }
  const cluster = openFastdfsCluster(conf, () => undefined)
  const [source] = store.storages
  if (source === undefined) throw new Error('there is no storage')
  try {
    return await fill(largeBytes, async (_, content) => {
      const upload = { content: { size: content.length, chunks: [content] }, extName: 'bin' }
      const to = source.address
      const name = await cluster.storage.upload(to, { ...upload, storePathIndex: 0 }, never)
      return { path: formatRef({ system: 'fastdfs', ...name }), fid: 0 }
    })
  } finally {
    cluster.close()
    await store.close()
  }
}

async function seedMogilefs(
  { dataDir, tracker, storages }: StoreArgument,
  largeBytes: number,
): Promise<Seeded> {
  const classes = [{ name: 'sums', mindevcount: storages.length, hashtype: 'MD5' as const }]
  const store = await startEmbeddedMogilefs({
    dataDir,
    trackers: [tracker],
    storages: storages.map((address, index) => ({ ...address, devids: [index + 1] })),
    domains: [{ name: 'img', classes }],
  })
  const mogilefs = mogilefsConf(store)
  const conf = { ...defaultEdgeConf(), mogilefs }
  const cluster = openMogilefsCluster(conf, mogilefs, { observe: () => undefined })
  try {
    return await fill(largeBytes, async (key, content) => {
      const read = async () => ({ size: content.length, chunks: [content] })
      const file = { domain: 'img', key, className: 'sums', read }
      const { fid } = await uploadFile(cluster, file, never)
      await store.settled()
      return { path: `/img/${key}`, fid }
    })
  } finally {
    cluster.close()
    await store.close()
  }
}

async function fill(largeBytes: number, put: Put): Promise<Seeded> {
  const several = async (kind: string, count: number, size: number): Promise<SeededFile[]> => {
    const files: SeededFile[] = []
    for (let i = 0; i < count; i += 1) {
      const content = randomContent(size + i, kind.length * 16 + i)
      const md5 = createHash('md5').update(content).digest('hex')
      files.push({ ...(await put(`${kind}${i}.bin`, content)), content, md5 })
    }
    return files
  }
  return {
    small: await several('small', SMALL_FILES, SMALL_BYTES),
    large: await several('large', LARGE_FILES, largeBytes),
    spare: await several('spare', SPARE_FILES, SMALL_BYTES),
  }
}
