import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parse } from 'content-disposition'
import fc from 'fast-check'
import { formatDisposition } from '../../src/http/disposition.ts'

describe('Content-Disposition', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['photo.jpg', 'photo.jpg'],
    ['two words.jpg', 'two words.jpg'],
    ['照片.jpg', '照片.jpg'],
    ['naïve €.txt', 'naïve €.txt'],
    ['a"b.jpg', 'a"b.jpg'],
    ['a%41.jpg', 'a%41.jpg'],
    ["it's;x=y.jpg", "it's;x=y.jpg"],
    ['a\r\nSet-Cookie: x=y', 'aSet-Cookie: x=y'],
    ['a\0b\x7f\x85', 'ab'],
    ['../../etc/passwd', '.._.._etc_passwd'],
    ['C:\\evil.exe', 'C:_evil.exe'],
    ['gpj.\u202eexe', 'gpj.exe'],
    ['a\u2028b', 'ab'],
  ]
  for (const [name, expected] of cases) {
    it(`of ${JSON.stringify(name)} names ${expected}`, () => {
      const header = formatDisposition(name)
      assert.match(header, /^attachment; [\x20-\x7e]+$/)
      assert.equal(parse(header).parameters['filename'], expected)
    })
  }

  it('has a plain name for old browsers beside the RFC 8187 one', () => {
    assert.equal(
      formatDisposition('照片.jpg'),
      `attachment; filename="??.jpg"; filename*=utf-8''%E7%85%A7%E7%89%87.jpg`.replace(
        'utf',
        'UTF',
      ),
    )
  })

  it('of any name is one line of ASCII', () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1 })
    fc.assert(fc.property(name, (text) => assert.match(formatDisposition(text), /^[\x20-\x7e]*$/)))
  })
})
