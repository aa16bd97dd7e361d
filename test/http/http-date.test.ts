import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { formatHttpDate, parseHttpDate } from '../../src/http/http-date.ts'

/** 2026 */
const NOW = 1_790_000_000
const EXAMPLE = 784_111_777

describe('an HTTP date', () => {
  const dates: readonly (readonly [string, number | undefined])[] = [
    ['Sun, 06 Nov 1994 08:49:37 GMT', EXAMPLE],
    ['Sunday, 06-Nov-94 08:49:37 GMT', EXAMPLE],
    ['Sun Nov  6 08:49:37 1994', EXAMPLE],
    ['Sun Nov 06 08:49:37 1994', EXAMPLE],
    ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
    ['Thu, 29 Feb 2024 00:00:00 GMT', 1_709_164_800],
    ['Sat, 31 Dec 2016 23:59:60 GMT', 1_483_228_800],
    ['Fri, 31 Dec 9999 23:59:59 GMT', 253_402_300_799],
    // RFC 9110 5.6.7: two digits more than 50 years ahead mean the past.
    ['Friday, 01-Jan-77 00:00:00 GMT', 220_924_800],
    ['Wednesday, 01-Jan-76 00:00:00 GMT', 3_345_062_400],
    // The day of the week is redundant.
    ['Mon, 06 Nov 1994 08:49:37 GMT', EXAMPLE],
    ['Thu, 30 Feb 2023 00:00:00 GMT', undefined],
    ['Sun, 00 Nov 1994 08:49:37 GMT', undefined],
    ['Sun, 06 Nov 1994 24:00:00 GMT', undefined],
    ['Sun, 06 Nov 1994 08:60:37 GMT', undefined],
    ['Sun, 06 Nox 1994 08:49:37 GMT', undefined],
    ['Sun, 6 Nov 1994 08:49:37 GMT', undefined],
    ['Sun, 06 Nov 1994 08:49:37', undefined],
    ['Sun, 06 Nov 1994 08:49:37 UTC', undefined],
    ['Sun, 06 Nov 1994 08:49:37 +0000', undefined],
    ['Sun, 06 Nov 94 08:49:37 GMT', undefined],
    ['sun, 06 nov 1994 08:49:37 gmt', undefined],
    ['1994-11-06T08:49:37Z', undefined],
    ['784111777', undefined],
    ['Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT', undefined],
    ['"Sun, 06 Nov 1994 08:49:37 GMT"', undefined],
    ['', undefined],
  ]
  for (const [text, expected] of dates) {
    it(`'${text}' is ${expected ?? 'none'}`, () => {
      assert.equal(parseHttpDate(text, NOW), expected)
    })
  }

  it('is read as it is written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 253_402_300_799 }), (seconds) => {
        assert.equal(parseHttpDate(formatHttpDate(seconds), NOW), seconds)
      }),
    )
  })

  it('of any text never throws', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseHttpDate(text, NOW)))
  })
})
