import type { Ref, RefPrefix } from '../resolver/resolver.ts'
import { parseFileId } from '../wire/fastdfs/file-id.ts'

/** Which paths belong to which cluster. */
export interface UrlOptions {
  /** Absent: no FastDFS is served. */
  readonly fastdfs?: FastdfsUrls
  /** Absent: no MogileFS is served. */
  readonly mogilefs?: MogilefsUrls
}

export interface FastdfsUrls {
  /** Where false, `/M00/..` is a file of `groupName` (`url_have_group_name`). */
  readonly hasGroupName: boolean
  readonly groupName: string
  /** A group that a tracker has listed. */
  readonly isGroup: (name: string) => boolean
}

export interface MogilefsUrls {
  /** The domain that a host name (lower case) stands for: then the whole path is the key. */
  readonly domainOfHost: (host: string) => string | undefined
  /** A domain that the trackers or the database listed last. */
  readonly isDomain: (name: string) => boolean
  /** Keys begin with a slash (`leading_slash`). */
  readonly hasLeadingSlash: boolean
}

const FASTDFS_SHAPE = /^\/+(?:[^/]+\/+)M[0-9A-Fa-f]{2}\//
const FASTDFS_SHAPE_WITHOUT_GROUP = /^\/+M[0-9A-Fa-f]{2}\//
const DOMAIN_AND_KEY = /^\/([^/]+)\/(.+)$/s
const PORT = /:[0-9]*$/
/** dkey is varchar(255), which counts characters. */
const KEY_MAX_CHARS = 255

export interface UrlHost {
  /** Host name, and port or none. */
  readonly authority: string
  /** The MogileFS domain that a trusted proxy has named: it goes before the host's. */
  readonly domain?: string | undefined
}

/**
 * The file that a path names, once it was decoded; undefined where it can be none.
 *
 * A domain that a proxy has named, or that the host name stands for, makes the whole path a key. Else
 * a path of FastDFS's shape is FastDFS, unless its first part is a domain and no group; every other
 * path is `/domain/key`.
 */
export function findRef(
  path: string,
  { authority, domain: named }: UrlHost,
  { fastdfs, mogilefs }: UrlOptions,
): Ref | 'malformed' | undefined {
  const fixedDomain = named ?? mogilefs?.domainOfHost(hostOf(authority))
  if (mogilefs !== undefined && fixedDomain !== undefined) {
    return mogilefsRef(fixedDomain, path.slice(1), mogilefs)
  }
  const file = fastdfs && findFastdfsRef(path, fastdfs, mogilefs)
  if (file !== undefined || mogilefs === undefined) return file
  const [, domain, key] = DOMAIN_AND_KEY.exec(path) ?? []
  return domain && key ? mogilefsRef(domain, key, mogilefs) : undefined
}

/** `formatRef` of all files below a path begins with one of these. */
export function findRefPrefixes(
  path: string,
  authority: string,
  { fastdfs, mogilefs }: UrlOptions,
): RefPrefix[] {
  const fixedDomain = mogilefs?.domainOfHost(hostOf(authority))
  if (mogilefs !== undefined && fixedDomain !== undefined) {
    const start = mogilefs.hasLeadingSlash ? path : path.slice(1)
    return [{ system: 'mogilefs', prefix: `/${fixedDomain}/${start}` }]
  }
  const prefixes: RefPrefix[] = []
  if (fastdfs !== undefined) prefixes.push({ system: 'fastdfs', prefix: path })
  if (fastdfs?.hasGroupName === false && /^\/(?:M|$)/.test(path)) {
    prefixes.push({ system: 'fastdfs', prefix: `/${fastdfs.groupName}${path}` })
  }
  if (mogilefs === undefined) return prefixes
  const prefix = mogilefs.hasLeadingSlash ? path.replace(/^(\/[^/]+\/)(?=.)/, '$1/') : path
  return [...prefixes, { system: 'mogilefs', prefix }]
}

function hostOf(authority: string): string {
  return authority.replace(PORT, '').toLowerCase()
}

function findFastdfsRef(
  path: string,
  { hasGroupName, groupName, isGroup }: FastdfsUrls,
  mogilefs: MogilefsUrls | undefined,
): Ref | 'malformed' | undefined {
  if (!hasGroupName && FASTDFS_SHAPE_WITHOUT_GROUP.test(path)) {
    return fastdfsRef(groupName, path.slice(1))
  }
  if (!FASTDFS_SHAPE.test(path)) return undefined
  const slash = path.indexOf('/', 1)
  const first = path.slice(1, slash)
  if (mogilefs?.isDomain(first) && !isGroup(first)) return undefined
  return fastdfsRef(first, path.slice(slash + 1))
}

function fastdfsRef(groupName: string, filename: string): Ref | 'malformed' {
  if (parseFileId({ groupName, filename }) === undefined) return 'malformed'
  return { system: 'fastdfs', groupName, filename }
}

function mogilefsRef(
  domain: string,
  name: string,
  { hasLeadingSlash }: MogilefsUrls,
): Ref | 'malformed' | undefined {
  const key = hasLeadingSlash ? `/${name}` : name
  if (name === '') return undefined
  return isLong(key) ? 'malformed' : { system: 'mogilefs', domain, key }
}

/** A character outside the basic plane is one for the database and two for JavaScript. */
function isLong(key: string): boolean {
  if (key.length <= KEY_MAX_CHARS) return false
  return key.length > 2 * KEY_MAX_CHARS || Array.from(key).length > KEY_MAX_CHARS
}
