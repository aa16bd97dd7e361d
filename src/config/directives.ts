import { ADMIN } from './admin.ts'
import { CLIENTS } from './clients.ts'
import { type Directive, optional, repeated, single } from './directive.ts'
import { HTTP_CONF, HTTP_CONF_WITHOUT_EFFECT } from './http-conf.ts'
import {
  bytes,
  headerValue,
  hostPort,
  integer,
  milliseconds,
  origin,
  path,
  processes,
  seconds,
} from './kind.ts'
import { MOD_FASTDFS, MOD_FASTDFS_WITHOUT_EFFECT } from './mod-fastdfs.ts'
import { MOGILEFS, MOGILEFS_WITHOUT_EFFECT } from './mogilefs-conf.ts'
import { NGINX } from './nginx.ts'

const GB = 1024 ** 3
const DAY = 86400

/** The settings of the edge's own. */
const EDGE = {
  listen: repeated(
    hostPort(),
    ['127.0.0.1:8090'],
    'Where the edge takes HTTP requests. One line for each address',
  ),
  workers: single(
    processes(64),
    '1',
    'Processes that answer requests, each with caches and connections of its own; auto: as many as cores',
  ),
  drain_timeout: single(
    seconds(0, 3600),
    '10',
    'How long answers under way may take when the edge stops; those that take longer are cut',
  ),
  log_file: optional(
    path(),
    'The file that is logged to, opened anew at SIGUSR1; if not set standard error',
  ),
  redirect_port: single(
    integer(1, 65_535),
    '80',
    'The port of the HTTP servers on the storages, for response_mode = redirect',
  ),
  first_answer_ms: single(
    milliseconds(10, 60_000),
    '2000',
    'How long a tracker or storage may take to begin its answer',
  ),
  hedge_ms: single(
    milliseconds(1, 60_000),
    '100',
    'After how long a silence the next host is asked as well',
  ),
  min_rate: single(
    bytes(0, GB),
    '16KB',
    'Bytes a second below which a storage is left for the next one; 0: never',
  ),
  max_connections: single(
    integer(1, 65_536),
    '512',
    'Connections to one storage or tracker; a slow client of a large file holds one',
  ),
  pool_idle: single(seconds(1, DAY), '60', 'How long an unused connection is kept'),
  pool_lifetime: single(seconds(1, 30 * DAY), '600', 'How long a connection is used at most'),
  location_ttl: single(seconds(0, DAY), '300', 'How long the storages of a file are remembered'),
  not_found_ttl: single(
    seconds(0, 3600),
    '3',
    'How long it is remembered that there is no such file',
  ),
  slave_ttl: single(
    seconds(0, 3600),
    '10',
    'How long size and time of a slave are remembered; those of an appender are asked for each time',
  ),
  location_cache_entries: single(
    integer(1, 10_000_000),
    '100000',
    'Files whose storages are remembered',
  ),
  object_cache_size: single(bytes(0, 64 * GB), '64MB', 'Memory for small files; 0: none'),
  object_max_size: single(
    bytes(0, GB),
    '1MB',
    'The largest file that is kept in memory; at most verify_max',
  ),
  verify_max: single(
    bytes(0, GB),
    '1MB',
    'The largest file whose checksum is checked before its first byte is sent',
  ),
  verify_ranges_max: single(
    bytes(0, 64 * GB),
    '32MB',
    'The largest file of which a range is sent only after all of it was read once and checked; 0: none',
  ),
  verify_pool: single(
    bytes(0, 64 * GB),
    '64MB',
    'Memory for files that are being checked, and for slices that several ask for at once',
  ),
  cache_control: single(
    headerValue(),
    'public, max-age=31536000, immutable',
    'Cache-Control of files that never change; empty: none',
  ),
  cache_control_mutable: single(
    headerValue(),
    'public, max-age=60, must-revalidate',
    'Cache-Control of slave, appender and MogileFS files; empty: none',
  ),
  cors_allow_origin: repeated(
    origin(),
    [],
    'An origin whose pages may read files (CORS), or *. One line for each; none: CORS is off',
  ),
  cors_max_age: single(
    seconds(0, 7 * DAY),
    '86400',
    'How long a browser may keep a preflight answer',
  ),
} as const

/** Every setting there is. README's table and conf/edge.conf are held against this one. */
export const DIRECTIVES = {
  ...EDGE,
  ...CLIENTS,
  ...ADMIN,
  ...NGINX,
  ...MOD_FASTDFS,
  ...MOGILEFS,
  ...HTTP_CONF,
} as const

export type DirectiveName = keyof typeof DIRECTIVES
type ValueOf<D> = D extends Directive<infer T> ? T : never
export type SettingValues = { readonly [K in DirectiveName]: ValueOf<(typeof DIRECTIVES)[K]> }

/** The same table, in the form that ties a name to the type of its value. */
const BY_NAME: { readonly [K in DirectiveName]: Directive<SettingValues[K]> } = DIRECTIVES

export function directive<K extends DirectiveName>(name: K): Directive<SettingValues[K]> {
  return BY_NAME[name]
}

/** Upstream's settings that are known and have no effect here: name and reason. */
export const WITHOUT_EFFECT: { readonly [name: string]: string } = {
  ...MOD_FASTDFS_WITHOUT_EFFECT,
  ...HTTP_CONF_WITHOUT_EFFECT,
  ...MOGILEFS_WITHOUT_EFFECT,
}

const STORE_PATH = /^store_path[0-9]{1,3}$/

/** The setting that a name in a file means; store_path1, store_path2, ... stand under store_path0. */
export function directiveNamed(name: string): DirectiveName | undefined {
  if (STORE_PATH.test(name)) return 'store_path0'
  return isDirectiveName(name) ? name : undefined
}

/** Why a name in a file has no effect; undefined: it has one, or it is unknown. */
export function reasonWithoutEffect(name: string): string | undefined {
  if (/^store_path[0-9]{1,3}_readonly$/.test(name)) return 'the edge only reads'
  return Object.hasOwn(WITHOUT_EFFECT, name) ? WITHOUT_EFFECT[name] : undefined
}

function isDirectiveName(name: string): name is DirectiveName {
  return Object.hasOwn(DIRECTIVES, name)
}
