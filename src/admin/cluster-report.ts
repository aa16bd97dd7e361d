import type { DatabaseState } from '../client/sql-replication.ts'
import type { Device, Host } from '../wire/mogilefs/cluster-messages.ts'

/**
 * What the daemons of the clusters say of themselves and of each other, asked by the primary for
 * `/status` and the status page. Plain data.
 */
export interface ClusterReport {
  /** When it was asked for, milliseconds since 1970. */
  readonly at: number
  /** Null where no such cluster is configured. */
  readonly fastdfs: FastdfsReport | null
  readonly mogilefs: MogilefsReport | null
  /** Of MogileFS, in the order of the configuration. */
  readonly databases: readonly DatabaseState[]
}

export interface FastdfsReport {
  readonly trackers: readonly FastdfsTrackerReport[]
  /** By the first tracker that answers. */
  readonly groups: readonly FastdfsGroupReport[]
}

export interface FastdfsTrackerReport {
  /** `host:port` */
  readonly tracker: string
  /** Null when it answers; else why not. */
  readonly error: string | null
}

export interface FastdfsGroupReport {
  readonly groupName: string
  /** Of 1024 * 1024 bytes: what its smallest storage has. */
  readonly totalMb: number
  readonly freeMb: number
  /** No upload gets the last so many. */
  readonly reservedMb: number
  readonly storages: readonly FastdfsStorageReport[]
}

export interface FastdfsStorageReport {
  /** `ip:port` as it is registered. */
  readonly host: string
  /** `ACTIVE`, `OFFLINE` ..: what the trackers that answer say, once each. */
  readonly states: readonly string[]
  /** Null when it answers this host, or a tracker says that it is not to be asked; else why not. */
  readonly error: string | null
  readonly version: string
  readonly totalMb: number
  readonly freeMb: number
  readonly reservedMb: number
  /** How far behind the other storages of its group; null where nothing was put there. */
  readonly syncDelaySeconds: number | 'never' | null
  /** Milliseconds since 1970; null: never. */
  readonly lastHeartBeatAt: number | null
  readonly uploads: Counted
  readonly downloads: Counted
}

/** Since the storage was set up. */
export interface Counted {
  readonly total: number
  readonly succeeded: number
}

export interface MogilefsReport {
  readonly trackers: readonly MogilefsTrackerReport[]
  /** By the first tracker that answers. */
  readonly hosts: readonly MogilefsHostReport[]
  readonly devices: readonly MogilefsDeviceReport[]
}

export interface MogilefsTrackerReport {
  readonly tracker: string
  /** Null when it answers; else why not. */
  readonly error: string | null
  /** The same of the primary database behind it; null too where the tracker did not answer. */
  readonly databaseError: string | null
}

export interface MogilefsHostReport extends Host {
  /** Null when it answers, or need not; else why not. */
  readonly error: string | null
}

export interface MogilefsDeviceReport extends Device {
  readonly hostname: string
  /** Null when its host tells its usage, or need not; else why not. */
  readonly error: string | null
  /** What each tracker that answered has seen of it, once each: its monitor writes to every device. */
  readonly observedStates: readonly string[]
}

/** The state of a storage that is read from, and the only one. */
export const ACTIVE = 'ACTIVE'
