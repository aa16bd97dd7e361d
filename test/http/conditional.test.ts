import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { evaluateConditions, isRangeApplicable } from '../../src/http/conditional.ts'
import type { RequestHeaders } from '../../src/http/message.ts'

const AT = 'Sun, 06 Nov 1994 08:49:37 GMT'
const BEFORE = 'Sun, 06 Nov 1994 08:49:36 GMT'
const AFTER = 'Sun, 06 Nov 1994 08:49:38 GMT'
const FUTURE = 'Fri, 31 Dec 9999 23:59:59 GMT'
const VALIDATORS = { etag: '"e"', modified: 784_111_777, nowSeconds: 1_790_000_000 }
const UNDATED = { ...VALIDATORS, modified: null }

type Verdict = ReturnType<typeof evaluateConditions>
type Case = readonly [RequestHeaders, Verdict]

function check(cases: readonly Case[], validators: typeof VALIDATORS | typeof UNDATED): void {
  for (const [headers, expected] of cases) {
    it(`${JSON.stringify(headers)}: ${expected}`, () => {
      assert.equal(evaluateConditions(headers, validators), expected)
    })
  }
}

describe('conditions', () => {
  const cases: readonly Case[] = [
    [{}, 'none-failed'],
    [{ 'if-match': '"e"' }, 'none-failed'],
    [{ 'if-match': '*' }, 'none-failed'],
    [{ 'if-match': '"x", "e"' }, 'none-failed'],
    [{ 'if-match': '"x"' }, 'precondition-failed'],
    [{ 'if-match': 'W/"e"' }, 'precondition-failed'],
    [{ 'if-match': 'e' }, 'precondition-failed'],
    [{ 'if-unmodified-since': AT }, 'none-failed'],
    [{ 'if-unmodified-since': AFTER }, 'none-failed'],
    [{ 'if-unmodified-since': BEFORE }, 'precondition-failed'],
    [{ 'if-unmodified-since': 'nonsense' }, 'none-failed'],
    [{ 'if-match': '"e"', 'if-unmodified-since': BEFORE }, 'none-failed'],
    [{ 'if-match': '"x"', 'if-unmodified-since': AFTER }, 'precondition-failed'],
    [{ 'if-none-match': '"e"' }, 'not-modified'],
    [{ 'if-none-match': 'W/"e"' }, 'not-modified'],
    [{ 'if-none-match': '*' }, 'not-modified'],
    [{ 'if-none-match': '"a,b", W/"x", "e"' }, 'not-modified'],
    [{ 'if-none-match': '"x"' }, 'none-failed'],
    [{ 'if-none-match': '"E"' }, 'none-failed'],
    [{ 'if-none-match': 'e' }, 'none-failed'],
    [{ 'if-none-match': '"e' }, 'none-failed'],
    [{ 'if-modified-since': AT }, 'not-modified'],
    [{ 'if-modified-since': AFTER }, 'not-modified'],
    [{ 'if-modified-since': FUTURE }, 'not-modified'],
    [{ 'if-modified-since': 'Sunday, 06-Nov-94 08:49:37 GMT' }, 'not-modified'],
    [{ 'if-modified-since': 'Sun Nov  6 08:49:37 1994' }, 'not-modified'],
    [{ 'if-modified-since': BEFORE }, 'none-failed'],
    [{ 'if-modified-since': 'nonsense' }, 'none-failed'],
    [{ 'if-modified-since': '' }, 'none-failed'],
    [{ 'if-none-match': '"x"', 'if-modified-since': FUTURE }, 'none-failed'],
    [{ 'if-none-match': '"e"', 'if-modified-since': BEFORE }, 'not-modified'],
    [{ 'if-none-match': 'malformed', 'if-modified-since': FUTURE }, 'none-failed'],
    // The first pair comes before the second.
    [{ 'if-match': '"x"', 'if-none-match': '"e"' }, 'precondition-failed'],
    [{ 'if-match': '"e"', 'if-none-match': '"e"' }, 'not-modified'],
    [{ 'if-unmodified-since': BEFORE, 'if-modified-since': AT }, 'precondition-failed'],
    [{ 'if-unmodified-since': AT, 'if-modified-since': AT }, 'not-modified'],
  ]
  check(cases, VALIDATORS)

  it('of any text never throw', () => {
    const headers = fc.record(
      {
        'if-match': fc.string(),
        'if-none-match': fc.string(),
        'if-modified-since': fc.string(),
        'if-unmodified-since': fc.string(),
        'if-range': fc.string(),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(headers, (fields) => {
        assert.ok(
          ['none-failed', 'precondition-failed', 'not-modified'].includes(
            evaluateConditions(fields, VALIDATORS),
          ),
        )
        assert.equal(typeof isRangeApplicable(fields, VALIDATORS), 'boolean')
      }),
    )
  })
})

describe('conditions on what has no date', () => {
  const cases: readonly Case[] = [
    [{ 'if-modified-since': FUTURE }, 'none-failed'],
    [{ 'if-unmodified-since': BEFORE }, 'none-failed'],
    [{ 'if-none-match': '"e"' }, 'not-modified'],
  ]
  check(cases, UNDATED)
})

describe('If-Range', () => {
  const cases: readonly (readonly [string | undefined, boolean])[] = [
    [undefined, true],
    ['"e"', true],
    [AT, true],
    ['Sunday, 06-Nov-94 08:49:37 GMT', true],
    ['W/"e"', false],
    ['"x"', false],
    ['"e", "x"', false],
    ['e', false],
    ['*', false],
    [BEFORE, false],
    [AFTER, false],
    ['nonsense', false],
    ['', false],
  ]
  for (const [field, expected] of cases) {
    it(`${field} ${expected ? 'lets' : 'does not let'} the range count`, () => {
      assert.equal(isRangeApplicable({ 'if-range': field }, VALIDATORS), expected)
    })
  }

  it('with a date never matches what has none', () => {
    assert.equal(isRangeApplicable({ 'if-range': AT }, UNDATED), false)
  })
})
