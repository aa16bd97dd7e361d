import type { ByteRange, Facts } from '../resolver/resolver.ts'

/** What `?start=N[&end=M]` asks of a Flash video: a header and the bytes from N to M. */
export type FlvSeek =
  | { readonly kind: 'none' }
  | { readonly kind: 'beyond-end' }
  | { readonly kind: 'seek'; readonly range: ByteRange }

/** Signature, version 1, audio and video, header size 9, previous tag size 0. */
export const FLV_HEADER = Buffer.from('464c5601050000000900000000', 'hex')

export const NO_SEEK: FlvSeek = { kind: 'none' }
const DIGITS = /^\d{1,15}$/

/** `end` is the last byte, as in the C module; a player's nonsense means the plain file. */
export function parseFlvSeek(
  args: { readonly start?: string; readonly end?: string },
  size: number,
): FlvSeek {
  const start = parsePosition(args.start)
  if (start === undefined || start === 0) return NO_SEEK
  // nginx in front sends an `end` of nothing where there was none.
  const last = args.end ? parsePosition(args.end) : size - 1
  if (last === undefined) return NO_SEEK
  if (start >= size) return { kind: 'beyond-end' }
  if (last < start) return NO_SEEK
  return { kind: 'seek', range: { start, end: Math.min(last + 1, size) } }
}

/** Its own validator: other bytes than the file's must never pass for the file. */
export function factsOfSeek(facts: Facts, { start, end }: ByteRange): Facts {
  return { ...facts, etag: `${facts.etag.slice(0, -1)}-flv${start}-${end}"` }
}

function parsePosition(text: string | undefined): number | undefined {
  return text !== undefined && DIGITS.test(text) ? Number(text) : undefined
}
