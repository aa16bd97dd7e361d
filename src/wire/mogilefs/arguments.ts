import { EdgeError } from '../../errors.ts'

/**
 * The arguments of a request or an answer, decoded, in no order that means anything. Names and
 * values are UTF-8; a byte that is none becomes U+FFFD.
 */
export type Arguments = ReadonlyMap<string, string>

/** Arguments to send; one that is undefined is left out. */
export type ArgumentsToSend = Readonly<Record<string, string | number | undefined>>

const NOT_PLAIN = /[^a-zA-Z0-9_,\-./\\:]/gu

/** As the tracker writes it: `[a-zA-Z0-9_,-./\:]` stays, a blank is `+`, other bytes are `%XX`. */
export function escapeArgument(text: string): string {
  return text.toWellFormed().replace(NOT_PLAIN, escapeCharacter)
}

function escapeCharacter(character: string): string {
  if (character === ' ') return '+'
  return Buffer.from(character).toString('hex').toUpperCase().replace(/../g, '%$&')
}

const ESCAPED_RUN = /(?:%[0-9A-Fa-f]{2})+/g

/** A `%` without two hexadecimal digits stays what it is; a raw blank does too. */
export function unescapeArgument(text: string): string {
  if (!text.includes('%')) return text.replaceAll('+', ' ')
  const decode = (run: string): string => Buffer.from(run.replaceAll('%', ''), 'hex').toString()
  return text.replaceAll('+', ' ').replace(ESCAPED_RUN, decode)
}

/** `name=value&name=value`, all of it escaped: no value can add an argument. */
export function encodeArguments(args: ArgumentsToSend): string {
  const pairs: string[] = []
  for (const [name, value] of Object.entries(args)) {
    if (value !== undefined) pairs.push(`${escapeArgument(name)}=${escapeArgument(`${value}`)}`)
  }
  return pairs.join('&')
}

/**
 * What the tracker makes of arguments: a value ends at a second `=`, a repeated name has its values
 * joined by NUL, and what has no `=` is an empty value.
 */
export function decodeArguments(text: string): Map<string, string> {
  const args = new Map<string, string>()
  for (const pair of text.split('&')) {
    if (pair === '') continue
    const [rawName = '', rawValue = ''] = pair.split('=', 2)
    const name = unescapeArgument(rawName)
    const value = unescapeArgument(rawValue)
    const earlier = args.get(name)
    args.set(name, earlier === undefined ? value : `${earlier}\0${value}`)
  }
  return args
}

/** A value that the answer must have. @throws EdgeError protocol_error */
export function textOf(args: Arguments, name: string): string {
  const text = args.get(name)
  if (text === undefined) throw new EdgeError('protocol_error', `the answer has no "${name}"`)
  return text
}

/** A whole number of at most 2^53 - 1. @throws EdgeError protocol_error */
export function countOf(args: Arguments, name: string): number {
  const text = textOf(args, name)
  const count = /^[0-9]{1,16}$/.test(text) ? Number(text) : Number.NaN
  if (Number.isSafeInteger(count)) return count
  throw new EdgeError('protocol_error', `${name}=${text.slice(0, 40)} is no count`)
}

/** The same of a value that may be missing or empty, where the tracker has NULL. */
export function optionalCountOf(args: Arguments, name: string): number | null {
  return args.get(name) ? countOf(args, name) : null
}

/** No answer lists more than this; a tracker that counts higher is not believed. */
const LIST_MAX = 10_000

/** The items 1 to the count of that name. @throws EdgeError protocol_error */
export function listOf<T>(args: Arguments, countName: string, itemOf: (n: number) => T): T[] {
  const count = countOf(args, countName)
  if (count > LIST_MAX) {
    throw new EdgeError('protocol_error', `${countName}=${count}: more than ${LIST_MAX}`)
  }
  return Array.from({ length: count }, (_, index) => itemOf(index + 1))
}
