import type { DatabaseServer } from './db-dsn.ts'
import type { SettingValues } from './directives.ts'
import type { HostPort } from './host-port.ts'
import type { ResolveWay } from './mogilefs-conf.ts'
import type { Settings } from './settings.ts'
import type { Vhosts } from './vhosts.ts'

/** A MogileFS cluster. */
export interface MogilefsConf {
  readonly trackers: readonly HostPort[]
  readonly database: DatabaseConf | null
  /** In the order to ask them; never empty, and never one that is not configured. */
  readonly resolve: readonly ResolveWay[]
  /** How long fid and places of a key are remembered. */
  readonly locationMs: number
  readonly zone: 'alt' | null
  readonly hasLeadingSlash: boolean
  /** To be asked by `domainOfHost`. */
  readonly vhosts: Vhosts
}

export interface DatabaseConf {
  /** The primary, then its replicas; never empty. */
  readonly servers: readonly DatabaseServer[]
  readonly user: string
  readonly password: string
  readonly charset: SettingValues['db_charset']
  /** For each server. */
  readonly connectionsMax: number
}

/** Null: neither a tracker nor a database is named, so there is no MogileFS. */
export function buildMogilefs(settings: Settings, vhosts: Vhosts): MogilefsConf | null {
  const trackers = settings.get('trackers').flat()
  const database = buildDatabase(settings)
  const configured: ResolveWay[] = []
  if (database !== null) configured.push('database')
  if (trackers.length > 0) configured.push('tracker')
  if (configured.length === 0) return null
  return {
    trackers,
    database,
    resolve: settings.get('resolve') ?? configured,
    locationMs: settings.get('mogilefs_location_ttl') * 1000,
    zone: settings.get('mogilefs_zone') ?? null,
    hasLeadingSlash: settings.get('leading_slash'),
    vhosts,
  }
}

function buildDatabase(settings: Settings): DatabaseConf | null {
  const servers = settings.get('db_dsn')
  if (servers.length === 0) return null
  return {
    servers,
    user: settings.get('db_user'),
    password: settings.get('db_pass') ?? '',
    charset: settings.get('db_charset'),
    connectionsMax: settings.get('db_connections'),
  }
}
