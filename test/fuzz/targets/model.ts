import type { ByteRange } from '../../../src/resolver/resolver.ts'

// The rules of RFC 9110 once more, as plainly as they can be written: no regular expression of the
// edge's, one character or element after the other.

/** What bytes a Range header asks of a file of `size` bytes, a set per file; 'ignored' by its form. */
export function rangesOf(header: string, size: number): ReadonlySet<number> | 'ignored' {
  if (header.slice(0, 6).toLowerCase() !== 'bytes=') return 'ignored'
  const elements = header.slice(6).split(',')
  // A blank may stand before a comma, but not between the "=" and a range.
  if (isBlank(elements[0]?.[0]) && trim(elements[0] ?? '') !== '') return 'ignored'
  const specs = elements.map(trim).filter((element) => element !== '')
  if (specs.length === 0) return 'ignored'
  const wanted = new Set<number>()
  for (const spec of specs) {
    const range = rangeOf(spec, size)
    if (range === 'ignored') return 'ignored'
    for (let at = range.start; at < range.end; at += 1) wanted.add(at)
  }
  return wanted
}

function rangeOf(spec: string, size: number): ByteRange | 'ignored' {
  const dash = spec.indexOf('-')
  const [first, last] = [spec.slice(0, dash), spec.slice(dash + 1)]
  if (dash < 0 || !areDigits(first) || !areDigits(last) || first + last === '') return 'ignored'
  if (first === '') return { start: Math.max(0, size - Number(last)), end: size }
  if (last === '') return { start: Number(first), end: size }
  if (BigInt(last) < BigInt(first)) return 'ignored'
  return { start: Number(first), end: Math.min(size, Number(last) + 1) }
}

function areDigits(text: string): boolean {
  return [...text].every((character) => character >= '0' && character <= '9')
}

function isBlank(character: string | undefined): boolean {
  return character === ' ' || character === '\t'
}

function trim(text: string): string {
  let [start, end] = [0, text.length]
  while (start < end && isBlank(text[start])) start += 1
  while (end > start && isBlank(text[end - 1])) end -= 1
  return text.slice(start, end)
}

/** The tags of If-None-Match, `W/` before those that are weak; undefined where it is malformed. */
export function tagsOf(field: string): '*' | readonly string[] | undefined {
  if (field === '*') return '*'
  const tags: string[] = []
  let [at, mayBegin] = [0, true]
  while (at < field.length) {
    if (isBlank(field[at])) at += 1
    else if (field[at] === ',') [at, mayBegin] = [at + 1, true]
    else {
      const quote = field.startsWith('W/', at) ? at + 2 : at
      const end = field.indexOf('"', quote + 1)
      const tag = field.slice(at, end + 1)
      if (!mayBegin || field[quote] !== '"' || end < 0 || !isOpaque(field.slice(quote + 1, end)))
        return undefined
      tags.push(tag)
      at = end + 1
      mayBegin = false
    }
  }
  return tags.length === 0 ? undefined : tags
}

function isOpaque(text: string): boolean {
  return [...text].every((character) => {
    const code = character.charCodeAt(0)
    return code === 0x21 || (code >= 0x23 && code <= 0x7e) || (code >= 0x80 && code <= 0xff)
  })
}
