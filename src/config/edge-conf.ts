import type { AddressMapping } from './address-map.ts'
import { type AdminConf, buildAdmin } from './admin.ts'
import { buildClients, type ClientsConf } from './clients.ts'
import type { SettingValues } from './directives.ts'
import type { HostPort } from './host-port.ts'
import type { TokenCheckFail } from './linked-files.ts'
import type { LocalGroup } from './local-groups.ts'
import type { MimeTypes } from './mime-types.ts'
import { buildMogilefs, type MogilefsConf } from './mogilefs.ts'
import { buildNginx, type NginxConf } from './nginx.ts'
import { pathFrom, Settings } from './settings.ts'
import type { StorageId } from './storage-ids.ts'
import type { Vhosts } from './vhosts.ts'

/** Everything that an operator can set, checked. */
export interface EdgeConf {
  readonly listen: readonly HostPort[]
  /** Processes that answer requests. */
  readonly workers: number
  readonly clients: ClientsConf
  /** Addresses and networks: whose words about clients, request ids and tokens are believed. */
  readonly trustedProxies: readonly string[]
  readonly admin: AdminConf
  readonly nginx: NginxConf
  /** For each tracker the addresses under which it can be reached. */
  readonly trackerServers: readonly (readonly HostPort[])[]
  readonly loadFdfsParametersFromTracker: boolean
  readonly useStorageId: boolean
  readonly storageIds: readonly StorageId[]
  readonly addressMap: readonly AddressMapping[]
  readonly urlHaveGroupName: boolean
  /** Those named here, the local ones included; a tracker may know more. */
  readonly groupNames: readonly string[]
  readonly localGroups: readonly LocalGroup[]
  /** Null: no MogileFS is served. */
  readonly mogilefs: MogilefsConf | null
  readonly response: ResponseConf
  readonly timeouts: TimeoutConf
  readonly pool: PoolConf
  readonly locations: LocationConf
  readonly memory: MemoryConf
  readonly cacheControl: CacheControlConf
  readonly cors: CorsConf
  readonly antiSteal: AntiStealConf
  readonly contentType: ContentTypeConf
  readonly isMultiRangeEnabled: boolean
  /** Null: no seeking in FLV files. */
  readonly flvExtension: string | null
  readonly logLevel: SettingValues['log_level']
  /** Null: standard error. */
  readonly logFile: string | null
  /** How long answers under way may take when the edge stops. */
  readonly drainMs: number
}

export interface ResponseConf {
  readonly mode: SettingValues['response_mode']
  /** Of the HTTP servers on the storages. */
  readonly redirectPort: number
}

export interface TimeoutConf {
  readonly connectMs: number
  readonly networkMs: number
  readonly firstAnswerMs: number
  readonly hedgeMs: number
  /** Bytes a second; 0: no stream is too slow. */
  readonly minRate: number
}

/** For each storage and tracker. */
export interface PoolConf {
  readonly maxConnections: number
  readonly idleMs: number
  readonly lifetimeMs: number
}

export interface LocationConf {
  readonly maxEntries: number
  readonly foundMs: number
  readonly notFoundMs: number
  readonly slaveMs: number
}

export interface MemoryConf {
  /** 0: nothing is kept. */
  readonly objectCacheBytes: number
  readonly objectMaxBytes: number
  readonly verifyMaxBytes: number
  readonly verifyRangesMaxBytes: number
  readonly verifyPoolBytes: number
}

/** Header values; empty: no such header. */
export interface CacheControlConf {
  readonly immutable: string
  readonly mutable: string
}

export interface CorsConf {
  /** Empty: CORS is off. `*` stands alone. */
  readonly allowOrigins: readonly string[]
  readonly maxAgeSeconds: number
}

export interface AntiStealConf {
  readonly checkToken: boolean
  readonly tokenTtlSeconds: number
  /** Never empty where `checkToken` is true. */
  readonly secretKey: string
  readonly tokenCheckFail: TokenCheckFail | null
}

export interface ContentTypeConf {
  readonly defaultType: string
  readonly mimeTypes: MimeTypes
}

/** What holds where nothing is set. It names no tracker and no store path. */
export function defaultEdgeConf(): EdgeConf {
  return buildEdgeConf(new Settings([]), {
    localGroups: [],
    addressMap: [],
    vhosts: { exact: new Map(), wildcards: new Map() },
    storageIds: [],
    mimeTypes: new Map(),
    tokenCheckFail: null,
  })
}

