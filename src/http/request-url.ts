import type { Ref } from '../resolver/resolver.ts'
import { findRef, type UrlOptions } from './find-ref.ts'
import { EMPTY_QUERY, parseQuery, type Query } from './query.ts'

/** What a request-target names. */
export type RequestUrl =
  | { readonly kind: 'file'; readonly ref: Ref; readonly query: Query }
  /** A path of no file that any cluster can hold. */
  | { readonly kind: 'page'; readonly path: string }
  | { readonly kind: 'malformed' }

/** What a request says beside its target. */
export interface UrlContext {
  /** The Host header. */
  readonly host?: string | undefined
  /** The MogileFS domain that a trusted proxy has named: it goes before any host. */
  readonly domain?: string | undefined
  /** Arguments besides those of the target, a character for each byte. */
  readonly rawArgs?: string | undefined
}

const MALFORMED: RequestUrl = { kind: 'malformed' }

/** Nothing in it to decode, to refuse or to look at twice. */
const PLAIN_PATH = /^\/[\w/-]*(?:\.[\w-]+)*$/
// The authority has neither user nor emptiness: RFC 9110 4.2.1 and 4.2.4 make either an error.
const ABSOLUTE_FORM = /^https?:\/\/([^/?#@\\]+)((?:[/?].*)?)$/i
const DOT_SEGMENT = /(?:^|\/)\.\.?(?:\/|$)/
const HIGH_BYTE = /[\x80-\xff]/g
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const CONTROL = /[\x00-\x1f\x7f]/

/** What a ref is called inside its group or domain. */
export function nameOf(ref: Ref): string {
  return ref.system === 'fastdfs' ? ref.filename : ref.key
}

/**
 * Reads a request-target of GET or HEAD: origin-form or absolute-form, whose authority goes before
 * the Host header (RFC 9112 3.2.2).
 */
export function readRequestUrl(
  target: string,
  options: UrlOptions,
  { host = '', domain, rawArgs }: UrlContext = {},
): RequestUrl {
  const origin = target.startsWith('/') ? { authority: host, rest: target } : originOf(target)
  // RFC 9112 3.2: a request-target has no fragment.
  if (origin === undefined || origin.rest.includes('#')) return MALFORMED
  const { authority, rest } = origin
  const mark = rest.indexOf('?')
  const path = decodePath(mark < 0 ? rest : rest.slice(0, mark))
  const query = readQuery(mark < 0 ? '' : rest.slice(mark + 1), rawArgs)
  if (path === undefined || query === undefined) return MALFORMED
  const ref = findRef(path, { authority, domain }, options)
  if (ref === 'malformed') return MALFORMED
  if (ref !== undefined) return { kind: 'file', ref, query }
  return path.includes('\\') ? MALFORMED : { kind: 'page', path }
}

/** What all paths below a place begin with, canonical as they are, and the host that was named. */
export function readPathPrefix(
  text: string,
): { readonly authority: string; readonly path: string } | undefined {
  const origin = text.startsWith('/') ? { authority: '', rest: text } : originOf(text)
  if (origin === undefined || /[?#]/.test(origin.rest)) return undefined
  const path = decodePath(origin.rest)
  return path === undefined ? undefined : { authority: origin.authority, path }
}

function originOf(target: string): { authority: string; rest: string } | undefined {
  const [, authority, rest = ''] = ABSOLUTE_FORM.exec(target) ?? []
  if (authority === undefined) return undefined
  return { authority, rest: rest.startsWith('/') ? rest : `/${rest}` }
}

function readQuery(text: string, rawArgs: string | undefined): Query | undefined {
  if (rawArgs) return parseQuery(`${text}&${rawArgs.replace(HIGH_BYTE, encodeURIByte)}`)
  return text === '' ? EMPTY_QUERY : parseQuery(text)
}

function encodeURIByte(byte: string): string {
  return `%${byte.charCodeAt(0).toString(16)}`
}

/** The canonical path: decoded once, `//` kept; undefined where it is none. */
function decodePath(raw: string): string | undefined {
  if (PLAIN_PATH.test(raw)) return raw
  // RFC 3986 has no backslash; a key may hold one as %5C.
  if (raw.includes('\\')) return undefined
  try {
    const path = decodeURIComponent(raw)
    return isCanonical(path) ? path : undefined
  } catch {
    return undefined
  }
}

/** Half a character comes in no request, but in the JSON of a purge; no URL can have it. */
function isCanonical(path: string): boolean {
  return !CONTROL.test(path) && !DOT_SEGMENT.test(path) && path.isWellFormed()
}
