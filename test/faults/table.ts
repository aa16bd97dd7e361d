import { isWithinBounds } from './resident.ts'
import type { Tally } from './tally.ts'

/** What a fault did, in front of one kind of cluster. */
export interface Line {
  readonly fault: string
  readonly place: string
  readonly badHosts?: number | undefined
  /** Or why there is none: it cannot be tried here. */
  readonly tally: Tally | string
}

export const HEDGE_MS = 100
const SPARE_MS = 100
const MB = 1024 * 1024

const HEAD = [
  'fault',
  'in front of',
  'requests',
  'wrong bytes',
  'failed',
  'cut',
  'slowest first byte',
  'bound',
  'memory',
]

/** Undefined where no host is bad, or nobody says how many. */
export function boundMs({ badHosts }: Pick<Line, 'badHosts'>): number | undefined {
  return badHosts === undefined ? undefined : badHosts * HEDGE_MS + SPARE_MS
}

export function isLate({ tally, ...line }: Line): boolean {
  return typeof tally !== 'string' && tally.slowestMs > (boundMs(line) ?? Number.POSITIVE_INFINITY)
}

/** In Markdown, as README has it: the same fault in front of several clusters is one row. */
export function formatFaults(lines: readonly Line[]): string {
  const rows = Map.groupBy(lines, ({ fault }) => fault)
  const table = [HEAD, HEAD.map(() => '---'), ...Array.from(rows.values(), joined)]
  return table.map((cells) => `| ${cells.join(' | ')} |\n`).join('')
}

function joined(lines: readonly Line[]): readonly string[] {
  const each = lines.map(cellsOf)
  return HEAD.map((_, column) => {
    const cells = each.map((row) => row[column] ?? '')
    return new Set(cells).size === 1 ? (cells[0] ?? '') : cells.join(' / ')
  })
}

function cellsOf(line: Line): readonly string[] {
  const { fault, tally } = line
  const place = letterOf(line.place)
  if (typeof tally === 'string') return [fault, place, tally, '', '', '', '', '', '']
  const { requests, wrong, failed, cut } = tally
  const counts = [requests, wrong, failed, cut].map(String)
  return [fault, place, ...counts, firstByteOf(line, tally), boundOf(line), memoryOf(tally)]
}

function letterOf(place: string): string {
  return place.replace('MogileFS by SQL', 'S').replace('MogileFS', 'M').replace('FastDFS', 'F')
}

function firstByteOf(line: Line, { slowestMs, remark }: Tally): string {
  const ms = `${Math.round(slowestMs)} ms`
  const marked = isLate(line) ? `**${ms}**` : ms
  return remark === '' ? marked : `${marked} (${remark})`
}

function boundOf(line: Line): string {
  const bound = boundMs(line)
  return bound === undefined ? '' : `${bound} ms`
}

function memoryOf({ memory }: Tally): string {
  if (memory === undefined) return ''
  const { beforeBytes, afterBytes } = memory
  const text = `${Math.round(beforeBytes / MB)} → ${Math.round(afterBytes / MB)} MB`
  return isWithinBounds(memory) ? text : `**${text}**`
}
