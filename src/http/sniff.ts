import { fileTypeFromBuffer } from 'file-type'

/** What the recognition of a type looks at. */
export const SNIFFED_BYTES = 4100

/** What a browser shows and never runs: no HTML, XML or SVG, whatever the bytes look like. */
const MEDIA = /^(?:image|video|audio)\/(?!.*xml)/

/** The media type that the first bytes of a file show; undefined for all but media. */
export async function sniffMediaType(firstBytes: Buffer): Promise<string | undefined> {
  const found = await fileTypeFromBuffer(firstBytes)
  return found !== undefined && MEDIA.test(found.mime) ? found.mime : undefined
}
