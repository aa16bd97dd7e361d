import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { ByteReader } from '../../src/wire/byte-reader.ts'
import { COMMAND } from '../../src/wire/fastdfs/commands.ts'
import { encodeFrame, HEADER } from '../../src/wire/fastdfs/header.ts'
import { isProtocolError } from '../support/protocol-error.ts'

function readerOf(...chunks: readonly string[]): ByteReader {
  const reader = new ByteReader()
  for (const chunk of chunks) reader.push(Buffer.from(chunk))
  return reader
}

/** The bodies of all frames that have come whole. */
function takeFrames(reader: ByteReader): string[] {
  const bodies: string[] = []
  while (reader.length >= HEADER.size) {
    const { bodyLength } = HEADER.decode(reader.take(HEADER.size) ?? Buffer.alloc(0))
    bodies.push(`${reader.take(bodyLength)}`)
  }
  return bodies
}

describe('ByteReader', () => {
  it('keeps what comes behind a header in the same packet', () => {
    const reader = readerOf('headbody')
    assert.equal(`${reader.take(4)}`, 'head')
    assert.equal(reader.length, 4)
    assert.equal(`${reader.take(4)}`, 'body')
    assert.equal(reader.length, 0)
  })

  it('takes nothing while too little has come', () => {
    const reader = readerOf('ab')
    assert.equal(reader.take(3), undefined)
    assert.equal(reader.length, 2)
    reader.push(Buffer.from('cd'))
    assert.equal(`${reader.take(3)}`, 'abc')
    assert.equal(`${reader.take(1)}`, 'd')
  })

  it('joins chunks, and cuts the last where the length asked for ends', () => {
    const reader = readerOf('a', 'bc', 'def', 'gh')
    assert.equal(`${reader.take(5)}`, 'abcde')
    assert.equal(`${reader.take(3)}`, 'fgh')
    assert.equal(reader.take(1), undefined)
  })

  it('takes no bytes at all when asked for none', () => {
    assert.equal(readerOf().take(0)?.length, 0)
    const reader = readerOf('ab')
    assert.equal(reader.take(0)?.length, 0)
    assert.equal(reader.takeSome(0)?.length, 0)
    assert.equal(`${reader.take(2)}`, 'ab')
  })

  it('copies nothing of what lies in one chunk', () => {
    const chunk = Buffer.from('headbody')
    const reader = new ByteReader()
    reader.push(chunk)
    assert.equal(reader.take(4)?.buffer, chunk.buffer)
    assert.equal(reader.takeSome(4)?.buffer, chunk.buffer)
  })

  it('gives what is at hand, a chunk at a time and never above the limit', () => {
    const reader = readerOf('abc', 'de')
    assert.equal(`${reader.takeSome(2)}`, 'ab')
    assert.equal(`${reader.takeSome(9)}`, 'c')
    assert.equal(`${reader.takeSome(9)}`, 'de')
    assert.equal(reader.takeSome(9), undefined)
  })

  it('ignores empty chunks', () => {
    const reader = readerOf('', 'a', '', 'b')
    assert.equal(`${reader.takeSome(1)}`, 'a')
    assert.equal(`${reader.takeSome(1)}`, 'b')
    assert.equal(reader.takeSome(1), undefined)
  })

  it('refuses a length that no protocol can mean, and stays as it is', () => {
    const reader = readerOf('abc')
    for (const size of [-1, Number.NaN, 1.5, Number.NEGATIVE_INFINITY]) {
      assert.throws(() => reader.take(size), isProtocolError, `${size}`)
      assert.throws(() => reader.takeSome(size), isProtocolError, `${size}`)
    }
    assert.equal(reader.length, 3)
    assert.equal(`${reader.take(3)}`, 'abc')
  })

  it('takes lines without their ends, CRLF or LF, and keeps what is behind them', () => {
    const reader = readerOf('OK a=1\r\n\nnext', ' line\n', 'rest')
    const lines = [1, 2, 3].map(() => `${reader.takeLine(100)}`)
    assert.deepEqual(lines, ['OK a=1', '', 'next line'])
    assert.equal(reader.takeLine(100), undefined)
    assert.equal(`${reader.take(4)}`, 'rest')
  })

  it('refuses a line above the limit, with and without its end', () => {
    assert.equal(`${readerOf('abc\n').takeLine(3)}`, 'abc')
    assert.equal(readerOf('abc').takeLine(3), undefined)
    assert.throws(() => readerOf('abcd\n').takeLine(3), isProtocolError)
    assert.throws(() => readerOf('abcd').takeLine(3), isProtocolError)
    assert.deepEqual([readerOf('abc').hasLine(3), readerOf('abcd').hasLine(3)], [false, true])
  })

  it('finds a line that comes byte by byte in time that grows with its length', () => {
    const reader = new ByteReader()
    const byte = Buffer.from('x')
    for (let i = 0; i < 200_000; i += 1) {
      reader.push(byte)
      assert.equal(reader.hasLine(1_000_000), false)
    }
    reader.push(Buffer.from('\n'))
    assert.equal(reader.takeLine(1_000_000)?.length, 200_000)
  })

  it('finds a line behind bytes that were taken otherwise', () => {
    const reader = readerOf('ab', 'cd')
    assert.equal(reader.hasLine(100), false)
    assert.equal(`${reader.take(3)}`, 'abc')
    reader.push(Buffer.from('e\nf'))
    assert.equal(`${reader.takeLine(100)}`, 'de')
    assert.equal(`${reader.takeSome(9)}`, 'f')
  })

  it('reads the same frames whole and byte by byte', () => {
    const bodies = ['', 'one', 'x'.repeat(300)]
    const frames = bodies.map((body) => encodeFrame(COMMAND.RESPONSE, Buffer.from(body)))
    const stream = Buffer.concat(frames)
    const whole = new ByteReader()
    whole.push(stream)
    assert.deepEqual(takeFrames(whole), bodies)

    const slow = new ByteReader()
    for (const byte of stream) slow.push(Buffer.from([byte]))
    assert.deepEqual(takeFrames(slow), bodies)
  })

  it('gives back all bytes in order, however they come and are taken', () => {
    const chunks = fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 20 })
    const steps = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 30 })))
    fc.assert(
      fc.property(chunks, steps, (pushed, taken) => {
        const reader = new ByteReader()
        for (const chunk of pushed) reader.push(Buffer.from(chunk))
        const parts = taken.map(([isExact, size]) =>
          isExact ? reader.take(size) : reader.takeSome(size),
        )
        parts.push(reader.take(reader.length))
        const given = Buffer.concat(parts.filter((part) => part !== undefined))
        assert.deepEqual(given, Buffer.concat(pushed))
        assert.equal(reader.length, 0)
      }),
    )
  })

  it('takes no longer for each of many small chunks than for one of few', () => {
    const size = 300_000
    const inBytes = (): ByteReader => {
      const reader = new ByteReader()
      for (let count = 0; count < size; count += 1) reader.push(Buffer.from('a'))
      return reader
    }
    const startedAt = performance.now()
    assert.equal(inBytes().take(size - 1)?.length, size - 1)
    const some = inBytes()
    while (some.takeSome(1) !== undefined);
    const pairs = inBytes()
    while (pairs.take(2) !== undefined);
    assert.equal(some.length + pairs.length, 0)
    // Moved on for each, they took minutes.
    assert.ok(performance.now() - startedAt < 10_000)
  })
})
