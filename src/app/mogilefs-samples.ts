import { createReadStream } from 'node:fs'
import type { MogilefsCluster } from './mogilefs-cluster.ts'
import { uploadFile } from './mogilefs-upload.ts'
import { type MediaName, mediaFile } from './sample-media.ts'
import type { Sample } from './sample-page.ts'

interface SampleKey {
  readonly domain: string
  readonly className: string
  readonly key: string
  readonly media: MediaName
}

const PHOTO = { domain: 'img', className: 'photos' } as const
const CLIP = { domain: 'video', className: 'clips' } as const

/** What the samples lie in. */
export const SAMPLE_DOMAINS = [
  { name: PHOTO.domain, classes: [{ name: PHOTO.className, mindevcount: 2, hashtype: 'MD5' }] },
  { name: CLIP.domain, classes: [{ name: CLIP.className, mindevcount: 2, hashtype: 'NONE' }] },
] as const

/** Keys as shops have them: with folders, with other letters, with no extension at all. */
const SAMPLES: readonly SampleKey[] = [
  { ...PHOTO, key: 'seahorse.jpg', media: 'seahorse.jpg' },
  { ...PHOTO, key: 'seller/2026/11/hills.jpg', media: 'hills.jpg' },
  { ...PHOTO, key: 'test', media: 'hills.jpg' },
  { ...PHOTO, key: '买家秀/silk.webp', media: 'silk.webp' },
  { ...CLIP, key: 'clip/day.mp4', media: 'day.mp4' },
]

/** The samples of a MogileFS store: put in where their keys are not there. */
export async function ensureMogilefsSamples(cluster: MogilefsCluster): Promise<Sample[]> {
  const samples: Sample[] = []
  for (const sample of SAMPLES) samples.push(await ensureSample(cluster, sample))
  return samples
}

async function ensureSample(cluster: MogilefsCluster, sample: SampleKey): Promise<Sample> {
  const { domain, className, key, media } = sample
  const { signal } = new AbortController()
  const { file, size, contentType } = await mediaFile(media)
  const known = await cluster.tracker.fileInfo({ domain, key }, signal)
  if (typeof known === 'string') {
    const read = async () => ({ size, chunks: createReadStream(file) })
    await uploadFile(cluster, { domain, key, className, read }, signal)
  }
  const path = [domain, ...key.split('/')].map((part) => `/${encodeURIComponent(part)}`).join('')
  return { path, name: key, contentType, size: typeof known === 'string' ? size : known.length }
}
