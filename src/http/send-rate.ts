import { setTimeout } from 'node:timers/promises'
import type { BodyStream, EdgeResponse } from './message.ts'

/** How fast an answer may go out. */
export interface SendRate {
  /** 0: as fast as its client takes it. */
  readonly bytesPerSecond: number
  /** So much goes out before the rate holds: the start of a video, most pictures. */
  readonly afterBytes: number
}

export const NO_SEND_RATE: SendRate = { bytesPerSecond: 0, afterBytes: 0 }

/** A rate is kept by so many writes a second. */
const WRITES_PER_SECOND = 4

/**
 * The same answer, held to a rate after its first bytes. It is each answer that is held to it, as by
 * nginx's limit_rate, and not a client: many people stand behind one address. What a client can take
 * in all is this times `max_requests_per_client`. Nothing is buffered: the storage waits as well.
 */
export function holdToRate(
  answer: EdgeResponse,
  rate: SendRate,
  signal: AbortSignal | undefined,
): EdgeResponse {
  const { body } = answer
  if (body === null || rate.bytesPerSecond === 0 || body.length <= rate.afterBytes) return answer
  const chunks = Buffer.isBuffer(body) ? [body] : body.chunks
  return { ...answer, body: { length: body.length, chunks: inTime(chunks, rate, signal) } }
}

async function* inTime(
  chunks: BodyStream['chunks'] | Iterable<Buffer>,
  { bytesPerSecond, afterBytes }: SendRate,
  signal: AbortSignal | undefined,
): AsyncGenerator<Buffer> {
  const pieceBytes = Math.max(1, Math.floor(bytesPerSecond / WRITES_PER_SECOND))
  let free = afterBytes
  let dueAt = 0
  for await (const chunk of chunks) {
    if (free > 0) yield chunk.subarray(0, free)
    for (let start = Math.min(free, chunk.length); start < chunk.length; start += pieceBytes) {
      const piece = chunk.subarray(start, start + pieceBytes)
      await due(dueAt, signal)
      // A client that took nothing for a while has no more to get for it.
      dueAt = Math.max(dueAt, performance.now()) + (piece.length * 1000) / bytesPerSecond
      yield piece
    }
    free -= Math.min(free, chunk.length)
  }
}

async function due(at: number, signal: AbortSignal | undefined): Promise<void> {
  const waitMs = at - performance.now()
  if (waitMs > 0) await setTimeout(waitMs, undefined, signal && { signal })
}
