import { crc32 } from 'node:zlib'
import type { ByteRange } from '../resolver/resolver.ts'
import type { Checksum } from '../wire/checksum.ts'
import { combineCrc32 } from './combine-crc32.ts'
import { type RunningChecksum, startChecksum, wrongContent } from './verify.ts'

/** A range reads at most so much more than it sends, at each of its ends. */
export const BLOCK_BYTES = 64 * 1024
/** Blocks that no range is read into at the moment: fresh memory costs more than its checks. */
const FREE_MAX = 64
const free: Buffer[] = []

const appendBlock = combineCrc32(BLOCK_BYTES)

/** The checksum of a file, and the crc32 of each of its blocks, taken as its bytes pass. */
export class BlockSums implements RunningChecksum {
  readonly #expected: Checksum
  /** Another checksum than crc32, which the sums of the blocks make together. */
  readonly #hash: RunningChecksum | null
  readonly #sums: number[] = []
  #whole = 0
  #sum = 0
  #length = 0

  constructor(expected: Checksum) {
    this.#expected = expected
    this.#hash = expected.algorithm === 'crc32' ? null : startChecksum(expected)
  }

  update(chunk: Buffer): void {
    this.#hash?.update(chunk)
    for (let at = 0; at < chunk.length; ) {
      const part = chunk.subarray(at, at + BLOCK_BYTES - this.#length)
      this.#sum = crc32(part, this.#sum)
      this.#length += part.length
      at += part.length
      if (this.#length === BLOCK_BYTES) this.#endBlock(appendBlock)
    }
  }

  isRight(): boolean {
    this.#endLast()
    return this.#hash?.isRight() ?? this.#whole === this.#expected.value
  }

  /** Of all blocks; asked for at the end of the file. */
  get ofBlocks(): Uint32Array {
    this.#endLast()
    return Uint32Array.from(this.#sums)
  }

  #endLast(): void {
    if (this.#length > 0) this.#endBlock(combineCrc32(this.#length))
  }

  #endBlock(append: (first: number, second: number) => number): void {
    this.#whole = append(this.#whole, this.#sum)
    this.#sums.push(this.#sum)
    this.#sum = 0
    this.#length = 0
  }
}

/** All bytes of the blocks that a range of a file of `size` bytes touches. */
export function blocksAround({ start, end }: ByteRange, size: number): ByteRange {
  const after = Math.ceil(end / BLOCK_BYTES) * BLOCK_BYTES
  return { start: start - (start % BLOCK_BYTES), end: Math.min(after, size) }
}

export interface CheckedRange {
  readonly range: ByteRange
  /** `blocksAround` it: the bytes that come. */
  readonly around: ByteRange
  /** Of all blocks of the file. */
  readonly sums: Uint32Array
  readonly host: string
}

/**
 * The bytes of a range out of its blocks, none of a block before its sum agrees. A part is valid until the next
 * one is asked for. @throws EdgeError wrong_content, and what the chunks throw
 */
export async function* checkBlocks(
  chunks: AsyncIterable<Buffer>,
  { range, around, sums, host }: CheckedRange,
): AsyncGenerator<Buffer, void, undefined> {
  const block = free.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES)
  let [position, filled] = [around.start, 0]
  try {
    for await (const chunk of chunks) {
      for (let at = 0; at < chunk.length && position < around.end; ) {
        const length = Math.min(BLOCK_BYTES, around.end - position)
        const taken = chunk.copy(block, filled, at, at + length - filled)
        at += taken
        filled += taken
        if (filled < length) continue
        if (crc32(block.subarray(0, length)) !== sums[position / BLOCK_BYTES]) {
          throw wrongContent(host, `its bytes from ${position} on`)
        }
        yield block.subarray(Math.max(0, range.start - position), range.end - position)
        position += length
        filled = 0
      }
    }
  } finally {
    if (free.length < FREE_MAX) free.push(block)
  }
}
