import assert from 'node:assert/strict'
import { evaluateConditions, isRangeApplicable } from '../../../src/http/conditional.ts'
import { parseEntityTags } from '../../../src/http/entity-tag.ts'
import { formatHttpDate, parseHttpDate } from '../../../src/http/http-date.ts'
import { parseRange, selectRanges } from '../../../src/http/range.ts'
import { mutate } from '../mutate.ts'
import type { Random } from '../random.ts'
import type { FuzzTarget } from '../target.ts'
import { rangesOf, tagsOf } from './model.ts'

const WORDS = [
  ...[
    ',',
    '-',
    ' ',
    '\t',
    ', ,',
    'bytes=',
    'BYTES=',
    '=',
    '0-',
    '-0',
    '0-0',
    '5-4',
    '-5',
    '99-',
    '*',
  ],
  ...['W/', '"', '""', '"a"', 'w/"a"', '"a,b"', '"\xff"', '\0', '9007199254740993-', '-'.repeat(9)],
  ...['GMT', 'Sun', 'Feb', '29', '60', '2024', '00:00:00', ' '.repeat(40), '1'.repeat(30)],
]
const SIZES = [0, 1, 2, 100]
const NOW = 1_800_000_000
const MAX_RANGES = 16

function target(name: string, texts: readonly string[], check: (text: string) => void): FuzzTarget {
  const generate = (random: Random): string => mutate(random, random.pick(texts), WORDS)
  const cases = { short: 8000, long: 120_000 }
  return { name, cases, maxMs: 250, open: () => ({ generate, check }) }
}

export const RANGES = target(
  'Range fields, against a model',
  [
    'bytes=0-0',
    'bytes=0-9,20-',
    'bytes=-5',
    'bytes=5-,0-3, 90-99',
    'bytes= ,1-1',
    'bytes=0-0,,2-2',
  ],
  (text) => {
    for (const size of SIZES) checkRange(text, size)
  },
)

export const ENTITY_TAGS = target(
  'entity tags, against a model',
  ['"a"', 'W/"a"', '*', '"a", "b"', 'W/"a" ,"b,c"', ', "a",,', '"', '""'],
  checkTags,
)

export const DATES = target(
  'dates, written out again',
  [
    ...[
      'Sun, 06 Nov 1994 08:49:37 GMT',
      'Sunday, 06-Nov-94 08:49:37 GMT',
      'Sun Nov  6 08:49:37 1994',
    ],
    ...[
      'Thu, 29 Feb 2024 23:59:60 GMT',
      'Sat, 31 Dec 9999 23:59:59 GMT',
      'Monday, 01-Jan-78 00:00:00 GMT',
    ],
  ],
  checkDate,
)

function checkRange(text: string, size: number): void {
  const asked = rangesOf(text, size)
  assert.equal(parseRange(text) === undefined, asked === 'ignored', 'one takes it, one ignores it')
  const selection = selectRanges(text, { size, isMultiRangeEnabled: true })
  if (asked === 'ignored') assert.equal(selection.kind, 'whole')
  if (asked === 'ignored' || size === 0 || selection.kind === 'whole') return
  assert.equal(selection.kind === 'unsatisfiable', asked.size === 0)
  if (selection.kind !== 'ranges') return
  assert.ok(selection.ranges.length <= MAX_RANGES)
  const given = selection.ranges.flatMap(({ start, end }) =>
    Array.from({ length: end - start }, (_, offset) => start + offset),
  )
  assert.equal(new Set(given).size, given.length, 'a byte twice')
  assert.deepEqual(new Set(given), asked)
}

function checkTags(text: string): void {
  const model = tagsOf(text)
  const tags = parseEntityTags(text)
  const written =
    typeof tags === 'object'
      ? tags.map(({ isWeak, opaque }) => `${isWeak ? 'W/' : ''}${opaque}`)
      : tags
  assert.deepEqual(written, model)
  const validators = { etag: '"a"', modified: null, nowSeconds: NOW }
  const has = (tag: string): boolean => model === '*' || (model?.includes(tag) ?? false)
  const isAtClient = has('"a"') || has('W/"a"')
  const answer = evaluateConditions({ 'if-none-match': text }, validators)
  assert.equal(answer === 'not-modified', isAtClient)
  const isExpected = evaluateConditions({ 'if-match': text }, validators) === 'none-failed'
  assert.equal(isExpected, has('"a"'))
  assert.equal(isRangeApplicable({ 'if-range': text }, validators), text === '"a"')
}

/** The form that it was in says the same of the time that was read. */
function checkDate(text: string): void {
  const seconds = parseHttpDate(text, NOW)
  if (seconds === undefined) return
  assert.ok(Number.isSafeInteger(seconds))
  // A leap second is written as the one that follows.
  if (/:60 /.test(text)) return
  const [, day, month, year, time] =
    /^..., (..) (...) (.*) (..:..:..) GMT$/.exec(formatHttpDate(seconds)) ?? []
  const forms = [
    `, ${day} ${month} ${year} ${time} GMT`,
    `day, ${day}-${month}-${year?.slice(-2)} ${time} GMT`,
    ` ${month} ${day?.replace(/^0/, ' ')} ${time} ${year}`,
    ` ${month} ${day} ${time} ${year}`,
  ]
  assert.ok(
    forms.some((form) => text.endsWith(form)),
    `read as ${formatHttpDate(seconds)}`,
  )
}
