import type { Checksum } from '../checksum.ts'

type Hash = Extract<Checksum, { value: string }>

/** A class's `hashtype`: its number in the tables, its name on the wire, the bytes of its value. */
const HASH_TYPES = [
  { number: 1, name: 'MD5', algorithm: 'md5', bytes: 16 },
  { number: 2, name: 'SHA-1', algorithm: 'sha1', bytes: 20 },
] as const

/** `MD5:hex` of FILE_INFO; null for `MISSING`, `NONE` and hash types that nobody here knows. */
export function parseChecksum(text: string): Hash | null {
  const [name, hex = ''] = text.split(':', 2)
  const type = HASH_TYPES.find((it) => it.name === name)
  return type === undefined ? null : hashOf(type, hex.toLowerCase())
}

export function formatChecksum({ algorithm, value }: Hash): string {
  const type = HASH_TYPES.find((it) => it.algorithm === algorithm)
  return `${type?.name}:${value}`
}

/** A row of the table `checksum`. */
export function checksumOfRow(hashtype: number, value: Buffer): Hash | null {
  const type = HASH_TYPES.find(({ number }) => number === hashtype)
  return type === undefined ? null : hashOf(type, value.toString('hex'))
}

function hashOf({ algorithm, bytes }: (typeof HASH_TYPES)[number], hex: string): Hash | null {
  const isHash = hex.length === bytes * 2 && /^[0-9a-f]*$/.test(hex)
  return isHash ? { algorithm, value: hex } : null
}

export function hashTypeNumber(name: string): number | null {
  return HASH_TYPES.find((it) => it.name === name)?.number ?? null
}

/** `NONE` where a class has none. */
export function hashTypeName(hashtype: number | null): string {
  return HASH_TYPES.find(({ number }) => number === hashtype)?.name ?? 'NONE'
}
