const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** `0 s`, `95 s`, `4 min`, `3 h`, `12 days`, for people: never more than is known, rounded down. */
export function formatDuration(ms: number): string {
  if (ms < 2 * MINUTE) return `${Math.max(0, Math.floor(ms / SECOND))} s`
  if (ms < 2 * HOUR) return `${Math.floor(ms / MINUTE)} min`
  if (ms < 2 * DAY) return `${Math.floor(ms / HOUR)} h`
  return `${Math.floor(ms / DAY)} days`
}

/** `12 s ago`; what lies ahead by a clock that differs was just now. */
export function formatAgo(at: number, now: number): string {
  return `${formatDuration(now - at)} ago`
}