/** What is not a setting of one line: read from sections and other files. */
export interface EdgeConfParts {
  readonly localGroups: readonly LocalGroup[]
  readonly addressMap: readonly AddressMapping[]
  readonly vhosts: Vhosts
  readonly storageIds: readonly StorageId[]
  readonly mimeTypes: MimeTypes
  readonly tokenCheckFail: TokenCheckFail | null
}

export function buildEdgeConf(settings: Settings, parts: EdgeConfParts): EdgeConf {
  const { localGroups, addressMap, storageIds, mimeTypes, tokenCheckFail } = parts
  return {
    listen: settings.get('listen'),
    workers: settings.get('workers'),
    clients: buildClients(settings),
    trustedProxies: settings.get('trusted_proxy'),
    admin: buildAdmin(settings),
    nginx: buildNginx(settings),
    trackerServers: settings.get('tracker_server'),
    loadFdfsParametersFromTracker: settings.get('load_fdfs_parameters_from_tracker'),
    useStorageId: settings.get('use_storage_id'),
    storageIds,
    addressMap,
    urlHaveGroupName: settings.get('url_have_group_name'),
    groupNames: allGroupNames(settings, localGroups),
    localGroups,
    mogilefs: buildMogilefs(settings, parts.vhosts),
    response: {
      mode: settings.get('response_mode'),
      redirectPort: settings.get('redirect_port'),
    },
    timeouts: buildTimeouts(settings),
    pool: buildPool(settings),
    locations: buildLocations(settings),
    memory: buildMemory(settings),
    cacheControl: buildCacheControl(settings),
    cors: buildCors(settings),
    antiSteal: { ...buildAntiSteal(settings), tokenCheckFail },
    contentType: { defaultType: settings.get('http.default_content_type'), mimeTypes },
    isMultiRangeEnabled: settings.get('http.multi_range.enabled'),
    flvExtension: settings.get('flv_support') ? settings.get('flv_extension').toLowerCase() : null,
    logLevel: settings.get('log_level'),
    logFile: logFileOf(settings),
    drainMs: settings.get('drain_timeout') * 1000,
  }
}

function logFileOf(settings: Settings): string | null {
  const entry = settings.entryOf('log_file')
  return entry?.value ? pathFrom(entry) : null
}

function allGroupNames(settings: Settings, localGroups: readonly LocalGroup[]): string[] {
  const named = settings.get('group_name') ?? []
  return [...new Set([...named, ...localGroups.map(({ groupName }) => groupName)])]
}

function buildTimeouts(settings: Settings): TimeoutConf {
  return {
    connectMs: settings.get('connect_timeout') * 1000,
    networkMs: settings.get('network_timeout') * 1000,
    firstAnswerMs: settings.get('first_answer_ms'),
    hedgeMs: settings.get('hedge_ms'),
    minRate: settings.get('min_rate'),
  }
}

function buildPool(settings: Settings): PoolConf {
  return {
    maxConnections: settings.get('max_connections'),
    idleMs: settings.get('pool_idle') * 1000,
    lifetimeMs: settings.get('pool_lifetime') * 1000,
  }
}

function buildLocations(settings: Settings): LocationConf {
  return {
    maxEntries: settings.get('location_cache_entries'),
    foundMs: settings.get('location_ttl') * 1000,
    notFoundMs: settings.get('not_found_ttl') * 1000,
    slaveMs: settings.get('slave_ttl') * 1000,
  }
}

function buildMemory(settings: Settings): MemoryConf {
  return {
    objectCacheBytes: settings.get('object_cache_size'),
    objectMaxBytes: settings.get('object_max_size'),
    verifyMaxBytes: settings.get('verify_max'),
    verifyRangesMaxBytes: settings.get('verify_ranges_max'),
    verifyPoolBytes: settings.get('verify_pool'),
  }
}

function buildCacheControl(settings: Settings): CacheControlConf {
  return {
    immutable: settings.get('cache_control'),
    mutable: settings.get('cache_control_mutable'),
  }
}

function buildCors(settings: Settings): CorsConf {
  return {
    allowOrigins: settings.get('cors_allow_origin').filter((origin) => origin !== ''),
    maxAgeSeconds: settings.get('cors_max_age'),
  }
}

function buildAntiSteal(settings: Settings): Omit<AntiStealConf, 'tokenCheckFail'> {
  return {
    checkToken: settings.get('http.anti_steal.check_token'),
    tokenTtlSeconds: settings.get('http.anti_steal.token_ttl'),
    secretKey: settings.get('http.anti_steal.secret_key') ?? '',
  }
}
