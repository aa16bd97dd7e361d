import { repeated, single } from './directive.ts'
import { bytes, matching, network } from './kind.ts'
import type { Settings } from './settings.ts'

const MB = 1024 ** 2
const TB = 1024 ** 4

/** What may stand between quotes in an nginx.conf: there $ begins a variable, and nothing escapes it. */
const ABSOLUTE_PATH = matching(
  /^\/[^"$\\\p{Cc}]{1,1023}$/u,
  'path',
  'an absolute path without quotes, $ and \\',
)

/** What nginx in front of the edge has to know. */
export interface NginxConf {
  readonly cachePath: string
  readonly cacheBytes: number
  readonly sliceBytes: number
}

export const NGINX = {
  trusted_proxy: repeated(
    network(),
    ['127.0.0.1', '::1'],
    'A proxy that is believed when it names clients and request ids. One line for each',
  ),
  nginx_cache_path: single(
    ABSOLUTE_PATH,
    '/var/cache/nginx/dfs-edge',
    'The folder where nginx keeps what it has fetched from the edge',
  ),
  nginx_cache_size: single(bytes(MB, 1024 * TB), '10GB', 'How large nginx_cache_path may grow'),
  // Less would fit into nginx's buffers, which then run ahead of a stalled client: proxy_cache.conf.
  nginx_slice_size: single(
    bytes(256 * 1024, 64 * MB),
    '1MB',
    'The slices in which nginx fetches and keeps files that never change',
  ),
} as const

export function buildNginx(settings: Settings): NginxConf {
  return {
    cachePath: settings.get('nginx_cache_path'),
    cacheBytes: settings.get('nginx_cache_size'),
    sliceBytes: settings.get('nginx_slice_size'),
  }
}
