import type { UrlOptions } from '../../http/find-ref.ts'
import { isHost } from '../../http/message-fault.ts'
import { type RequestUrl, readRequestUrl } from '../../http/request-url.ts'
import { DEFAULT_SERVER_LIMITS } from '../../http/server-limits.ts'
import { isGroupName } from '../../wire/fastdfs/file-id.ts'
import { type Verdict, verdict } from './causes.ts'
import type { Reading } from './explanation.ts'
import { whyNoFile, whyNotTheOther } from './other-system.ts'

const DOT_PART = /(?:^|\/)(\.\.?)(?=\/|$)/
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\x00-\x1f\x7f]/
const ORIGIN = /^(https?:\/\/([^/?#@\\]+))(.*)$/is
const KEY_MAX_CHARS = 255
const URL_MAX_BYTES = DEFAULT_SERVER_LIMITS.maxUrlBytes
const VALUE_MAX_BYTES = 255
const ARGUMENTS = ['token', 'ts', 'filename', 'attname', 'start', 'end', 'redirect']

export interface ReadUrl {
  readonly url: RequestUrl
  readonly reading: Reading
}

/** What the edge makes of a request-target, and what exactly is wrong with one that it refuses. */
export function readUrl(target: string, host: string | undefined, urls: UrlOptions): ReadUrl {
  const [, , named, rest = target] = ORIGIN.exec(target) ?? []
  const authority = named ?? host
  const url = readRequestUrl(target, urls, { host })
  const path = pathOf(rest)
  const vhostDomain = vhostOf(authority, urls)
  const place = { path, host: authority ?? null, vhostDomain }
  const early = findMessageFault(target, authority)
  if (early !== undefined) {
    return { url: MALFORMED, reading: { ...place, ref: null, notes: [], fault: early } }
  }
  switch (url.kind) {
    case 'malformed': {
      const fault = findFault(target, rest, { path, vhostDomain, urls })
      return { url, reading: { ...place, ref: null, notes: [], fault } }
    }
    case 'page': {
      const fault = whyNoFile(url.path, { vhostDomain, urls })
      return { url, reading: { ...place, ref: null, notes: [], fault } }
    }
    case 'file': {
      const notes = whyNotTheOther(path ?? '', { ref: url.ref, vhostDomain, urls })
      return { url, reading: { ...place, ref: url.ref, notes, fault: null } }
    }
  }
}

const MALFORMED: RequestUrl = { kind: 'malformed' }

/** What is wrong before the path is looked at. */
function findMessageFault(target: string, authority: string | undefined): Verdict | undefined {
  if (target.length > URL_MAX_BYTES) {
    return verdict('url_too_long', { count: `${target.length}`, most: `${URL_MAX_BYTES}` })
  }
  const isBadHost = authority !== undefined && !isHost(authority)
  return isBadHost ? verdict('bad_host', { host: authority }) : undefined
}

function vhostOf(authority: string | undefined, { mogilefs }: UrlOptions): string | null {
  const name = (authority ?? '').replace(/:[0-9]*$/, '').toLowerCase()
  return mogilefs?.domainOfHost(name) ?? null
}

/** Decoded as far as it can be; null where it cannot. */
function pathOf(rest: string): string | null {
  const raw = rest.split(/[?#]/, 1)[0] ?? ''
  try {
    const path = decodeURIComponent(raw === '' ? '/' : raw)
    return path.isWellFormed() ? path : null
  } catch {
    return null
  }
}

interface Place {
  readonly path: string | null
  readonly vhostDomain: string | null
  readonly urls: UrlOptions
}

/** In the order in which `readRequestUrl` looks. */
function findFault(target: string, rest: string, place: Place): Verdict {
  const isOrigin = target.startsWith('/')
  if (!isOrigin && !ORIGIN.test(target)) return verdict('not_a_url', {})
  if (rest.includes('#')) return verdict('fragment', {})
  const [raw = '', ...query] = rest.split('?')
  if (raw.includes('\\')) return verdict('backslash', {})
  const { path } = place
  if (path === null) return verdict('percent_encoding', { text: badEncoding(raw) })
  const [control] = CONTROL.exec(path) ?? []
  if (control !== undefined) {
    const code = control.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')
    return verdict('control_character', { text: `%${code}` })
  }
  const [, dots] = DOT_PART.exec(path) ?? []
  if (dots !== undefined) return verdict('dot_segment', { text: dots })
  return findArgumentFault(query.join('?')) ?? findNameFault(path, place)
}

/** The first thing that does not decode: `%zz`, `%` at the end, or bytes that are no UTF-8. */
function badEncoding(raw: string): string {
  if (!raw.isWellFormed()) return 'half a character (a lone surrogate)'
  const [broken] = /%(?![0-9a-f]{2}).{0,2}/is.exec(raw) ?? []
  if (broken !== undefined) return broken
  const runs = raw.match(/(?:%[0-9a-f]{2})+/gi) ?? []
  return runs.find((run) => !decodes(run)) ?? '%'
}

function decodes(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}

function findArgumentFault(query: string): Verdict | undefined {
  for (const pair of query.split('&')) {
    const [name = '', ...value] = pair.split('=')
    if (!ARGUMENTS.includes(name)) continue
    const text = value.join('=').replaceAll('+', ' ')
    if (!decodes(text)) return verdict('argument_encoding', { name })
    const count = Buffer.byteLength(decodeURIComponent(text))
    if (count > VALUE_MAX_BYTES) return verdict('argument_too_long', { name, count: `${count}` })
  }
  return undefined
}

/** Group, or none, and store path, with as many slashes as there may be. */
const ID_START = /^\/+(?:([^/]+)\/+)?(M[0-9A-Fa-f]{2})\//

/** The path is in order, the file's name is not. */
function findNameFault(path: string, { vhostDomain, urls }: Place): Verdict {
  const { fastdfs } = urls
  const [start, first, store = ''] = ID_START.exec(path) ?? []
  if (start !== undefined && fastdfs !== undefined && vhostDomain === null) {
    // What begins with two slashes has no first part, to the edge.
    const isNamed = first !== undefined && !path.startsWith('//')
    const isOthers = isNamed && urls.mogilefs?.isDomain(first) && !fastdfs.isGroup(first)
    if (!isOthers && start.includes('//')) return verdict('double_slash', { store })
    if (!isOthers) return findIdFault(first ?? fastdfs.groupName, path.slice(start.length), store)
  }
  const key = vhostDomain === null ? path.replace(/^\/+[^/]+\//, '') : path.slice(1)
  const { length } = Array.from(key)
  if (length > KEY_MAX_CHARS) return verdict('key_too_long', { count: `${length}` })
  return verdict('backslash', {})
}

const SUBFOLDERS = /^[0-9A-F]{2}\/[0-9A-F]{2}\//
const NAME_CHARS = 27
const ID_MAX_BYTES = 127

/** What makes a name impossible for FastDFS: `M00/00/00/` and base64 of 20 bytes. */
function findIdFault(groupName: string, below: string, store: string): Verdict {
  if (!isGroupName(groupName)) return verdict('group_name', { group: groupName })
  if (!SUBFOLDERS.test(below)) {
    const text = below.split('/').slice(0, 2).join('/')
    return verdict('id_folders', { text, store })
  }
  const name = below.slice(6)
  const [plain = ''] = /^[A-Za-z0-9_-]*/.exec(name) ?? []
  if (plain.length < NAME_CHARS) return findBase64Fault(name, plain)
  const rest = name.slice(NAME_CHARS)
  if (/[/\\]/.test(rest)) return verdict('id_rest', { text: rest })
  const count = Buffer.byteLength(`${store}/${below}`)
  if (count > ID_MAX_BYTES) return verdict('id_too_long', { count: `${count}` })
  return verdict('id_rest', { text: rest })
}

/** Too short where it ends, or goes on with an extension; else a character that is none of base64. */
function findBase64Fault(name: string, plain: string): Verdict {
  const next = name.charAt(plain.length)
  if (next === '' || next === '.') {
    return verdict('id_length', { text: plain, count: `${plain.length}` })
  }
  return verdict('id_character', { text: next })
}
