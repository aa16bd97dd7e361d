import type { Ref } from '../resolver/resolver.ts'
import { parseFileId } from '../wire/fastdfs/file-id.ts'
import { EMPTY_QUERY, parseQuery, type Query } from './query.ts'

export interface UrlOptions {
  /** Where false, `/M00/..` is a file of `groupName` (`url_have_group_name`). */
  readonly hasGroupName: boolean
  readonly groupName: string
}

/** What a request-target names. */
export type RequestUrl =
  | { readonly kind: 'file'; readonly ref: Ref; readonly query: Query }
  /** A path of no file that any cluster can hold. */
  | { readonly kind: 'page'; readonly path: string }
  | { readonly kind: 'malformed' }

const MALFORMED: RequestUrl = { kind: 'malformed' }

/** Nothing in it to decode, to refuse or to look at twice. */
const PLAIN_PATH = /^\/[\w/-]*(?:\.[\w-]+)*$/
// The authority has neither user nor emptiness: RFC 9110 4.2.1 and 4.2.4 make either an error.
const ABSOLUTE_FORM = /^https?:\/\/[^/?#@\\]+((?:[/?].*)?)$/i
const DOT_SEGMENT = /(?:^|\/)\.\.?(?:\/|$)/
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const FORBIDDEN = /[\x00-\x1f\x7f\\]/
const FASTDFS_SHAPE = /^\/+(?:[^/]+\/+)M[0-9A-Fa-f]{2}\//
const FASTDFS_SHAPE_WITHOUT_GROUP = /^\/+M[0-9A-Fa-f]{2}\//

/** What a ref is called inside its group or domain. */
export function nameOf(ref: Ref): string {
  return ref.system === 'fastdfs' ? ref.filename : ref.key
}

/** Reads a request-target of GET or HEAD: origin-form or absolute-form. */
export function readRequestUrl(target: string, options: UrlOptions): RequestUrl {
  const pathAndQuery = target.startsWith('/') ? target : originOf(target)
  // RFC 9112 3.2: a request-target has no fragment.
  if (pathAndQuery === undefined || pathAndQuery.includes('#')) return MALFORMED
  const mark = pathAndQuery.indexOf('?')
  const path = decodePath(mark < 0 ? pathAndQuery : pathAndQuery.slice(0, mark))
  const query = mark < 0 ? EMPTY_QUERY : parseQuery(pathAndQuery.slice(mark + 1))
  if (path === undefined || query === undefined) return MALFORMED
  const ref = findRef(path, options)
  if (ref === 'malformed') return MALFORMED
  return ref === undefined ? { kind: 'page', path } : { kind: 'file', ref, query }
}

function originOf(target: string): string | undefined {
  const [, rest] = ABSOLUTE_FORM.exec(target) ?? []
  return rest === undefined || rest.startsWith('/') ? rest : `/${rest}`
}

/** The canonical path: decoded once, `//` kept; undefined where it is none. */
function decodePath(raw: string): string | undefined {
  if (PLAIN_PATH.test(raw)) return raw
  try {
    const path = decodeURIComponent(raw)
    return FORBIDDEN.test(path) || DOT_SEGMENT.test(path) ? undefined : path
  } catch {
    return undefined
  }
}

/** The one place that says which path belongs to which system. */
function findRef(path: string, options: UrlOptions): Ref | 'malformed' | undefined {
  const { hasGroupName, groupName } = options
  if (!hasGroupName && FASTDFS_SHAPE_WITHOUT_GROUP.test(path)) {
    return fastdfsRef(groupName, path.slice(1))
  }
  if (!FASTDFS_SHAPE.test(path)) return undefined
  const slash = path.indexOf('/', 1)
  return fastdfsRef(path.slice(1, slash), path.slice(slash + 1))
}

function fastdfsRef(groupName: string, filename: string): Ref | 'malformed' {
  if (parseFileId({ groupName, filename }) === undefined) return 'malformed'
  return { system: 'fastdfs', groupName, filename }
}
