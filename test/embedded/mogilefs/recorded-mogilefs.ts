import { mkdir, truncate, utimes, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { EmbeddedMogilefs } from '../../../src/embedded/embedded-mogilefs.ts'
import { startMogilefs, type TestContext } from './mogilefs-fixture.ts'

const IMG = 1
const VIDEO = 2
const ALONG = 1
const BIG = 1

interface RecordedFile {
  readonly fid: number
  readonly key: string
  readonly length: number
  readonly devids: readonly number[]
  readonly dmid?: number
  readonly classid?: number
}

/** The files of the cluster that the exchanges were recorded from. */
const FILES: readonly RecordedFile[] = [
  { fid: 3, key: 'test', length: 13, devids: [1, 2] },
  { fid: 4, key: 'test1', length: 17, devids: [1, 2] },
  { fid: 5, key: 'seller/2026/11/a.jpg', length: 30_720, devids: [1, 3] },
  { fid: 6, key: '买家秀/图1.jpg', length: 9, devids: [2, 3] },
  { fid: 7, key: 'a b c.txt', length: 9, devids: [1, 2] },
  { fid: 8, key: 'a+b.txt', length: 9, devids: [1, 3] },
  { fid: 9, key: '100%.txt', length: 9, devids: [1, 2] },
  { fid: 10, key: 'lit%20eral.txt', length: 9, devids: [1, 2] },
  { fid: 11, key: 'c:d:e.txt', length: 9, devids: [1, 3] },
  { fid: 12, key: '/leading/slash.jpg', length: 9, devids: [1, 2] },
  { fid: 13, key: 'double//slash.jpg', length: 9, devids: [1, 3] },
  { fid: 14, key: 'q?x=1&y=2#f.txt', length: 9, devids: [1, 3] },
  { fid: 15, key: 'back\\slash,comma.txt', length: 9, devids: [1, 3] },
  { fid: 16, key: 'café.jpg', length: 9, devids: [1, 2] },
  { fid: 17, key: 'trailing ', length: 9, devids: [1, 3] },
  { fid: 18, key: 'del-me', length: 9, devids: [1, 2] },
  { fid: 19, key: 'ren-me', length: 9, devids: [1, 3] },
  { fid: 20, key: 'default-class.txt', length: 13, devids: [1, 2], classid: 0 },
  { fid: 21, key: 'empty', length: 0, devids: [1, 3] },
  { fid: 22, key: '30k.bin', length: 30_720, devids: [1, 2] },
  { fid: 23, key: '1m.bin', length: 1_048_576, devids: [1, 2] },
  { fid: 24, key: '100m.bin', length: 104_857_600, devids: [1, 2] },
  { fid: 25, key: 'clip/one.mp4', length: 9, devids: [1, 2, 3], dmid: VIDEO, classid: BIG },
]

/** 2026-11-22 16:08:37, which the recorded Last-Modified of fid 3 says. */
const MODIFIED = new Date('2026-11-22T16:08:37Z')

/** The recorded cluster, with the next fid that it gave away. */
export async function startRecordedMogilefs(t: TestContext): Promise<EmbeddedMogilefs> {
  const cluster = await startMogilefs(t, {
    domains: [
      { name: 'img', classes: [{ name: 'along' }] },
      { name: 'video', classes: [{ name: 'big', mindevcount: 3 }] },
    ],
  })
  for (const file of FILES) await addFile(cluster, file)
  const tempfile = "INSERT INTO tempfile VALUES (26, 0, 0, 1, 'x', '')"
  cluster.store.exec(`${tempfile}; DELETE FROM tempfile`)
  return cluster
}

async function addFile(
  cluster: EmbeddedMogilefs,
  { fid, key, length, devids, dmid = IMG, classid = ALONG }: RecordedFile,
): Promise<void> {
  const quoted = key.replaceAll("'", "''")
  const values = `${fid}, ${dmid}, '${quoted}', ${length}, ${classid}, ${devids.length}`
  cluster.store.exec(`INSERT INTO file VALUES (${values})`)
  for (const devid of devids) {
    cluster.store.exec(`INSERT INTO file_on VALUES (${fid}, ${devid})`)
    const path = cluster.pathOf(devid, fid)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, length === 13 ? 'hello mogile\n' : '')
    await truncate(path, length)
    await utimes(path, MODIFIED, MODIFIED)
  }
}
