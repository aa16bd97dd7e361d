import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { decodeMetadata, encodeMetadata } from '../../../src/wire/fastdfs/metadata.ts'
import { hex } from '../../support/hex.ts'
import { isInvalidRef } from '../../support/protocol-error.ts'

const SIZE_OF_A_PICTURE = hex(`
  68 65 69 67 68 74  02  34 38 30  # height, 480
  01
  77 69 64 74 68     02  36 34 30  # width, 640
`)

describe('metadata', () => {
  it('is names and values, sorted by name', () => {
    const metadata = new Map([
      ['width', '640'],
      ['height', '480'],
    ])
    assert.deepEqual(encodeMetadata(metadata), SIZE_OF_A_PICTURE)
    assert.deepEqual(decodeMetadata(SIZE_OF_A_PICTURE), metadata)
  })

  it('sorts a name before the longer ones that begin with it', () => {
    const names = ['a1', 'a', 'a b', 'a\u0003']
    const encoded = encodeMetadata(new Map(names.map((name) => [name, ''])))
    assert.deepEqual([...decodeMetadata(encoded).keys()], ['a', 'a\u0003', 'a b', 'a1'])
  })

  it('may be empty', () => {
    assert.equal(encodeMetadata(new Map()).length, 0)
    assert.equal(decodeMetadata(Buffer.alloc(0)).size, 0)
  })

  it('keeps a name without a value', () => {
    assert.deepEqual(decodeMetadata(hex('6b 02')), new Map([['k', '']]))
    assert.deepEqual(decodeMetadata(hex('6b')), new Map([['k', '']]))
  })

  it('takes stray separators for what they can be', () => {
    assert.deepEqual(decodeMetadata(hex('01 01')), new Map())
    assert.deepEqual(decodeMetadata(hex('6b 02 76 01')), new Map([['k', 'v']]))
    assert.deepEqual(decodeMetadata(hex('6b 02 76 02 77')), new Map([['k', 'v\x02w']]))
  })

  it('keeps bytes of any charset as latin1', () => {
    const body = hex('6b 02 cd bc c6 ac')
    assert.deepEqual(encodeMetadata(decodeMetadata(body, 'latin1'), 'latin1'), body)
  })

  it('cannot hold its separators', () => {
    for (const [name, value] of [
      ['a\x01', 'b'],
      ['a', 'b\x02'],
    ] as const) {
      assert.throws(() => encodeMetadata(new Map([[name, value]])), isInvalidRef)
    }
  })

  it('round trips', () => {
    // Upstream's separators are the only characters that a value cannot have.
    const word = fc
      .string({ unit: 'binary' })
      .map((text) => text.replaceAll('\x01', '').replaceAll('\x02', ''))
    fc.assert(
      fc.property(fc.array(fc.tuple(word, word)), (pairs) => {
        const metadata = new Map(pairs)
        assert.deepEqual(decodeMetadata(encodeMetadata(metadata)), metadata)
      }),
    )
  })
})
