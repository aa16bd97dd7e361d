import { stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ContentTypes } from '../http/content-type.ts'

/** Pictures and a video made for this, published with the package. */
const MEDIA_DIR = fileURLToPath(new URL('../../test/fixtures/media/', import.meta.url))

/** All of them, in the order to show them. */
export const MEDIA = ['hills.jpg', 'rings.png', 'seahorse.jpg', 'silk.webp', 'day.mp4'] as const

export type MediaName = (typeof MEDIA)[number]

export interface MediaFile {
  readonly file: string
  /** Bytes. */
  readonly size: number
  readonly contentType: string
}

export async function mediaFile(name: MediaName): Promise<MediaFile> {
  const file = join(MEDIA_DIR, name)
  const { size } = await stat(file)
  return { file, size, contentType: new ContentTypes().of(basename(file)) }
}
