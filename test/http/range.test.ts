import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { parseRange, type RangeSelection, selectRanges } from '../../src/http/range.ts'

function select(header: string, size = 100, isMultiRangeEnabled = true): RangeSelection {
  return selectRanges(header, { size, isMultiRangeEnabled })
}

/** `0-9,20-29` with last positions as in headers, `whole` or `unsatisfiable`. */
function show(selection: RangeSelection): string {
  if (selection.kind !== 'ranges') return selection.kind
  return selection.ranges.map(({ start, end }) => `${start}-${end - 1}`).join(',')
}

const NINES = '9'.repeat(400)

describe('Range of a file of 100 bytes', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['bytes=0-9', '0-9'],
    ['bytes=0-0', '0-0'],
    ['bytes=99-99', '99-99'],
    ['bytes=0-99', '0-99'],
    ['bytes=0-100', '0-99'],
    ['bytes=50-', '50-99'],
    ['bytes=0-', '0-99'],
    ['bytes=-1', '99-99'],
    ['bytes=-100', '0-99'],
    ['bytes=-101', '0-99'],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=-000', 'unsatisfiable'],
    ['bytes=100-', 'unsatisfiable'],
    ['bytes=100-200', 'unsatisfiable'],
    [`bytes=${NINES}-`, 'unsatisfiable'],
    [`bytes=5-${NINES}`, '5-99'],
    [`bytes=-${NINES}`, '0-99'],
    ['bytes=9007199254740993-9007199254740992', 'whole'],
    ['bytes=9007199254740992-9007199254740993', 'unsatisfiable'],
    ['bytes=0000000000000000000000000007-0000000000000000000000000000008', '7-8'],
    // The unit
    ['BYTES=0-9', '0-9'],
    ['Bytes=0-9', '0-9'],
    ['items=0-9', 'whole'],
    ['bytes 0-9', 'whole'],
    ['bytes =0-9', 'whole'],
    ['0-9', 'whole'],
    ['byte=0-9', 'whole'],
    ['bytess=0-9', 'whole'],
    ['', 'whole'],
    // What is malformed is ignored
    ['bytes=', 'whole'],
    ['bytes=,', 'whole'],
    ['bytes=-', 'whole'],
    ['bytes=a-b', 'whole'],
    ['bytes=1', 'whole'],
    ['bytes=5-0', 'whole'],
    ['bytes=--1', 'whole'],
    ['bytes=1--2', 'whole'],
    ['bytes=+1-2', 'whole'],
    ['bytes=1-2-3', 'whole'],
    ['bytes=0x1-0x2', 'whole'],
    ['bytes=1.0-2', 'whole'],
    ['bytes=0 - 9', 'whole'],
    ['bytes=0-9;q=1', 'whole'],
    ['bytes=0-9,x', 'whole'],
    ['bytes=0-9, bytes=20-29', 'whole'],
    ['bytes=0-9,5-4', 'whole'],
    ['bytes= 0-9', 'whole'],
    // White space and empty elements stand around commas
    ['bytes=0-9 , 20-29', '0-9,20-29'],
    ['bytes=0-9\t,\t20-29', '0-9,20-29'],
    ['bytes=,0-9,,20-29,', '0-9,20-29'],
    ['bytes= ,0-9', '0-9'],
    // Several
    ['bytes=20-29,0-9', '20-29,0-9'],
    ['bytes=0-9,5-14', '0-14'],
    ['bytes=0-9,10-19', '0-19'],
    ['bytes=0-9,11-19', '0-9,11-19'],
    ['bytes=50-59,0-9,55-64,8-12', '50-64,0-12'],
    ['bytes=0-9,200-', '0-9'],
    ['bytes=0-9,-0,100-', '0-9'],
    ['bytes=200-,300-', 'unsatisfiable'],
    ['bytes=-10,0-', '0-99'],
    ['bytes=0-0,-1', '0-0,99-99'],
    ['bytes=0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0,0-0', '0-0'],
  ]
  for (const [header, expected] of cases) {
    it(`${header.slice(0, 60)} is ${expected}`, () => assert.equal(show(select(header)), expected))
  }

  it('may be 16 after merging, and no more', () => {
    const spread = (count: number) =>
      `bytes=${Array.from({ length: count }, (_, i) => `${i * 3}-${i * 3}`).join(',')}`
    assert.equal(show(select(spread(16))).split(',').length, 16)
    assert.equal(show(select(spread(17))), 'whole')
  })

  it('may be one only where multiple ranges are switched off', () => {
    assert.equal(show(select('bytes=0-9,20-29', 100, false)), 'whole')
    assert.equal(show(select('bytes=0-9', 100, false)), '0-9')
  })
})

describe('Range of an empty file', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['bytes=0-', 'whole'],
    ['bytes=0-0', 'whole'],
    ['bytes=0-499', 'whole'],
    ['bytes=-5', 'whole'],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=1-', 'unsatisfiable'],
    ['bytes=1-,0-', 'whole'],
    ['bytes=x', 'whole'],
  ]
  for (const [header, expected] of cases) {
    it(`${header} is ${expected}`, () => assert.equal(show(select(header, 0)), expected))
  }
})

describe('any Range', () => {
  const rangeText = fc.stringMatching(/^[0-9, \t-]{0,40}$/).map((text) => `bytes=${text}`)

  it('selects what lies within the file and does not overlap', () => {
    fc.assert(
      fc.property(fc.oneof(rangeText, fc.string()), fc.nat(60), (header, size) => {
        const selection = select(header, size)
        if (selection.kind !== 'ranges') return
        assert.ok(selection.ranges.length >= 1 && selection.ranges.length <= 16)
        const sorted = [...selection.ranges].sort((left, right) => left.start - right.start)
        let end = -1
        for (const range of sorted) {
          assert.ok(Number.isInteger(range.start) && range.start > end)
          assert.ok(range.end > range.start && range.end <= size)
          end = range.end
        }
      }),
    )
  })

  it('selects exactly the bytes that its parts name', () => {
    const spec = fc.oneof(
      fc.tuple(fc.nat(40), fc.nat(10)).map(([first, more]) => `${first}-${first + more}`),
      fc.nat(40).map((first) => `${first}-`),
      fc.nat(40).map((length) => `-${length}`),
    )
    fc.assert(
      fc.property(
        fc.array(spec, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 30 }),
        (specs, size) => {
          const selection = select(`bytes=${specs.join(',')}`, size)
          const named = new Set(specs.flatMap((text) => bytesOf(text, size)))
          const selected = selection.kind === 'ranges' ? selection.ranges : []
          const got = selected.flatMap(({ start, end }) => count(start, end))
          assert.deepEqual(got.toSorted(ascending), [...named].sort(ascending))
        },
      ),
    )
  })

  it('of a long run of blanks is read in no time', () => {
    const blanks = ' \t'.repeat(16_000)
    assert.equal(parseRange(`bytes=0-1${blanks}x`), undefined)
    assert.equal(parseRange(`bytes=${blanks}x`), undefined)
    assert.equal(parseRange(`bytes=${'1'.repeat(30_000)}`), undefined)
  })
})

function bytesOf(spec: string, size: number): number[] {
  const [first = '', last = ''] = spec.split('-')
  if (first === '') return count(Math.max(size - Number(last), 0), size)
  return count(Number(first), last === '' ? size : Math.min(Number(last) + 1, size))
}

function count(start: number, end: number): number[] {
  return Array.from({ length: Math.max(end - start, 0) }, (_, i) => start + i)
}

function ascending(left: number, right: number): number {
  return left - right
}
