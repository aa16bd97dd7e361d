import type { HttpHead } from './http-head.ts'

/** What is sent of a file, and how it is called. */
export interface ContentPlan {
  readonly status: 200 | 206 | 304 | 416
  readonly offset: number
  readonly size: number
  readonly contentRange: string | undefined
}

export interface ContentFacts {
  readonly size: number
  /** As the header has it. */
  readonly lastModified: string
}

/** As Perlbal does it (`Perlbal::HTTPHeaders: range`), not as any RFC says. */
export function planContent(
  { headers }: HttpHead,
  { size, lastModified }: ContentFacts,
): ContentPlan {
  const nothing = { offset: 0, size: 0, contentRange: undefined }
  // Equality, not "not newer"; a length may follow the date.
  const [since = ''] = (headers.get('if-modified-since') ?? '').split(';')
  if (since.trim() === lastModified) return { ...nothing, status: 304 }
  const range = rangeOf(headers.get('range'), size)
  if (range === 'whole') return { ...nothing, status: 200, size }
  if (range === 'unsatisfiable') {
    return { ...nothing, status: 416, contentRange: size === 0 ? '*' : `bytes */${size}` }
  }
  const [start, end] = range
  const contentRange = `bytes ${start}-${end}/${size}`
  return { status: 206, offset: start, size: end - start + 1, contentRange }
}

type Range = readonly [start: number, end: number] | 'whole' | 'unsatisfiable'

/** One range, with a unit in lower case and no blanks; `-N` is read as `0-N`: the first bytes. */
function rangeOf(header: string | undefined, size: number): Range {
  const [, from, to] = /^bytes=([0-9]*)-([0-9]*)$/.exec(header ?? '') ?? []
  if (from === undefined || to === undefined || (from === '' && to === '')) return 'whole'
  const end = to === '' ? size - 1 : Math.min(Number(to), size - 1)
  if (from === '') return Number(to) === 0 ? 'unsatisfiable' : [0, end]
  const start = Number(from)
  return start >= size || end < start ? 'unsatisfiable' : [start, end]
}
