import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { factsOfSeek, parseFlvSeek } from '../../src/http/flv-seek.ts'

/** `10-99`, `none` or `beyond-end` in 100 bytes. */
function show(start: string | undefined, end: string | undefined): string {
  const seek = parseFlvSeek(
    { ...(start !== undefined && { start }), ...(end !== undefined && { end }) },
    100,
  )
  return seek.kind === 'seek' ? `${seek.range.start}-${seek.range.end - 1}` : seek.kind
}

describe('a seek in a Flash video of 100 bytes', () => {
  const cases: readonly (readonly [string | undefined, string | undefined, string])[] = [
    [undefined, undefined, 'none'],
    [undefined, '5', 'none'],
    ['0', undefined, 'none'],
    ['10', undefined, '10-99'],
    ['10', '19', '10-19'],
    ['10', '10', '10-10'],
    ['10', '500', '10-99'],
    ['99', undefined, '99-99'],
    ['100', undefined, 'beyond-end'],
    ['10', '', '10-99'],
    ['999999999999999', undefined, 'beyond-end'],
    ['10', '9', 'none'],
    ['-1', undefined, 'none'],
    ['1e1', undefined, 'none'],
    ['', undefined, 'none'],
    ['10', 'x', 'none'],
    ['9999999999999999', undefined, 'none'],
  ]
  for (const [start, end, expected] of cases) {
    it(`from ${start} to ${end} is ${expected}`, () => assert.equal(show(start, end), expected))
  }

  it('has a validator of its own', () => {
    const facts = {
      size: 9,
      modified: 1,
      etag: '"a-b"',
      isImmutable: true,
      isPermanent: true,
      checksum: null,
    }
    assert.equal(factsOfSeek(facts, { start: 3, end: 9 }).etag, '"a-b-flv3-9"')
  })
})
