/** What a command prints: one line for people, or one object for programs. */
export function printResult(flags: { json?: boolean }, line: string, object: object): void {
  process.stdout.write(`${flags.json ? JSON.stringify(object) : line}\n`)
}

/** `name  value` lines, the values under each other. */
export function formatPairs(pairs: readonly (readonly [string, string])[]): string {
  const width = Math.max(...pairs.map(([name]) => name.length))
  return pairs.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n')
}

/** A table with a head; numbers belong to the right. */
export function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)),
  )
  const isNumber = (text: string): boolean => /^[0-9.]+( [KMGTP]?B)?$/.test(text)
  const pad = (text: string, column: number): string => {
    const width = widths[column] ?? 0
    return isNumber(text) ? text.padStart(width) : text.padEnd(width)
  }
  return [head, ...rows].map((row) => row.map(pad).join('  ').trimEnd()).join('\n')
}

/** Text that somebody else has chosen, without what a terminal would obey. */
export function printable(text: string): string {
  return text.replace(
    /\p{Cc}/gu,
    (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )
}
