import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { createMultipart } from '../../src/http/multipart.ts'
import { gatherPieces, lengthOfPieces, openPieces } from '../../src/http/pieces.ts'

const FILE = Buffer.from('0123456789')

describe('multipart/byteranges', () => {
  it('is framed by its boundary', () => {
    const multipart = createMultipart({
      ranges: [
        { start: 0, end: 2 },
        { start: 5, end: 6 },
      ],
      size: 10,
      contentType: 'text/plain',
      boundary: 'B',
    })
    assert.equal(multipart.contentType, 'multipart/byteranges; boundary=B')
    assert.equal(
      gatherPieces(multipart.pieces, FILE).toString(),
      '--B\r\nContent-Type: text/plain\r\nContent-Range: bytes 0-1/10\r\n\r\n01' +
        '\r\n--B\r\nContent-Type: text/plain\r\nContent-Range: bytes 5-5/10\r\n\r\n5' +
        '\r\n--B--\r\n',
    )
  })

  it('has a boundary that nobody can guess', () => {
    const options = { ranges: [{ start: 0, end: 1 }], size: 10, contentType: 'a/b' }
    const [one, two] = [createMultipart(options), createMultipart(options)]
    assert.notEqual(one.contentType, two.contentType)
    assert.match(one.contentType, /boundary=[0-9a-f]{32}$/)
  })

  it('has the length that is said, from memory and from a transfer', async () => {
    const range = fc.tuple(fc.nat(9), fc.integer({ min: 1, max: 10 })).map(([start, length]) => ({
      start,
      end: Math.min(start + length, 10),
    }))
    const ranges = fc.array(range, { minLength: 2, maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(ranges, async (selected) => {
        const options = { ranges: selected, size: 10, contentType: 'image/jpeg' }
        const { pieces } = createMultipart(options)
        const gathered = gatherPieces(pieces, FILE)
        assert.equal(gathered.length, lengthOfPieces(pieces))
        const opened = await openPieces(pieces, async ({ start, end }) => FILE.subarray(start, end))
        assert.ok(opened !== null && !Buffer.isBuffer(opened))
        assert.equal(opened.length, gathered.length)
        const chunks = await collect(opened.chunks)
        assert.deepEqual(Buffer.concat(chunks), gathered)
      }),
    )
  })

  it('of a file that is gone is nothing, and of one that goes later breaks', async () => {
    const { pieces } = createMultipart({
      ranges: [
        { start: 0, end: 2 },
        { start: 5, end: 6 },
      ],
      size: 10,
      contentType: 'a/b',
    })
    assert.equal(await openPieces(pieces, async () => null), null)
    const opened = await openPieces(pieces, async ({ start }) => (start === 0 ? FILE : null))
    assert.ok(opened !== null && !Buffer.isBuffer(opened))
    await assert.rejects(collect(opened.chunks), { code: 'wrong_content' })
  })
})

async function collect(chunks: AsyncIterable<Buffer>): Promise<Buffer[]> {
  const collected: Buffer[] = []
  for await (const chunk of chunks) collected.push(chunk)
  return collected
}
