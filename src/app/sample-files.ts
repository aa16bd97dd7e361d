import { createReadStream } from 'node:fs'
import { readdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ContentTypes } from '../http/content-type.ts'
import { formatFileId } from '../wire/fastdfs/file-id.ts'
import { extensionOf } from './commands/file-argument.ts'
import type { FastdfsCluster } from './fastdfs-cluster.ts'
import type { Sample } from './sample-page.ts'

/** Pictures and a video made for this, published with the package. */
const MEDIA_DIR = fileURLToPath(new URL('../../test/fixtures/media/', import.meta.url))
const IS_VIDEO = /\.(mp4|webm)$/
const IS_MEDIA = /\.(jpe?g|png|webp|gif|mp4|webm)$/

/**
 * The samples of a store: put in when `listFile` does not exist yet, which is written last, so that
 * a start that was cut short puts them in again.
 */
export async function ensureSamples(cluster: FastdfsCluster, listFile: string): Promise<Sample[]> {
  const known = await readList(listFile)
  if (known !== undefined) return known
  const media = (await readdir(MEDIA_DIR)).filter((name) => IS_MEDIA.test(name)).sort()
  const names = media.toSorted((a, b) => Number(IS_VIDEO.test(a)) - Number(IS_VIDEO.test(b)))
  const samples: Sample[] = []
  for (const name of names) samples.push(await putSample(cluster, join(MEDIA_DIR, name)))
  await writeFile(`${listFile}.tmp`, JSON.stringify(samples))
  await rename(`${listFile}.tmp`, listFile)
  return samples
}

async function putSample({ tracker, storage }: FastdfsCluster, path: string): Promise<Sample> {
  const { signal } = new AbortController()
  const target = await tracker.queryStore(undefined, signal)
  const [server] = target?.servers ?? []
  if (target === null || server === undefined) throw new Error('the embedded store takes no upload')
  const { size } = await stat(path)
  const name = await storage.upload(
    { host: server.ipAddr, port: server.port },
    {
      content: { size, chunks: createReadStream(path) },
      extName: extensionOf(path),
      storePathIndex: target.storePathIndex,
    },
    signal,
  )
  const contentType = new ContentTypes().of(path)
  return { path: `/${formatFileId(name)}`, name: basename(path), contentType, size }
}

async function readList(listFile: string): Promise<Sample[] | undefined> {
  try {
    const parsed: unknown = JSON.parse(await readFile(listFile, 'utf8'))
    return Array.isArray(parsed) && parsed.every(isSample) ? parsed : undefined
  } catch {
    // Not there yet, or not ours: the samples are put in anew.
    return undefined
  }
}

function isSample(value: unknown): value is Sample {
  if (typeof value !== 'object' || value === null) return false
  const { path, name, contentType, size } = value as Partial<Record<keyof Sample, unknown>>
  return [path, name, contentType].every((one) => typeof one === 'string') && Number.isFinite(size)
}
