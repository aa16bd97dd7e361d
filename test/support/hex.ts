import assert from 'node:assert/strict'

/** Bytes written as hex with room to breathe: blanks do not count, nor what follows a `#`. */
export function hex(text: string): Buffer {
  const digits = text.replace(/#.*$/gm, '').replace(/\s+/g, '')
  assert.match(digits, /^(?:[0-9a-f]{2})*$/, 'a fixture of odd or wrong hex digits')
  return Buffer.from(digits, 'hex')
}
