import { EdgeError } from '../errors.ts'
import type { ByteRange } from '../resolver/resolver.ts'
import type { Opened } from '../transfer/transfer.ts'
import type { BodyStream } from './message.ts'

/** An answer's content in order: bytes that the edge adds, and ranges of the file. */
export type Piece = Buffer | ByteRange

type OpenRange = (range: ByteRange) => Promise<Opened['body'] | null>

export function lengthOfPieces(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, piece) => sum + lengthOf(piece), 0)
}

/** The content where the whole file is in memory. */
export function gatherPieces(pieces: readonly Piece[], file: Buffer): Buffer {
  const parts = pieces.map((piece) =>
    Buffer.isBuffer(piece) ? piece : file.subarray(piece.start, piece.end),
  )
  return parts.length === 1 ? (parts[0] ?? file) : Buffer.concat(parts)
}

/**
 * The content as it comes from a transfer. The first range is opened before this returns, while a
 * failure can still be told by a status. Null: there is no such file any more.
 */
export async function openPieces(
  pieces: readonly Piece[],
  open: OpenRange,
): Promise<Buffer | BodyStream | null> {
  const firstRange = pieces.find(isRange)
  if (firstRange === undefined) return Buffer.concat(pieces.filter(Buffer.isBuffer))
  const first = await open(firstRange)
  if (first === null) return null
  const length = lengthOfPieces(pieces)
  if (pieces.length > 1) return { length, chunks: joinPieces(pieces, first, open) }
  return Buffer.isBuffer(first) ? first : { length, chunks: first }
}

async function* joinPieces(
  pieces: readonly Piece[],
  first: Opened['body'],
  open: OpenRange,
): AsyncGenerator<Buffer> {
  let opened: Opened['body'] | null = first
  for (const piece of pieces) {
    if (Buffer.isBuffer(piece)) {
      yield piece
      continue
    }
    const body: Opened['body'] | null = opened ?? (await open(piece))
    opened = null
    if (body === null) throw new EdgeError('wrong_content', 'the file vanished between two ranges')
    if (Buffer.isBuffer(body)) yield body
    else yield* body
  }
}

function isRange(piece: Piece): piece is ByteRange {
  return !Buffer.isBuffer(piece)
}

function lengthOf(piece: Piece): number {
  return Buffer.isBuffer(piece) ? piece.length : piece.end - piece.start
}
