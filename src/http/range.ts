import type { ByteRange } from '../resolver/resolver.ts'

/** One range as a client wrote it; positions may exceed any file. */
export type RangeSpec =
  | { readonly kind: 'bounded'; readonly first: number; readonly last: number }
  | { readonly kind: 'open-ended'; readonly first: number }
  | { readonly kind: 'suffix'; readonly length: number }

/** What a Range header asks of a file of a known size. */
export type RangeSelection =
  | { readonly kind: 'whole' }
  | { readonly kind: 'unsatisfiable' }
  | { readonly kind: 'ranges'; readonly ranges: readonly ByteRange[] }

export interface RangeOptions {
  readonly size: number
  /** False: a header with more than one range is ignored (`http.multi_range.enabled`). */
  readonly isMultiRangeEnabled: boolean
}

/** More ranges than this, after merging, are an attack rather than a player. */
const MAX_RANGES = 16

// RFC 9110 14.1: "Range units are case-insensitive". White space may follow the "=" only where an
// empty list element does.
const BYTES_UNIT = /^bytes=(?![ \t]+[^ \t,])/i
// Blanks are taken at one place only, so that a long run of them is not tried twice.
const ELEMENT = /[ \t]*(?:(?:(\d+)-(\d*)|-(\d+))[ \t]*)?(?:,|$)/y

const WHOLE: RangeSelection = { kind: 'whole' }
const UNSATISFIABLE: RangeSelection = { kind: 'unsatisfiable' }

/** The ranges of a Range header, in its order; undefined where the header is to be ignored. */
export function parseRange(header: string): readonly RangeSpec[] | undefined {
  const unit = BYTES_UNIT.exec(header)
  if (unit === null) return undefined
  const specs: RangeSpec[] = []
  ELEMENT.lastIndex = unit[0].length
  while (ELEMENT.lastIndex < header.length) {
    const match = ELEMENT.exec(header)
    if (match === null) return undefined
    const spec = toSpec(match)
    if (spec === 'invalid') return undefined
    if (spec !== 'empty') specs.push(spec)
  }
  return specs.length === 0 ? undefined : specs
}

function toSpec([, first, last, suffix]: RegExpExecArray): RangeSpec | 'empty' | 'invalid' {
  if (suffix !== undefined) return { kind: 'suffix', length: Number(suffix) }
  if (first === undefined) return 'empty'
  if (!last) return { kind: 'open-ended', first: Number(first) }
  // RFC 9110 14.1.1: "An int-range is invalid if the last-pos value is present and less than
  // first-pos"; and one invalid range makes the header invalid.
  if (BigInt(last) < BigInt(first)) return 'invalid'
  return { kind: 'bounded', first: Number(first), last: Number(last) }
}

/** The one place where ranges meet the size of a file. */
export function selectRanges(header: string, options: RangeOptions): RangeSelection {
  const specs = parseRange(header)
  if (specs === undefined) return WHOLE
  if (specs.length > 1 && !options.isMultiRangeEnabled) return WHOLE
  if (options.size === 0) return selectOfNothing(specs)
  const satisfiable = specs.flatMap((spec) => resolveSpec(spec, options.size) ?? [])
  if (satisfiable.length === 0) return UNSATISFIABLE
  const ranges = satisfiable.length === 1 ? satisfiable : mergeRanges(satisfiable)
  return ranges.length > MAX_RANGES ? WHOLE : { kind: 'ranges', ranges }
}

/** No Content-Range can name a part of nothing, and nginx's slices need the 200. */
function selectOfNothing(specs: readonly RangeSpec[]): RangeSelection {
  const isFromStart = specs.some((spec) =>
    spec.kind === 'suffix' ? spec.length > 0 : spec.first === 0,
  )
  return isFromStart ? WHOLE : UNSATISFIABLE
}

function resolveSpec(spec: RangeSpec, size: number): ByteRange | undefined {
  switch (spec.kind) {
    case 'suffix':
      return spec.length === 0 ? undefined : { start: Math.max(size - spec.length, 0), end: size }
    case 'open-ended':
      return spec.first >= size ? undefined : { start: spec.first, end: size }
    case 'bounded':
      if (spec.first >= size) return undefined
      return { start: spec.first, end: Math.min(spec.last + 1, size) }
  }
}

/**
 * Overlapping and adjacent ranges become one; what is left stands in the order of the request.
 * RFC 9110 15.3.7.2: "a server MAY coalesce any of the ranges that overlap".
 */
function mergeRanges(ranges: readonly ByteRange[]): readonly ByteRange[] {
  const sorted = ranges
    .map((range, position) => ({ ...range, position }))
    .sort((left, right) => left.start - right.start)
  const merged: { start: number; end: number; position: number }[] = []
  for (const range of sorted) {
    const previous = merged.at(-1)
    if (previous === undefined || range.start > previous.end) {
      merged.push(range)
      continue
    }
    previous.end = Math.max(previous.end, range.end)
    previous.position = Math.min(previous.position, range.position)
  }
  return merged
    .sort((left, right) => left.position - right.position)
    .map(({ start, end }) => ({ start, end }))
}

/** `bytes 0-9/100` */
export function formatContentRange(range: ByteRange, size: number): string {
  return `bytes ${range.start}-${range.end - 1}/${size}`
}
