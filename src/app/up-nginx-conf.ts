import { userInfo } from 'node:os'
import { type Address, formatAddress } from '../client/address.ts'
import type { LocalGroup } from '../config/index.ts'
import { ContentTypes } from '../http/content-type.ts'

export interface UpNginx {
  readonly listen: Address
  /** Store paths of this host. */
  readonly localGroups: readonly LocalGroup[]
}

const EXTENSIONS = [
  ...['avif', 'bmp', 'gif', 'heic', 'ico', 'jpeg', 'jpg', 'png', 'svg', 'tif', 'tiff', 'webp'],
  ...['avi', 'flv', 'm4v', 'mkv', 'mov', 'mp4', 'mpg', 'ts', 'webm', 'm4a', 'mp3', 'ogg', 'wav'],
  ...['css', 'csv', 'html', 'js', 'json', 'm3u8', 'pdf', 'txt', 'xml', 'zip'],
]
const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']

/**
 * The nginx.conf of `dfs-edge up`, with the includes beside it in `dfs-edge/`. Every path in it is below
 * the prefix that nginx is started with.
 */
export function formatUpNginxConf({ listen, localGroups }: UpNginx): string {
  const locations = [
    ...storePaths(localGroups).map((path) => formatLocation(path, 'fastdfs')),
    SAMPLE_PAGE,
    formatLocation('/', 'mogilefs'),
  ]
  return `# Written by \`dfs-edge up\` at every start.

${userLine()}worker_processes 2;
pcre_jit on;
daemon off;
pid nginx.pid;
error_log logs/error.log warn;

events {
    worker_connections 1024;
}

http {
    default_type application/octet-stream;
    types {
${EXTENSIONS.map((extension) => `        ${typeOf(extension)} ${extension};\n`).join('')}    }
    include dfs-edge/http.conf;
    access_log logs/access.log dfs_json;
${TEMPORARY.map((name) => `    ${name}_temp_path temp/${name};\n`).join('')}
    server {
        listen ${formatAddress(listen)};
        include dfs-edge/mogilefs_server.conf;

${locations.join('')}    }
}
`
}

const SAMPLE_PAGE = `        location = / {
            include dfs-edge/proxy.conf;
            proxy_pass http://dfs_edge;
        }
`

/** What belongs to root, workers of another user could not read. nginx warns others of this line. */
function userLine(): string {
  return process.getuid?.() === 0 ? `user ${userInfo().username};\n` : ''
}

function typeOf(extension: string): string {
  return new ContentTypes().of(`.${extension}`)
}

function storePaths(groups: readonly LocalGroup[]): string[] {
  return groups.flatMap(({ groupName, storePaths }) =>
    storePaths.map((_, index) => {
      const number = index.toString(16).toUpperCase().padStart(2, '0')
      return `/${groupName}/M${number}`
    }),
  )
}

function formatLocation(path: string, system: 'fastdfs' | 'mogilefs'): string {
  return `        location ${path} {
            include dfs-edge/ngx_${system}_module.conf;
        }
`
}
