import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { byteCount, i32, i64, struct, text, u8, u32 } from '../../src/wire/struct.ts'
import { hex } from '../support/hex.ts'
import { isInvalidRef, isProtocolError } from '../support/protocol-error.ts'

const SERVER = struct({ groupName: text(4), port: i64, path: u8 })

const SERVER_BYTES = hex(`
  67 31 00 00              # group name: g1
  00 00 00 00 00 00 59 d8  # port: 23000
  ff                       # path: 255
`)

describe('struct', () => {
  it('reads and writes by one table', () => {
    const value = { groupName: 'g1', port: 23_000, path: 255 }
    assert.equal(SERVER.size, 13)
    assert.deepEqual(SERVER.decode(SERVER_BYTES), value)
    assert.deepEqual(SERVER.encode(value), SERVER_BYTES)
  })

  it('reads at an offset and leaves what follows', () => {
    const bytes = Buffer.concat([Buffer.from('xy'), SERVER_BYTES, Buffer.from('z')])
    assert.deepEqual(SERVER.decode(bytes, 2), SERVER.decode(SERVER_BYTES))
  })

  it('reads a list to the end', () => {
    const bytes = Buffer.concat([Buffer.from('head'), SERVER_BYTES, SERVER_BYTES])
    const one = SERVER.decode(SERVER_BYTES)
    assert.deepEqual(SERVER.decodeAll(bytes, 4), [one, one])
    assert.deepEqual(SERVER.decodeAll(bytes, bytes.length), [])
  })

  it('holds other structs as fields', () => {
    const pair = struct({ first: SERVER, second: SERVER })
    const value = pair.decode(Buffer.concat([SERVER_BYTES, SERVER_BYTES]))
    assert.deepEqual(value.second, SERVER.decode(SERVER_BYTES))
    assert.deepEqual(pair.encode(value), Buffer.concat([SERVER_BYTES, SERVER_BYTES]))
  })

  it('refuses bytes cut anywhere', () => {
    for (let length = 0; length < SERVER.size; length++) {
      assert.throws(() => SERVER.decode(SERVER_BYTES.subarray(0, length)), isProtocolError)
    }
    assert.throws(() => SERVER.decode(SERVER_BYTES, 1), isProtocolError)
    assert.throws(() => SERVER.decode(SERVER_BYTES, -1), isProtocolError)
  })

  it('refuses a list that ends within an entry or before it begins', () => {
    assert.throws(() => SERVER.decodeAll(SERVER_BYTES.subarray(1)), isProtocolError)
    assert.throws(() => SERVER.decodeAll(SERVER_BYTES, 14), isProtocolError)
  })
})

describe('text', () => {
  const name = struct({ name: text(4) })

  it('is padded with NULs, and not terminated when full', () => {
    assert.deepEqual(name.encode({ name: 'ab' }), hex('61 62 00 00'))
    assert.deepEqual(name.encode({ name: 'abcd' }), hex('61 62 63 64'))
    assert.equal(name.decode(hex('61 62 63 64')).name, 'abcd')
    assert.equal(name.decode(hex('00 00 00 00')).name, '')
  })

  it('ends at its first NUL, whatever upstream left behind it', () => {
    assert.equal(name.decode(hex('61 00 7a 7a')).name, 'a')
  })

  it('is never read past its end', () => {
    const two = struct({ first: text(2), second: text(2) })
    assert.deepEqual(two.decode(hex('61 62 63 00')), { first: 'ab', second: 'c' })
  })

  it('cannot hold more bytes than its size, nor a NUL', () => {
    assert.throws(() => name.encode({ name: 'abcde' }), isInvalidRef)
    assert.throws(() => name.encode({ name: 'ééé' }), isInvalidRef)
    assert.throws(() => name.encode({ name: 'a\0b' }), isInvalidRef)
  })

  it('survives bytes that are no UTF-8', () => {
    assert.equal(name.decode(hex('ff fe 61 00')).name, '\ufffd\ufffda')
  })

  it('round trips', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 6 }), (value) => {
        fc.pre(Buffer.byteLength(value) <= 8 && !value.includes('\0'))
        const field = struct({ value: text(8) })
        assert.equal(field.decode(field.encode({ value })).value, value)
      }),
    )
  })
})

describe('i64', () => {
  const number = struct({ value: i64 })

  const known: readonly (readonly [number, string])[] = [
    [0, '00 00 00 00 00 00 00 00'],
    [1, '00 00 00 00 00 00 00 01'],
    [-1, 'ff ff ff ff ff ff ff ff'],
    [2 ** 32 - 1, '00 00 00 00 ff ff ff ff'],
    [2 ** 32, '00 00 00 01 00 00 00 00'],
    [-(2 ** 32), 'ff ff ff ff 00 00 00 00'],
    [-1_977_326_301, 'ff ff ff ff 8a 24 65 23'],
    [Number.MAX_SAFE_INTEGER, '00 1f ff ff ff ff ff ff'],
    [Number.MIN_SAFE_INTEGER, 'ff e0 00 00 00 00 00 01'],
  ]

  for (const [value, bytes] of known) {
    it(`is ${value} in ${bytes}`, () => {
      assert.deepEqual(number.encode({ value }), hex(bytes))
      assert.equal(number.decode(hex(bytes)).value, value)
    })
  }

  it('is refused beyond 2^53', () => {
    for (const bytes of [
      '00 20 00 00 00 00 00 00', // 2^53
      '7f ff ff ff ff ff ff ff', // 2^63 - 1
      '80 00 00 00 00 00 00 00', // -2^63
      'ff e0 00 00 00 00 00 00', // -2^53
    ]) {
      assert.throws(() => number.decode(hex(bytes)), isProtocolError, bytes)
    }
  })

  it('is written as Node writes it', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        const expected = Buffer.alloc(8)
        expected.writeBigInt64BE(BigInt(value))
        assert.deepEqual(number.encode({ value }), expected)
        assert.equal(number.decode(expected).value, value)
      }),
    )
  })
})

describe('byteCount', () => {
  const number = struct({ value: byteCount })

  it('is an int64 that is never below zero', () => {
    assert.equal(number.decode(hex('00 00 00 01 00 00 00 00')).value, 2 ** 32)
    assert.deepEqual(number.encode({ value: 2 ** 32 }), hex('00 00 00 01 00 00 00 00'))
    assert.throws(() => number.decode(hex('ff ff ff ff ff ff ff ff')), isProtocolError)
    assert.throws(() => number.decode(hex('80 00 00 00 00 00 00 00')), isProtocolError)
  })
})

describe('the shorter numbers', () => {
  it('are big-endian', () => {
    const numbers = struct({ signed: i32, unsigned: u32, byte: u8 })
    const bytes = hex(`
      ff ff ff fe  # signed: -2
      ff ff ff fe  # unsigned: 4294967294
      80           # byte: 128
    `)
    const value = { signed: -2, unsigned: 4_294_967_294, byte: 128 }
    assert.deepEqual(numbers.decode(bytes), value)
    assert.deepEqual(numbers.encode(value), bytes)
  })
})
