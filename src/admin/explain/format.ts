/** Seconds as people say them: `45 s`, `12 min`, `8 h 3 min`, `5 days`. */
export function formatDuration(seconds: number): string {
  const whole = Math.round(Math.abs(seconds))
  if (whole < 120) return `${whole} s`
  const minutes = Math.floor(whole / 60)
  if (minutes < 120) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours >= 72) return `${Math.floor(hours / 24)} days`
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`
}

export function formatTime(unixSeconds: number): string {
  const date = new Date(unixSeconds * 1000)
  return Number.isNaN(date.getTime()) ? `${unixSeconds}` : date.toISOString().replace('.000Z', 'Z')
}

/** `a`, `a and b`, `a, b and c`. */
export function formatList(items: readonly string[]): string {
  const last = items.at(-1) ?? 'none'
  return items.length < 2 ? last : `${items.slice(0, -1).join(', ')} and ${last}`
}

/** So many names at most; a cluster may have hundreds of domains. */
const NAMES_MAX = 12

export function formatNames(names: readonly string[]): string {
  if (names.length <= NAMES_MAX) return names.join(', ') || 'none'
  return `${names.slice(0, NAMES_MAX).join(', ')} and ${names.length - NAMES_MAX} more`
}
