import type { EdgeConf, HostPort } from '../config/index.ts'
import { CommandError, EXIT } from './exit-code.ts'

/** A normal file's name below `data`: http.conf has the same, with what it means. */
const NORMAL_FILE =
  '/[0-9A-F]{2}/[0-9A-F]{2}/[A-Za-z0-9_-]{11}[A-DQ-Tg-jw-z][A-Za-z0-9_-]{15}' +
  '(?=[A-Za-z0-9._-]{7}\\z)[0-9]*(?:\\.[A-Za-z0-9_-][A-Za-z0-9._-]*)?'
const EXPOSED_HEADERS =
  'Accept-Ranges, Content-Disposition, Content-Length, Content-Range, ETag, X-Request-Id'
export const HEADER =
  '# Written by `dfs-edge nginx` from edge.conf: run it again, and do not change this.\n'

/**
 * A text between double quotes. @throws CommandError for what no nginx.conf can hold: there $ begins
 * a variable wherever it stands.
 */
export function quoteNginx(text: string, what: string): string {
  if (/[$\p{Cc}]/u.test(text)) {
    throw new CommandError(
      `${what}: nginx cannot be told of "${text}", because of the $`,
      EXIT.USAGE,
    )
  }
  return `"${text.replace(/["\\]/g, '\\$&')}"`
}

/** values.conf: the maps whose content is the operator's. */
export function formatValues(conf: EdgeConf): string {
  return [
    HEADER,
    formatMap('$dfs_uri $dfs_file', storePathLines(conf)),
    formatMap(...seekMap(conf)),
    formatMap('$dfs_uri $dfs_file_name', nameLines(conf.urlHaveGroupName ? '/[^/]*/' : '/')),
    formatMap('$dfs_key $dfs_key_name', nameLines('/[^/]*/')),
    formatMap('$host $dfs_domain', domainLines(conf)),
    formatMap('$dfs_domain $dfs_key', keyLines(conf)),
    formatMap('$dfs_uri $dfs_key_in_path', keyInPathLines(conf)),
    formatMap('$http_origin $dfs_cors_origin', originLines(conf)),
    formatMap('"" $dfs_cors_exposed', [`default "${EXPOSED_HEADERS}";`]),
    formatMap('"" $dfs_cors_seconds', [`default ${conf.cors.maxAgeSeconds};`]),
    formatMap('"" $dfs_cors_vary', [`default "${isAnyOrigin(conf) ? '' : 'Origin'}";`]),
    formatMap('$dfs_token_check $dfs_refused', refusalLines(conf)),
    conf.antiSteal.secretKey === '' ? WITHOUT_SECRET : WITH_SECRET,
  ].join('\n')
}

/**
 * nginx asks a server once for each line that it has, and an edge process that dies takes connections
 * along that nginx has kept: a request may meet many of them before it meets another process. Those are no
 * try to proxy_next_upstream_tries, but each uses up a line, and behind the last one is a 502.
 */
const LINES = 16

/** edge-servers.conf: an edge that listens everywhere is asked on loopback. */
export function formatServers({ listen }: EdgeConf): string {
  const servers = listen.map((address) => `server ${formatServer(address)} max_fails=0;\n`)
  return `${HEADER}\n${servers.join('').repeat(LINES)}`
}

const WITH_SECRET = 'include "@DIR@/secret.conf";\ninclude "@DIR@/token-maps.conf";\n'

/** Without a secret no token is right. */
const WITHOUT_SECRET = `${formatMap('"" $dfs_token_fault', ['default missing;'])}
${formatMap('"" $dfs_token_checked', ['default "";'])}`

export function formatMap(what: string, lines: readonly string[]): string {
  return `map ${what} {\n${lines.map((line) => `    ${line}\n`).join('')}}\n`
}

function storePathLines({ localGroups, urlHaveGroupName }: EdgeConf): string[] {
  const lines = localGroups.flatMap(({ groupName, storePaths }) =>
    storePaths.map((storePath, index) => {
      const number = index.toString(16).toUpperCase().padStart(2, '0')
      const place = `${urlHaveGroupName ? `/${groupName}` : ''}/M${number}`
      const name = `dfs_data_${groupName}_${number}`
      const file = `${quoteNginx(`${storePath}/data`, 'store path').slice(0, -1)}$${name}"`
      return `"~^${place}(?<${name}>${NORMAL_FILE})\\z" ${file};`
    }),
  )
  return ['default none;', ...lines]
}

/** FLV: what comes from a position on is no part of the file. */
function seekMap({ flvExtension }: EdgeConf): [string, string[]] {
  if (flvExtension === null) return ['"" $dfs_seek', ['default "";']]
  const seek = `"~*\\.${flvExtension}\\?(?:.*&)?start=" pass;`
  return ['"$dfs_uri?$args" $dfs_seek', ['default "";', seek]]
}

/** [vhost]: nginx, too, takes the exact name first, then the longest one with a star. */
function domainLines({ mogilefs }: EdgeConf): string[] {
  const start = ['hostnames;', 'default "";']
  if (mogilefs === null) return start
  const { exact, wildcards } = mogilefs.vhosts
  const lineOf = (name: string, domain: string) => `${name} ${quoteNginx(domain, '[vhost]')};`
  return [
    ...start,
    ...Array.from(exact, ([name, domain]) => lineOf(name, domain)),
    ...Array.from(wildcards, ([name, domain]) => lineOf(`*${name}`, domain)),
  ]
}

/** A key as the edge calls it: `/domain/key`. */
function keyLines({ mogilefs }: EdgeConf): string[] {
  const slash = mogilefs?.hasLeadingSlash ? '/' : ''
  return ['"" $dfs_key_in_path;', `default "/$dfs_domain${slash}$dfs_uri";`]
}

function keyInPathLines({ mogilefs }: EdgeConf): string[] {
  if (!mogilefs?.hasLeadingSlash) return ['default $dfs_uri;']
  const lines =
    '"~(?s)^(?<dfs_of_domain>/[^/]+/)(?<dfs_of_key>.+)\\z" "$dfs_of_domain/$dfs_of_key";'
  return ['default $dfs_uri;', lines]
}

function originLines(conf: EdgeConf): string[] {
  if (isAnyOrigin(conf)) return ['default "*";']
  const origins = conf.cors.allowOrigins.map((origin) => quoteNginx(origin, 'cors_allow_origin'))
  return ['default "";', ...origins.map((origin) => `${origin} $http_origin;`)]
}

/** Tokens are over a key without its domain, a file of FastDFS without its group. */
function nameLines(before: string): string[] {
  return ['default "";', `"~(?s)^${before}(?<dfs_name_of_it>.+)\\z" $dfs_name_of_it;`]
}

function isAnyOrigin({ cors }: EdgeConf): boolean {
  return cors.allowOrigins.length === 0 || cors.allowOrigins.includes('*')
}

function refusalLines({ antiSteal }: EdgeConf): string[] {
  return antiSteal.checkToken
    ? ['default $dfs_token_fault;', 'off "";']
    : ['default "";', 'on $dfs_token_fault;']
}

const EVERYWHERE: { readonly [host: string]: string } = { '0.0.0.0': '127.0.0.1', '::': '[::1]' }

function formatServer({ host, port }: HostPort): string {
  return `${EVERYWHERE[host] ?? (host.includes(':') ? `[${host}]` : host)}:${port}`
}
