import { asEdgeError } from '../../errors.ts'
import { SNIFFED_BYTES, sniffMediaType } from '../../http/sniff.ts'
import type { ByteRange, Facts, ReplicaBody } from '../../resolver/resolver.ts'
import { startChecksum } from '../../transfer/verify.ts'
import type { ReplicaOutcome } from './explanation.ts'
import { faultOf } from './fault.ts'

/** One copy of a file: what its storage says of it, and its bytes. */
export interface Copy {
  /** Null: it has no such file. */
  info(
    signal: AbortSignal,
  ): Promise<{ readonly size: number; readonly modified: number | null } | null>
  open(range: ByteRange | null, signal: AbortSignal): Promise<ReplicaBody | null>
}

export interface Expected extends Pick<Facts, 'checksum'> {
  /** Null: nobody knows better than the copy itself. */
  readonly size: number | null
  readonly verifyMaxBytes: number
}

export interface Looked {
  readonly outcome: ReplicaOutcome
  readonly ms: number
}

const DEADLINE_MS = 4000

/** Whether a copy is there, and as it should be. Never throws what a storage did. */
export async function lookAtCopy(copy: Copy, expected: Expected): Promise<Looked> {
  const start = performance.now()
  const signal = AbortSignal.timeout(DEADLINE_MS)
  const outcome = await look(copy, expected, signal).catch(
    (error: unknown): ReplicaOutcome => ({ kind: 'failed', fault: faultOf(asEdgeError(error)) }),
  )
  return { outcome, ms: Math.round(performance.now() - start) }
}

async function look(copy: Copy, expected: Expected, signal: AbortSignal): Promise<ReplicaOutcome> {
  const info = await copy.info(signal)
  if (info === null) return { kind: 'absent' }
  if (info.size === 0) return describe({ ...info, bytes: Buffer.alloc(0), isWhole: true }, expected)
  const isWhole = info.size <= expected.verifyMaxBytes
  const body = await copy.open(isWhole ? null : firstOf(info.size), signal)
  if (body === null) return { kind: 'absent' }
  const limit = isWhole ? expected.verifyMaxBytes : SNIFFED_BYTES
  const { length } = body
  const bytes = await read(body, limit)
  // What is sent counts, whatever was said of it before.
  const size = isWhole ? length : info.size
  return describe({ ...info, size, bytes, isWhole }, expected)
}

function firstOf(size: number): ByteRange {
  return { start: 0, end: Math.min(size, SNIFFED_BYTES) }
}

async function read(body: ReplicaBody, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let left = limit
  try {
    for await (const chunk of body.chunks) {
      // Memory is used again.
      chunks.push(Buffer.from(chunk.subarray(0, left)))
      left -= chunk.length
      if (left <= 0) break
    }
    return Buffer.concat(chunks)
  } finally {
    body.cancel()
  }
}

interface Seen {
  readonly size: number
  readonly modified: number | null
  readonly bytes: Buffer
  readonly isWhole: boolean
}

async function describe(seen: Seen, expected: Expected): Promise<ReplicaOutcome> {
  const { size, modified, bytes, isWhole } = seen
  return {
    kind: 'has',
    size,
    modified,
    type: (await sniffMediaType(bytes.subarray(0, SNIFFED_BYTES))) ?? null,
    isSizeRight: expected.size === null || expected.size === size,
    isChecksumRight:
      isWhole && expected.checksum !== null ? isRight(bytes, expected.checksum) : null,
  }
}

function isRight(bytes: Buffer, expected: NonNullable<Expected['checksum']>): boolean {
  const checksum = startChecksum(expected)
  checksum.update(bytes)
  return checksum.isRight()
}
