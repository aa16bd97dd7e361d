import type { UrlOptions } from '../../http/find-ref.ts'
import type { Ref } from '../../resolver/resolver.ts'
import { type Verdict, verdict } from './causes.ts'

interface Place {
  readonly vhostDomain: string | null
  readonly urls: UrlOptions
}

/** Why a path that names a file of one system does not name one of the other. */
export function whyNotTheOther(
  path: string,
  { ref, vhostDomain, urls }: Place & { readonly ref: Ref },
): readonly string[] {
  const first = firstPartOf(path)
  if (ref.system === 'fastdfs') {
    if (urls.mogilefs === undefined) return ['not MogileFS: neither trackers nor db_dsn is set']
    const why = urls.fastdfs?.isGroup(ref.groupName)
      ? `"${ref.groupName}" is a FastDFS group`
      : `"${ref.groupName}" is no MogileFS domain`
    return [`not MogileFS: the path has the shape of a FastDFS id, and ${why}`]
  }
  if (vhostDomain !== null)
    return [`not FastDFS: [vhost] gives this host the domain ${vhostDomain}`]
  if (urls.fastdfs === undefined)
    return ['not FastDFS: neither tracker_server nor store_path0 is set']
  const shape = whyNotFastdfs(path)
  if (shape === undefined) {
    return [`not FastDFS: "${first}" is a MogileFS domain and no FastDFS group`]
  }
  return [`not FastDFS: ${shape}`]
}

/** Why a path can be no FastDFS id; undefined: it has the shape of one. */
export function whyNotFastdfs(path: string): string | undefined {
  const [, , store = ''] = /^\/+([^/]+)\/+([^/]*)/.exec(path) ?? []
  if (/^M[0-9A-Fa-f]{2}$/.test(store)) return undefined
  if (store === '') return 'the path has one part only, and an id is /GROUP/M00/00/00/NAME'
  return `its second part is "${store}" and no store path such as M00`
}

/** Why the path is that of no file at all. */
export function whyNoFile(path: string, { vhostDomain, urls }: Place): Verdict {
  const { fastdfs, mogilefs } = urls
  const parts = path.split('/').filter(Boolean)
  const [first = ''] = parts
  if (fastdfs?.hasGroupName && /^M[0-9A-Fa-f]{2}$/.test(first)) {
    return verdict('group_missing', { store: first, path })
  }
  const hasKeyMissing = mogilefs !== undefined && (vhostDomain !== null || parts.length === 1)
  if (hasKeyMissing && path.endsWith('/') && path !== '/') return verdict('key_missing', {})
  const reason = whyNotFastdfs(path)
  if (mogilefs === undefined && reason !== undefined && path !== '/') {
    return verdict('fastdfs_shape', { path, reason })
  }
  return verdict('no_file', { systems: shapesOf(urls) })
}

function shapesOf({ fastdfs, mogilefs }: UrlOptions): string {
  const shapes: string[] = []
  if (fastdfs !== undefined) {
    const group = fastdfs.hasGroupName ? '/GROUP' : ''
    shapes.push(`a FastDFS file is ${group}/M00/00/00/NAME`)
  }
  if (mogilefs !== undefined) shapes.push('a MogileFS file /DOMAIN/KEY')
  return shapes.join(', ') || 'neither tracker_server nor trackers is set, so there are no files'
}

function firstPartOf(path: string): string {
  return /^\/+([^/]+)/.exec(path)?.[1] ?? ''
}
