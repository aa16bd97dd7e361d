import { createReadStream } from 'node:fs'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { formatFileId, splitFileId } from '../wire/fastdfs/file-id.ts'
import { extensionOf } from './commands/file-argument.ts'
import type { FastdfsCluster } from './fastdfs-cluster.ts'
import { MEDIA, type MediaName, mediaFile } from './sample-media.ts'
import type { Sample } from './sample-page.ts'

/**
 * The samples of a FastDFS store: put in where `listFile` names none or the store does not have what
 * it names. The list is written last, so that a start that was cut short puts them in again.
 */
export async function ensureFastdfsSamples(
  cluster: FastdfsCluster,
  listFile: string,
): Promise<Sample[]> {
  const listed = await readList(listFile)
  const samples: Sample[] = []
  for (const name of MEDIA) {
    const known = listed.find((sample) => sample.name === name)
    const isThere = known !== undefined && (await isStored(cluster, known))
    samples.push(isThere ? known : await putSample(cluster, name))
  }
  await writeFile(`${listFile}.tmp`, JSON.stringify(samples))
  await rename(`${listFile}.tmp`, listFile)
  return samples
}

async function isStored({ resolver }: FastdfsCluster, { path }: Sample): Promise<boolean> {
  const name = splitFileId(path)
  if (name === undefined) return false
  return (await resolver.resolve({ system: 'fastdfs', ...name }, { isConfirmed: true })) !== null
}

async function putSample({ tracker, storage }: FastdfsCluster, name: MediaName): Promise<Sample> {
  const { signal } = new AbortController()
  const target = await tracker.queryStore(undefined, signal)
  const [server] = target?.servers ?? []
  if (target === null || server === undefined) throw new Error('the embedded store takes no upload')
  const { file, size, contentType } = await mediaFile(name)
  const id = await storage.upload(
    { host: server.ipAddr, port: server.port },
    {
      content: { size, chunks: createReadStream(file) },
      extName: extensionOf(file),
      storePathIndex: target.storePathIndex,
    },
    signal,
  )
  return { path: `/${formatFileId(id)}`, name, contentType, size }
}

async function readList(listFile: string): Promise<readonly Sample[]> {
  try {
    const parsed: unknown = JSON.parse(await readFile(listFile, 'utf8'))
    return Array.isArray(parsed) && parsed.every(isSample) ? parsed : []
  } catch {
    // Not there yet, or not ours: the samples are put in anew.
    return []
  }
}

function isSample(value: unknown): value is Sample {
  if (typeof value !== 'object' || value === null) return false
  const { path, name, contentType, size } = value as Partial<Record<keyof Sample, unknown>>
  return [path, name, contentType].every((one) => typeof one === 'string') && Number.isFinite(size)
}
