import { dsn } from './db-dsn.ts'
import { optional, repeated, secret, single } from './directive.ts'
import { type HostPort, parseHostPort } from './host-port.ts'
import { boolean, choice, integer, type Kind, matching, seconds } from './kind.ts'

/** Whom a key is looked up with. */
export type ResolveWay = 'database' | 'tracker'

const TRACKER_PORT = 7001
const RESOLVE_WAYS: { readonly [text: string]: readonly ResolveWay[] } = {
  database: ['database'],
  tracker: ['tracker'],
  'database,tracker': ['database', 'tracker'],
  'tracker,database': ['tracker', 'database'],
}

/** The settings for MogileFS: what mogilefs.conf and mogilefsd.conf have under their names. */
export const MOGILEFS = {
  trackers: repeated(
    trackerList(),
    [],
    'MogileFS trackers as host:port,host:port; without a port 7001. Several lines add up',
  ),
  db_dsn: {
    ...repeated(
      dsn(),
      [],
      "MogileFS's database as in mogilefsd.conf; the first is the primary, others are its replicas; or file:/path or env:NAME",
    ),
    isSecret: true,
  },
  db_user: single(
    matching(/^.{1,128}$/s, 'string', 'a name of 1 to 128 characters'),
    'mogile',
    'The user of all db_dsn; it needs to read, nothing else',
  ),
  db_pass: secret(
    matching(/^.{1,1024}$/s, 'string', 'a password of at most 1024 characters'),
    'Its password, file:/path or env:NAME; empty: none',
  ),
  db_charset: single(
    choice({ utf8mb4: 'utf8mb4', latin1: 'latin1' }),
    'utf8mb4',
    'The character set of the connection; latin1 where old trackers put UTF-8 into latin1 columns',
  ),
  db_connections: single(integer(1, 1024), '16', 'Connections to one database server'),
  resolve: optional(
    resolveWays(),
    'Whom keys are looked up with: database, tracker, or both in order; if not set all there are, database first',
  ),
  mogilefs_location_ttl: single(
    seconds(0, 86_400),
    '10',
    'How long fid and places of a key are remembered, and an overwritten or deleted key goes on',
  ),
  mogilefs_zone: optional(
    choice({ alt: 'alt' }),
    'Which addresses of the storage hosts to use: alt for altip; if not set hostip',
  ),
  leading_slash: single(boolean(), 'false', 'Keys of MogileFS begin with a slash'),
} as const

const COMMAND_LINE = "it is for one run of MogileFS's own tools"
const MOGTOOL = 'it is for mogtool'

/** Settings of the tools' mogilefs.conf that have no effect here, and why. */
const TOOLS_WITHOUT_EFFECT: { readonly [name: string]: string } = {
  domain: 'the domain is the first part of a URL, or stands in [vhost]',
  class: 'classes are for uploads, and the edge only reads',
  lib: 'it is where the tools find their Perl modules',
  key: COMMAND_LINE,
  key_prefix: COMMAND_LINE,
  old_key: COMMAND_LINE,
  new_key: COMMAND_LINE,
  file: COMMAND_LINE,
  fid: COMMAND_LINE,
  fromfid: COMMAND_LINE,
  count: COMMAND_LINE,
  paths: COMMAND_LINE,
  stats: COMMAND_LINE,
  verbose: COMMAND_LINE,
  help: COMMAND_LINE,
  gzip: MOGTOOL,
  big: MOGTOOL,
  nobig: MOGTOOL,
  overwrite: MOGTOOL,
  chunksize: MOGTOOL,
  receipt: MOGTOOL,
  verify: MOGTOOL,
  concurrent: MOGTOOL,
  noreplwait: MOGTOOL,
  asfile: MOGTOOL,
}

const PROCESS = "it is for the tracker's own process"
const WORKERS = "it is a number of the tracker's workers"
const STORAGE = 'it is how the tracker looks after the storages'

/** Settings of the tracker's mogilefsd.conf that have no effect here, and why; all but its listen. */
export const MOGILEFSD_WITHOUT_EFFECT: { readonly [name: string]: string } = {
  daemonize: PROCESS,
  pidfile: PROCESS,
  user: PROCESS,
  debug: PROCESS,
  mog_root: PROCESS,
  no_schema_check: PROCESS,
  no_http: PROCESS,
  workerport: PROCESS,
  conf_port: "it is the tracker's own port; trackers to be asked stand in trackers",
  query_jobs: WORKERS,
  listener_jobs: WORKERS,
  delete_jobs: WORKERS,
  replicate_jobs: WORKERS,
  fsck_jobs: WORKERS,
  reaper_jobs: WORKERS,
  monitor_jobs: WORKERS,
  job_master: WORKERS,
  max_handles: "the edge's own is db_connections",
  slaves: 'replicas of the database are further lines of db_dsn',
  node_timeout: "the edge's own are first_answer_ms and network_timeout",
  conn_timeout: "the edge's own is connect_timeout",
  conn_pool_size: "the edge's own is max_connections",
  plugins: 'what plugins change of an answer is seen with resolve = tracker only',
  default_mindevcount: STORAGE,
  min_free_space: STORAGE,
  max_disk_age: STORAGE,
  mogstored_stream_port: STORAGE,
  repl_use_get_port: STORAGE,
  local_network: STORAGE,
  rebalance_ignore_missing: STORAGE,
  old_repl_compat: STORAGE,
}

export const MOGILEFS_WITHOUT_EFFECT: { readonly [name: string]: string } = {
  ...TOOLS_WITHOUT_EFFECT,
  ...MOGILEFSD_WITHOUT_EFFECT,
}

/** `host:port,host:port`: the tools put 7001 where there is no port. */
function trackerList(): Kind<readonly HostPort[]> {
  return {
    label: 'host:port',
    expected: `host or host:port, or several with commas (without a port: ${TRACKER_PORT})`,
    parse(text) {
      const items = text.split(',')
      const trackers = items.flatMap((item) => {
        const { host, port = TRACKER_PORT } = parseHostPort(item.trim()) ?? {}
        return host === undefined ? [] : { host, port }
      })
      return trackers.length === items.length ? trackers : undefined
    },
  }
}

function resolveWays(): Kind<readonly ResolveWay[]> {
  const texts = Object.keys(RESOLVE_WAYS)
  return {
    label: 'list',
    expected: `one of ${texts.join(' | ')}`,
    parse(text) {
      const asListed = text.toLowerCase().replaceAll(/\s/g, '')
      return RESOLVE_WAYS[texts.find((listed) => listed === asListed) ?? '']
    },
  }
}
