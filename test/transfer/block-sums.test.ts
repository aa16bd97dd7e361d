import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { crc32 } from 'node:zlib'
import { BLOCK_BYTES, BlockSums, blocksAround, checkBlocks } from '../../src/transfer/block-sums.ts'
import type { Checksum } from '../../src/wire/checksum.ts'
import { randomContent } from '../support/random-content.ts'

const SIZE = 3 * BLOCK_BYTES + 1000
const CONTENT = randomContent(SIZE)
const RANGES = [
  [0, 1],
  [0, SIZE],
  [BLOCK_BYTES - 1, BLOCK_BYTES + 1],
  [BLOCK_BYTES, 2 * BLOCK_BYTES],
  [SIZE - 1, SIZE],
  [100, 3 * BLOCK_BYTES + 5],
] as const

function inPieces(bytes: Buffer, length: number): Buffer[] {
  const count = Math.ceil(bytes.length / length)
  return Array.from({ length: count }, (_, i) => bytes.subarray(i * length, (i + 1) * length))
}

function take(content: Buffer, expected: Checksum, pieceBytes = 777): BlockSums {
  const sums = new BlockSums(expected)
  for (const piece of inPieces(content, pieceBytes)) sums.update(piece)
  return sums
}

function sumsOf(content: Buffer): Uint32Array {
  return take(content, { algorithm: 'crc32', value: 0 }).ofBlocks
}

async function read(
  content: Buffer,
  [start, end]: readonly [number, number],
  pieceBytes: number,
): Promise<Buffer> {
  const range = { start, end }
  const around = blocksAround(range, SIZE)
  const pieces = inPieces(content.subarray(around.start, around.end), pieceBytes)
  const chunks = (async function* () {
    yield* pieces
  })()
  const parts: Buffer[] = []
  const checked = checkBlocks(chunks, { range, around, sums: sumsOf(CONTENT), host: 'a:1' })
  for await (const part of checked) parts.push(Buffer.from(part))
  return Buffer.concat(parts)
}

describe('sums of blocks', () => {
  it('are one for each block, the last one shorter', () => {
    assert.equal(sumsOf(CONTENT).length, 4)
    assert.equal(sumsOf(CONTENT.subarray(0, 2 * BLOCK_BYTES)).length, 2)
  })

  it('tell whether the whole is right, by its crc32 or md5', () => {
    for (const size of [0, 1, BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1, SIZE]) {
      const content = CONTENT.subarray(0, size)
      const md5 = createHash('md5').update(content).digest('hex')
      for (const pieceBytes of [777, 3 * BLOCK_BYTES]) {
        for (const [expected, isRight] of [
          [{ algorithm: 'crc32', value: crc32(content) }, true],
          [{ algorithm: 'crc32', value: crc32(content) ^ 1 }, false],
          [{ algorithm: 'md5', value: md5 }, true],
          [{ algorithm: 'md5', value: '0'.repeat(32) }, false],
        ] as const) {
          assert.equal(take(content, expected, pieceBytes).isRight(), isRight, `${size}`)
        }
      }
    }
  })

  for (const range of RANGES) {
    it(`give the bytes ${range[0]} to ${range[1]}, whatever pieces they come in`, async () => {
      for (const pieceBytes of [100, BLOCK_BYTES - 1, BLOCK_BYTES, SIZE]) {
        assert.deepEqual(await read(CONTENT, range, pieceBytes), CONTENT.subarray(...range))
      }
    })

    it(`tell one wrong byte in the blocks around ${range[0]} to ${range[1]}`, async () => {
      const around = blocksAround({ start: range[0], end: range[1] }, SIZE)
      for (const at of [around.start, around.end - 1]) {
        const wrong = Buffer.from(CONTENT)
        wrong.writeUInt8(wrong.readUInt8(at) ^ 1, at)
        await assert.rejects(read(wrong, range, 5000), { code: 'wrong_content' })
      }
    })
  }
})
