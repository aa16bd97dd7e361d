const MAX_QUOTED = 80

/** A value from a file, fit for a terminal: cut short, control characters made visible. */
export function quote(text: string): string {
  const short = text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}...` : text
  return JSON.stringify(short).replace(/\p{C}/gu, '?')
}
