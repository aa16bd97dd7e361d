const UNITS = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'] as const

/** `30.0 KB`, for people; units of 1024. */
export function formatBytes(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.floor(Math.log(bytes) / Math.log(1024))
  const unit = UNITS[Math.min(power, UNITS.length - 1)] ?? 'B'
  const value = bytes / 1024 ** UNITS.indexOf(unit)
  return `${unit === 'B' ? value : value.toFixed(1)} ${unit}`
}
