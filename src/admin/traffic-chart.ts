import { html } from 'hono/html'
import type { Html } from './layout.ts'

export interface Point {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly value: number
}

export interface ChartParts {
  readonly id: string
  readonly title: string
  readonly points: readonly Point[]
  /** The right edge. */
  readonly now: number
  /** From the left edge to the right. */
  readonly spanMs: number
  readonly format: (value: number) => string
  /** What the scale counts in: 1000, or 1024 of bytes. */
  readonly base?: 1000 | 1024
  readonly kind?: 'errors'
}

const WIDTH = 320
const HEIGHT = 112
const TOP = 14
const BOTTOM = HEIGHT - 18
const SCALES = [1, 2, 5, 10, 20, 50, 100, 200, 500] as const

/** A value over time: filled down to nought, with the scale's top and the times as its labels. */
export function trafficChart(parts: ChartParts): Html {
  const { id, title, points, format, kind = '' } = parts
  const top = topOf(Math.max(0, ...points.map(({ value }) => value)), parts.base ?? 1000)
  const places = points.map((point) => placeOf(point, top, parts))
  const line = places.map(([x, y]) => `${x},${y}`).join(' ')
  const area =
    places.length === 0 ? '' : `${places[0]?.[0]},${BOTTOM} ${line} ${places.at(-1)?.[0]},${BOTTOM}`
  const middle = (TOP + BOTTOM) / 2
  const minutes = Math.round(parts.spanMs / 60_000)
  return html`<svg class="chart ${kind}" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img"
 aria-labelledby="${id}-title ${id}-desc">
<title id="${id}-title">${title}</title>
<desc id="${id}-desc">${describe(parts)}</desc>
<polygon class="area" points="${area}"/>
<g class="grid"><path d="M0 ${TOP}H${WIDTH}M0 ${middle}H${WIDTH}M0 ${BOTTOM}H${WIDTH}"/></g>
<polyline class="line" points="${line}"/>
<text x="0" y="${TOP - 4}">${format(top)}</text>
<text x="0" y="${HEIGHT - 4}">${minutes} min ago</text>
<text x="${WIDTH / 2}" y="${HEIGHT - 4}" text-anchor="middle">${minutes / 2}</text>
<text x="${WIDTH}" y="${HEIGHT - 4}" text-anchor="end">now</text>
</svg>`
}

function describe({ points, spanMs, format }: ChartParts): string {
  if (points.length === 0) return 'Nothing has been counted yet.'
  const values = points.map(({ value }) => value)
  const [least, most] = [Math.min(...values), Math.max(...values)]
  const minutes = Math.round(spanMs / 60_000)
  const last = format(values.at(-1) ?? 0)
  return `In the last ${minutes} minutes between ${format(least)} and ${format(most)}, at last ${last}.`
}

function placeOf(
  { at, value }: Point,
  top: number,
  { now, spanMs }: ChartParts,
): readonly [x: number, y: number] {
  const x = Math.min(1, Math.max(0, 1 - (now - at) / spanMs)) * WIDTH
  const y = BOTTOM - (value / top) * (BOTTOM - TOP)
  return [Number(x.toFixed(1)), Number(y.toFixed(1))]
}

/** A round number that is not below the highest value. */
export function topOf(highest: number, base: 1000 | 1024): number {
  if (highest <= 0) return 1
  const power = Math.floor(Math.log(highest) / Math.log(base))
  const unit = base ** Math.max(0, power)
  return (SCALES.find((scale) => scale * unit >= highest) ?? base) * unit
}
