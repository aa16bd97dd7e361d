import { isIPv4 } from 'node:net'
import { EdgeError } from '../errors.ts'
import { hashTypeNumber } from '../wire/mogilefs/checksum.ts'
import type { HostPort } from './listener.ts'
import type { Mogilefsd } from './mogilefs/mogilefsd.ts'
import type { Mogstored } from './mogilefs/mogstored.ts'
import { RunningMogilefs } from './mogilefs/running-mogilefs.ts'
import { type StoreOptions, startStore } from './start-store.ts'

export type { HostPort } from './listener.ts'
export type { Mogilefsd } from './mogilefs/mogilefsd.ts'
export type { Mogstored } from './mogilefs/mogstored.ts'
export type { MogstoredFaults } from './mogilefs/mogstored-faults.ts'
export type { MogilefsdFaults } from './mogilefs/tracker-faults.ts'
export type { RequestCounters } from './request-counters.ts'

/** A host `node1`, `node2` .. in the order of the options, and its devices. */
export interface EmbeddedMogstored extends HostPort {
  /** Folders `dev1`, `dev2` .. of the data folder. */
  readonly devids: readonly number[]
}

export interface EmbeddedClass {
  readonly name: string
  /** 2 unless said otherwise. */
  readonly mindevcount?: number
  /** `NONE` unless said otherwise. */
  readonly hashtype?: 'NONE' | 'MD5' | 'SHA-1'
}

export interface EmbeddedDomain {
  readonly name: string
  /** Besides `default`. */
  readonly classes?: readonly EmbeddedClass[]
}

export interface EmbeddedMogilefsOptions extends StoreOptions {
  /** Holds `mogilefs.sqlite` and a folder for each device. One process at a time may use it. */
  readonly dataDir: string
  /** Any number of trackers on one store. Port 0 is a free port. */
  readonly trackers: readonly HostPort[]
  /** IPv4 addresses of this host. With port 0 they share a free port where they can. */
  readonly storages: readonly EmbeddedMogstored[]
  /** Made where they are missing; there may be others already. */
  readonly domains?: readonly EmbeddedDomain[]
}

/** A MogileFS cluster in this process: trackers on one store, and the mogstoreds of its devices. */
export interface EmbeddedMogilefs {
  readonly trackers: readonly Mogilefsd[]
  readonly mogstoreds: readonly Mogstored[]
  /** For odd rows in tests: `exec` runs SQL on MogileFS's tables. */
  readonly store: { exec(sql: string): void }
  /** Where a copy is, or would be. @throws EdgeError invalid_ref */
  pathOf(devid: number, fid: number): string
  /** Settles when all copies, checksums and deletes are done that can be done now. */
  settled(): Promise<void>
  close(): Promise<void>
}

/**
 * Starts trackers and mogstoreds. @throws EdgeError invalid_config, connect_failed when a port is
 * taken, local_file when the store cannot be used; then nothing is left running.
 */
export async function startEmbeddedMogilefs(
  options: EmbeddedMogilefsOptions,
): Promise<EmbeddedMogilefs> {
  checkOptions(options)
  return await startStore(new RunningMogilefs(options))
}

const MAX_DEVID = 16_777_215
const MAX_MINDEVCOUNT = 255

function checkOptions({ trackers, storages, domains = [] }: EmbeddedMogilefsOptions): void {
  if (trackers.length === 0) throw invalidConfig('there is no tracker')
  for (const { host } of storages) {
    if (!isIPv4(host)) throw invalidConfig(`"${host}": a mogstored listens on an IPv4 address`)
  }
  const devids = storages.flatMap((storage) => storage.devids)
  for (const devid of devids) {
    if (Number.isInteger(devid) && devid >= 1 && devid <= MAX_DEVID) continue
    throw invalidConfig(`${devid} is no number of a device`)
  }
  if (new Set(devids).size < devids.length) throw invalidConfig('two devices have the same number')
  for (const domain of domains) checkDomain(domain)
}

function checkDomain({ name, classes = [] }: EmbeddedDomain): void {
  if (name === '') throw invalidConfig('a domain without a name')
  for (const { name: className, mindevcount = 2, hashtype = 'NONE' } of classes) {
    const isName = className !== '' && className.length <= 50
    const isCount = Number.isInteger(mindevcount) && mindevcount >= 1
    const isHash = hashtype === 'NONE' || hashTypeNumber(hashtype) !== null
    if (isName && isCount && mindevcount <= MAX_MINDEVCOUNT && isHash) continue
    throw invalidConfig(`${name}: the class "${className}" cannot be`)
  }
}

function invalidConfig(message: string): EdgeError {
  return new EdgeError('invalid_config', message)
}
