import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type EmbeddedMogilefs,
  type EmbeddedMogilefsOptions,
  type Mogilefsd,
  type Mogstored,
  startEmbeddedMogilefs,
} from '../../../src/embedded/embedded-mogilefs.ts'
import { escapeArgument } from '../../../src/wire/mogilefs/arguments.ts'
import { put } from './http-peer.ts'
import { askOk } from './line-peer.ts'

export interface TestContext {
  after(fn: () => unknown): void
}

const DOMAINS = [
  {
    name: 'img',
    classes: [
      { name: 'along' },
      { name: 'sums', hashtype: 'MD5' },
      { name: 'one', mindevcount: 1 },
    ],
  },
  { name: 'video', classes: [{ name: 'big', mindevcount: 3 }] },
] as const

/** node1 to node3 on 127.0.0.1 to 127.0.0.3 with dev1 to dev3, unless `options` say otherwise. */
export async function startMogilefs(
  t: TestContext,
  options: Partial<EmbeddedMogilefsOptions> = {},
): Promise<EmbeddedMogilefs> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'dfs-edge-')))
  const cluster = await startEmbeddedMogilefs({
    trackers: [{ host: '127.0.0.1', port: 0 }],
    storages: [1, 2, 3].map((n) => ({ host: `127.0.0.${n}`, port: 0, devids: [n] })),
    domains: DOMAINS,
    onError: (error) => assert.fail(`the store met an error of its own: ${error}`),
    ...options,
    dataDir,
  })
  // In this order: copies may still be made.
  t.after(() => cluster.close())
  if (options.dataDir === undefined) t.after(() => rm(dataDir, { recursive: true }))
  return cluster
}

export function trackerOf({ trackers }: EmbeddedMogilefs, index = 0): Mogilefsd {
  const tracker = trackers[index]
  assert.ok(tracker, `there is no tracker ${index}`)
  return tracker
}

export function mogstoredOf({ mogstoreds }: EmbeddedMogilefs, devid: number): Mogstored {
  const mogstored = mogstoreds.find(({ devids }) => devids.has(devid))
  assert.ok(mogstored, `no mogstored has device ${devid}`)
  return mogstored
}

export interface Upload {
  readonly fid: number
  readonly devid: number
  readonly path: string
}

export async function open(
  cluster: EmbeddedMogilefs,
  key: string,
  { domain = 'img', className = 'along' } = {},
): Promise<Upload> {
  const names = `domain=${domain}&class=${className}&key=${escapeArgument(key)}`
  const { fid, devid, path } = await askOk(trackerOf(cluster), `create_open ${names}`)
  return { fid: Number(fid), devid: Number(devid), path: path ?? '' }
}

export function closeLine(
  { fid, devid, path }: Upload,
  { key, size, domain = 'img' }: { key: string; size: number; domain?: string },
): string {
  const where = `fid=${fid}&devid=${devid}&path=${escapeArgument(path)}`
  return `create_close domain=${domain}&key=${escapeArgument(key)}&${where}&size=${size}`
}

/** Opens, puts and closes: the file is there, its further copies may be on their way. */
export async function upload(
  cluster: EmbeddedMogilefs,
  key: string,
  content: Buffer,
  names: { domain?: string; className?: string } = {},
): Promise<Upload> {
  const opened = await open(cluster, key, names)
  assert.equal((await put(opened.path, content)).status, 200)
  const line = closeLine(opened, { key, size: content.length, ...names })
  await askOk(trackerOf(cluster), line)
  return opened
}

export async function pathsOf(
  cluster: EmbeddedMogilefs,
  key: string,
  extra = '&noverify=1&pathcount=9',
): Promise<readonly string[]> {
  const request = `get_paths domain=img&key=${escapeArgument(key)}${extra}`
  const args = await askOk(trackerOf(cluster), request)
  return Array.from({ length: Number(args['paths']) }, (_, index) => args[`path${index + 1}`] ?? '')
}
