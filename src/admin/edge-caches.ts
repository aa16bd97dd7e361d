import { findRefPrefixes, type UrlOptions } from '../http/find-ref.ts'
import { readPathPrefix, readRequestUrl } from '../http/request-url.ts'
import { type FastdfsRef, formatRef, type MogilefsRef, type Ref } from '../resolver/resolver.ts'
import type { FileTransfer, Purged } from '../transfer/file-transfer.ts'
import type { NginxTargets } from './nginx-cache.ts'
import { NGINX_CACHE_KEY } from './nginx-cache-keys.ts'
import type { PurgeTarget } from './purge-target.ts'

/** What an edge has dropped, and what nginx may have of it. */
export interface PurgedEdge {
  /** Names whose storages, size or absence were remembered. */
  readonly locations: number
  /** Files in memory. */
  readonly objects: number
  readonly nginx: NginxTargets
}

export interface EdgeCachesOptions {
  readonly urls: UrlOptions
  readonly transfer: Pick<FileTransfer, 'forget' | 'forgetPrefix'>
}

/** The caches of one edge, addressed by the URLs that it answers. */
export class EdgeCaches {
  readonly #options: EdgeCachesOptions

  constructor(options: EdgeCachesOptions) {
    this.#options = options
  }

  /** Undefined: the target is no URL of a file, or no beginning of one. */
  purge(target: PurgeTarget): PurgedEdge | undefined {
    return target.kind === 'url' ? this.#purgeUrl(target.url) : this.#purgePrefix(target.prefix)
  }

  #purgeUrl(text: string): PurgedEdge | undefined {
    const url = readRequestUrl(text, this.#options.urls)
    if (url.kind !== 'file') return undefined
    const { ref } = url
    return ref.system === 'fastdfs' ? this.#purgeFastdfs(ref) : this.#purgeMogilefs(ref)
  }

  #purgeFastdfs(ref: FastdfsRef): PurgedEdge {
    const spellings = spellingsOf(ref)
    const purged = spellings.map((spelling) => this.#options.transfer.forget(spelling))
    const size = purged[0]?.contents[0]?.size ?? null
    const contents = spellings
      .flatMap((spelling) => this.#pathsOf(spelling))
      .map((path) => ({ key: NGINX_CACHE_KEY.fastdfs(path), size }))
    return { ...countsOf(purged), nginx: { contents, prefixes: [] } }
  }

  /** Where URLs may leave out the group, nginx has the same file under both forms. */
  #pathsOf({ groupName, filename }: FastdfsRef): string[] {
    const { fastdfs } = this.#options.urls
    const path = `/${groupName}/${filename}`
    const isLeftOut = fastdfs?.hasGroupName === false && fastdfs.groupName === groupName
    return isLeftOut ? [path, `/${filename}`] : [path]
  }

  #purgeMogilefs(ref: MogilefsRef): PurgedEdge {
    const purged = this.#options.transfer.forget(ref)
    const names = new Set([formatRef(ref), ...purged.refs])
    const keys = Array.from(names, (name) => ({ key: NGINX_CACHE_KEY.mogilefsKey(name), size: 0 }))
    const contents = [...keys, ...mogilefsContents(purged)]
    return { ...countsOf([purged]), nginx: { contents, prefixes: [] } }
  }

  #purgePrefix(text: string): PurgedEdge | undefined {
    const { urls, transfer } = this.#options
    const start = readPathPrefix(text)
    if (start === undefined) return undefined
    const found = findRefPrefixes(start.path, start.authority, urls)
    const purged = found.map((prefix) => ({ ...prefix, dropped: transfer.forgetPrefix(prefix) }))
    const contents = purged.flatMap(({ system, prefix, dropped }) => {
      if (system === 'fastdfs') return []
      // Other spellings, which lead to the same content.
      const names = dropped.refs.filter((name) => !name.startsWith(prefix))
      const keys = names.map((name) => ({ key: NGINX_CACHE_KEY.mogilefsKey(name), size: 0 }))
      return [...keys, ...mogilefsContents(dropped)]
    })
    const prefixes = found.flatMap(({ system, prefix }) =>
      system === 'fastdfs' ? this.#fastdfsKeys(prefix) : NGINX_CACHE_KEY.mogilefsKey(prefix),
    )
    const counts = countsOf(purged.map(({ dropped }) => dropped))
    return { ...counts, nginx: { contents, prefixes: [...new Set(prefixes)] } }
  }

  #fastdfsKeys(prefix: string): string[] {
    const { fastdfs } = this.#options.urls
    const group = `/${fastdfs?.groupName}`
    const isLeftOut = fastdfs?.hasGroupName === false && prefix.startsWith(`${group}/`)
    const paths = isLeftOut ? [prefix, prefix.slice(group.length)] : [prefix]
    return paths.map(NGINX_CACHE_KEY.fastdfs)
  }
}

function mogilefsContents({ contents }: Purged): NginxTargets['contents'] {
  return contents.map(({ key, size }) => ({ key: NGINX_CACHE_KEY.mogilefsContent(key), size }))
}

function countsOf(purged: readonly Purged[]): Pick<PurgedEdge, 'locations' | 'objects'> {
  return {
    locations: purged.reduce((sum, { refs }) => sum + refs.length, 0),
    objects: purged.reduce((sum, { objects }) => sum + objects, 0),
  }
}

/** The number of a store path may be written in capitals or not: `M0a`, `M0A`. */
function spellingsOf(ref: FastdfsRef & Ref): FastdfsRef[] {
  const [, first = '', second = '', rest = ''] = /^M(.)(.)(\/.*)$/s.exec(ref.filename) ?? []
  if (rest === '') return [ref]
  const both = (letter: string): Set<string> =>
    new Set([letter, letter.toUpperCase(), letter.toLowerCase()])
  return Array.from(both(first)).flatMap((one) =>
    Array.from(both(second), (two) => ({ ...ref, filename: `M${one}${two}${rest}` })),
  )
}
