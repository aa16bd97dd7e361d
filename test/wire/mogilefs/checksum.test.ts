import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  checksumOfRow,
  formatChecksum,
  hashTypeName,
  hashTypeNumber,
  parseChecksum,
} from '../../../src/wire/mogilefs/checksum.ts'

const MD5 = 'd41d8cd98f00b204e9800998ecf8427e'
const SHA1 = 'da39a3ee5e6b4b0d3255bfef95601890afd80709'

test('checksums are read from answers and written into them', () => {
  for (const [text, algorithm, value] of [
    [`MD5:${MD5}`, 'md5', MD5],
    [`SHA-1:${SHA1}`, 'sha1', SHA1],
  ] as const) {
    assert.deepEqual(parseChecksum(text), { algorithm, value })
    assert.equal(formatChecksum({ algorithm, value }), text)
  }
  assert.deepEqual(parseChecksum(`MD5:${MD5.toUpperCase()}`)?.value, MD5)
})

test('what is no checksum is none', () => {
  const texts = ['', 'NONE', 'MISSING', 'MD5', 'MD5:', `MD5:${SHA1}`, `CRC:${MD5}`, `${MD5}`]
  for (const text of [...texts, `MD5:${'z'.repeat(32)}`]) assert.equal(parseChecksum(text), null)
})

test('checksums are read from rows', () => {
  assert.deepEqual(checksumOfRow(1, Buffer.from(MD5, 'hex')), { algorithm: 'md5', value: MD5 })
  assert.deepEqual(checksumOfRow(2, Buffer.from(SHA1, 'hex')), { algorithm: 'sha1', value: SHA1 })
  assert.equal(checksumOfRow(3, Buffer.from(MD5, 'hex')), null)
  assert.equal(checksumOfRow(1, Buffer.from(SHA1, 'hex')), null)
})

test('hash types have numbers and names', () => {
  assert.deepEqual(['MD5', 'SHA-1', 'NONE'].map(hashTypeNumber), [1, 2, null])
  assert.deepEqual([1, 2, null].map(hashTypeName), ['MD5', 'SHA-1', 'NONE'])
})
