import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { parseEntityTags } from '../../src/http/entity-tag.ts'

/** `*`, `none`, or the tags joined by blanks. */
function show(field: string): string {
  const tags = parseEntityTags(field) ?? 'none'
  if (typeof tags === 'string') return tags
  return tags.map(({ isWeak, opaque }) => `${isWeak ? 'W/' : ''}${opaque}`).join(' ')
}

describe('a list of entity tags', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['*', '*'],
    ['"a"', '"a"'],
    ['""', '""'],
    ['W/"a"', 'W/"a"'],
    ['"a", W/"b" ,"c"', '"a" W/"b" "c"'],
    ['"a,b", "c"', '"a,b" "c"'],
    ['"a\\", "b"', '"a\\" "b"'],
    [',, "a",,\t"b",', '"a" "b"'],
    ['"\xe4"', '"\xe4"'],
    ['a', 'none'],
    ["'a'", 'none'],
    ['"a', 'none'],
    ['a"', 'none'],
    ['"a" "b"', 'none'],
    ['"a b"', 'none'],
    ['w/"a"', 'none'],
    ['W/ "a"', 'none'],
    ['W/', 'none'],
    ['*, "a"', 'none'],
    ['"a", *', 'none'],
    ['"a", b', 'none'],
    ['', 'none'],
    [',', 'none'],
  ]
  for (const [field, expected] of cases) {
    it(`${field} is ${expected}`, () => assert.equal(show(field), expected))
  }

  it('of any text never throws', () => {
    fc.assert(fc.property(fc.string(), (field) => void parseEntityTags(field)))
  })

  it('of a long run of blanks is read in no time', () => {
    assert.equal(parseEntityTags(`"a"${' \t'.repeat(16_000)}x`), undefined)
    assert.equal(parseEntityTags(`${' '.repeat(32_000)}x`), undefined)
  })
})
