import type { SQLOutputValue } from 'node:sqlite'

export type Row = Readonly<Record<string, SQLOutputValue>>

/** @throws TypeError: the statement and its reader do not agree */
export function numberIn(row: Row, column: string): number {
  const value = row[column]
  if (typeof value === 'number') return value
  throw new TypeError(`${column} is ${value} and no number`)
}

/** @throws TypeError */
export function textIn(row: Row, column: string): string {
  const value = row[column]
  if (typeof value === 'string') return value
  throw new TypeError(`${column} is ${value} and no text`)
}

/** @throws TypeError */
export function bytesIn(row: Row, column: string): Buffer {
  const value = row[column]
  if (value instanceof Uint8Array) return Buffer.from(value)
  throw new TypeError(`${column} is ${value} and no bytes`)
}

export function optionalNumberIn(row: Row, column: string): number | null {
  return row[column] === null ? null : numberIn(row, column)
}

export function optionalTextIn(row: Row, column: string): string | null {
  return row[column] === null ? null : textIn(row, column)
}
