import { createHash } from 'node:crypto'
import { openFastdfsCluster } from '../../src/app/fastdfs-cluster.ts'
import { openMogilefsCluster } from '../../src/app/mogilefs-cluster.ts'
import { uploadFile } from '../../src/app/mogilefs-upload.ts'
import { defaultEdgeConf } from '../../src/config/index.ts'
import { startEmbeddedFastdfs } from '../../src/embedded/embedded-fastdfs.ts'
import { startEmbeddedMogilefs } from '../../src/embedded/embedded-mogilefs.ts'
import { formatRef } from '../../src/resolver/resolver.ts'
import type { FileName } from '../../src/wire/fastdfs/tracker-messages.ts'
import { mogilefsConf } from '../support/mogilefs-stack.ts'
import { randomContent } from '../support/random-content.ts'
import type { StoreArgument } from './store-process.ts'
import type { Files, StoredFile } from './workload.ts'

const SMALL_BYTES = 30_000
const SLAVE_BYTES = 3000
/** Buffers of the kernel and the edge do not hold all of it. */
const SLOW_BYTES = 8_000_000
const SMALL_FILES = 8
const LARGE_FILES = 2
/** They have no row in the database before a test says so. */
const SPARE_FILES = 8
/** With names of 44 characters, as normal files have, and longer ones. */
const SLAVES = [
  { prefix: '_abc', extName: '' },
  { prefix: '_150x150', extName: 'jpg' },
  { prefix: '_x', extName: 'c' },
]

export interface SeededFile extends StoredFile {
  /** 0 in FastDFS. */
  readonly fid: number
  readonly md5: string
}

type Kind = keyof Files | 'slow' | 'spare' | 'slaves' | 'appenders'
export type Seeded = { readonly [kind in Kind]: readonly SeededFile[] }

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
  const { address: to } = source
  const put = async (content: Buffer, options: { extName: string; isAppender?: boolean }) => {
    const sized = { size: content.length, chunks: [content] }
    const upload = { ...options, content: sized, storePathIndex: 0 }
    return await cluster.storage.upload(to, upload, never)
  }
  try {
    const files = await fill(largeBytes, async (_, content) => {
      return { path: pathOf(await put(content, { extName: 'bin' })), fid: 0 }
    })
    const slaves = await Promise.all(
      SLAVES.map(async (suffix, index) => {
        const master = await put(randomContent(SMALL_BYTES, 100 + index), { extName: 'jpg' })
        const content = randomContent(SLAVE_BYTES, 200 + index)
        const sized = { size: content.length, chunks: [content] }
        const slave = { master, ...suffix, content: sized }
        return seeded(pathOf(await cluster.storage.uploadSlave(to, slave, never)), content)
      }),
    )
    const appenders = await Promise.all(
      [SMALL_BYTES, SMALL_BYTES, SMALL_BYTES, largeBytes].map(async (size, index) => {
        const content = randomContent(size, 300 + index)
        return seeded(pathOf(await put(content, { extName: 'log', isAppender: true })), content)
      }),
    )
    return { ...files, slaves, appenders }
  } finally {
    cluster.close()
    await store.close()
  }
}

function pathOf(name: FileName): string {
  return formatRef({ system: 'fastdfs', ...name })
}

function seeded(path: string, content: Buffer): SeededFile {
  return { path, content, fid: 0, md5: '' }
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
    slow: await several('slow', 1, SLOW_BYTES),
    slaves: [],
    appenders: [],
    spare: await several('spare', SPARE_FILES, SMALL_BYTES),
  }
}
