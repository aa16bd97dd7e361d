import type { RequestRecord } from '../http/request-record.ts'
import { TRAFFIC_SPAN_MS, TRAFFIC_SPANS, type TrafficSpan } from './process-report.ts'

type Span = { -readonly [key in keyof TrafficSpan]: TrafficSpan[key] }

/** Requests of the last minutes, span by span. */
export class Traffic {
  readonly #now: () => number
  readonly #spans: Span[]

  /** @param now milliseconds since 1970 */
  constructor(now: () => number = Date.now) {
    this.#now = now
    this.#spans = [emptySpan(startOfSpan(now()))]
  }

  note({ status, end, bytes }: Pick<RequestRecord, 'status' | 'end' | 'bytes'>): void {
    const span = this.#current()
    span.requests += 1
    span.bytes += bytes
    if (status >= 500 || end === 'cut') span.errors += 1
  }

  /** Oldest first, up to now. */
  get spans(): readonly TrafficSpan[] {
    this.#current()
    return this.#spans.map((span) => ({ ...span }))
  }

  #current(): Span {
    const startsAt = startOfSpan(this.#now())
    const last = this.#spans.at(-1)
    if (last?.startsAt === startsAt) return last
    return this.#advanceTo(startsAt, last?.startsAt ?? startsAt)
  }

  /** A clock that was set back, or ahead by more than is shown, leaves nothing of what was before. */
  #advanceTo(startsAt: number, lastStartsAt: number): Span {
    const isFar = Math.abs(startsAt - lastStartsAt) >= TRAFFIC_SPANS * TRAFFIC_SPAN_MS
    if (startsAt < lastStartsAt || isFar) this.#spans.length = 0
    const first = this.#spans.length === 0 ? startsAt : lastStartsAt + TRAFFIC_SPAN_MS
    for (let next = first; next < startsAt; next += TRAFFIC_SPAN_MS) {
      this.#spans.push(emptySpan(next))
    }
    const span = emptySpan(startsAt)
    this.#spans.push(span)
    this.#spans.splice(0, this.#spans.length - TRAFFIC_SPANS)
    return span
  }
}

function startOfSpan(at: number): number {
  return at - (at % TRAFFIC_SPAN_MS)
}

function emptySpan(startsAt: number): Span {
  return { startsAt, requests: 0, errors: 0, bytes: 0 }
}
