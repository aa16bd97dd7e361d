import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ByteRange, Ref } from '../../src/resolver/resolver.ts'
import { type Opened, type OpenOptions, Overwritten } from '../../src/transfer/transfer.ts'
import { APPENDER, EdgeFixture, numberedBytes } from '../support/edge-fixture.ts'
import { MemoryTransfer } from '../support/memory-transfer.ts'

/** A file that grows by a byte whenever it is opened, so many times. */
class GrowingFile extends MemoryTransfer {
  #size = 100
  growsLeft = 0

  constructor() {
    super()
    this.#grow()
  }

  override async open(
    ref: Ref,
    range: ByteRange | null,
    options: OpenOptions,
  ): Promise<Opened | null> {
    if (this.growsLeft === 0) return super.open(ref, range, options)
    this.growsLeft -= 1
    throw new Overwritten(ref, this.#grow().facts)
  }

  #grow(): ReturnType<MemoryTransfer['add']> {
    this.#size += 1
    return this.add(APPENDER, numberedBytes(this.#size), { isPermanent: false })
  }
}

describe('a file that grows between the question for its facts and the one for its bytes', () => {
  const transfer = new GrowingFile()
  const edge = EdgeFixture.use({ transfer })
  const range = { headers: { range: 'bytes=0-9' } }

  for (const times of [1, 4]) {
    it(`${times} times: what it is now`, async () => {
      transfer.growsLeft = times
      const before = (await edge.request(APPENDER, { method: 'HEAD' })).headers['content-length']
      const { status, headers, body } = await edge.request(APPENDER, range)
      assert.equal(status, 206)
      assert.equal(headers['content-range'], `bytes 0-9/${Number(before) + times}`)
      assert.deepEqual(body, numberedBytes(10))
    })
  }

  it('without end: an error, not a request that never ends', async () => {
    transfer.growsLeft = 1000
    assert.equal((await edge.request(APPENDER, range)).status, 502)
    transfer.growsLeft = 0
  })
})
