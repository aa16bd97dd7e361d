import { type FidPath, parseFidPath } from '../../wire/mogilefs/fid-path.ts'

/** What a URL of a mogstored names. */
export type Resource =
  | { readonly kind: 'copy'; readonly copy: FidPath }
  | { readonly kind: 'usage'; readonly devid: number }
  | { readonly kind: 'folder' }
  | { readonly kind: 'bogus' }
  | { readonly kind: 'unknown' }

const ORIGIN = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/]*/
const USAGE = /^\/dev([0-9]{1,8})\/usage$/
const FOLDER = /^\/(?:dev([0-9]{1,8})\/(?:[0-9]\/(?:[0-9]{3}\/(?:[0-9]{3}\/)?)?)?)?$/

/** Devices that are not among `devids` are unknown. */
export function findResource(target: string, devids: ReadonlySet<number>): Resource {
  const path = decodedPath(target)
  if (path.split('/').includes('..')) return { kind: 'bogus' }
  const [usage, usageDevid] = USAGE.exec(path) ?? []
  const [folder, folderDevid] = FOLDER.exec(path) ?? []
  const copy = parseFidPath(path)
  const devid = copy?.devid ?? Number(usageDevid ?? folderDevid)
  if (folder === '/') return { kind: 'folder' }
  if (!devids.has(devid)) return { kind: 'unknown' }
  if (copy !== undefined) return { kind: 'copy', copy }
  if (usage !== undefined) return { kind: 'usage', devid }
  return folder === undefined ? { kind: 'unknown' } : { kind: 'folder' }
}

/** Without origin and query; two slashes are one. */
function decodedPath(target: string): string {
  const [path = ''] = target.replace(ORIGIN, '').split('?')
  const decode = (_: string, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))
  return path.replace(/%([0-9A-Fa-f]{2})/g, decode).replace(/\/{2,}/g, '/')
}
