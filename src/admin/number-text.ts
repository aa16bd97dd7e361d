const COUNTS = new Intl.NumberFormat('en')

/** `12,345` */
export function formatCount(count: number): string {
  return COUNTS.format(count)
}

/** `0.3 %`, `12 %`; what is there at all is never 0. */
export function formatPercent(share: number): string {
  const percent = share * 100
  if (percent > 0 && percent < 0.1) return 'under 0.1 %'
  return `${percent < 10 ? Number(percent.toFixed(1)) : Math.round(percent)} %`
}

/** `0`, `0.4`, `12`, `1,234` a second. */
export function formatRate(perSecond: number): string {
  return perSecond < 10 ? `${Number(perSecond.toFixed(1))}` : formatCount(Math.round(perSecond))
}
