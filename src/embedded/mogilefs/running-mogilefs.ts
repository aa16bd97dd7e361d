import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { hashTypeNumber } from '../../wire/mogilefs/checksum.ts'
import type { Host } from '../../wire/mogilefs/cluster-messages.ts'
import type {
  EmbeddedDomain,
  EmbeddedMogilefs,
  EmbeddedMogilefsOptions,
} from '../embedded-mogilefs.ts'
import { FileLocks } from '../file-locks.ts'
import type { HostPort, ListenerLimits } from '../listener.ts'
import { BackgroundWork } from './background-work.ts'
import { DeviceDirs } from './device-dirs.ts'
import { DEFAULT_CLASS } from './domain-tables.ts'
import { MetadataStore } from './metadata-store.ts'
import { Mogilefsd } from './mogilefsd.ts'
import { Mogstored } from './mogstored.ts'
import type { MogstoredContext } from './mogstored-exchange.ts'
import { ObservedCluster } from './observed-cluster.ts'
import type { SharedStore } from './tracker-command.ts'

const LIMITS = { maxConnections: 1024, requestTimeoutMs: 30_000 }
/** Upstream's trackers never close an idle connection; a dead peer must not hold one for ever. */
const TRACKER_LIMITS: ListenerLimits = { ...LIMITS, idleTimeoutMs: 600_000 }
/** As upstream: 31 to 35 seconds. */
const MOGSTORED_LIMITS: ListenerLimits = { ...LIMITS, idleTimeoutMs: 31_000 }

/** A cluster from its start to its end. */
export class RunningMogilefs implements EmbeddedMogilefs {
  readonly trackers: readonly Mogilefsd[]
  readonly mogstoreds: readonly Mogstored[]
  readonly store = new MetadataStore()
  readonly #options: EmbeddedMogilefsOptions
  readonly #dirs: DeviceDirs
  readonly #work: BackgroundWork

  constructor(options: EmbeddedMogilefsOptions) {
    this.#options = options
    const now = options.now ?? Date.now
    const nowSeconds = () => Math.floor(now() / 1000)
    const onError = options.onError ?? (() => undefined)
    const { store } = this
    const locks = new FileLocks()
    const dirs = new DeviceDirs(options.dataDir, nowSeconds)
    this.#dirs = dirs
    this.mogstoreds = this.#createMogstoreds({ dirs, files: store.files, locks, now })
    const observed = { tables: store.cluster, mogstoreds: this.mogstoreds }
    const cluster = new ObservedCluster({ ...observed, isObserving: () => true })
    this.#work = new BackgroundWork({ store, cluster, dirs, locks, nowSeconds, onError })
    const addDevice = (devid: number, hostid: number) => this.#addDevice(devid, hostid)
    const shared = { store, dirs, locks, work: this.#work, nowSeconds, addDevice }
    this.trackers = this.#createTrackers(shared)
  }

  #createMogstoreds(context: MogstoredContext): readonly Mogstored[] {
    const { storages, onError = () => undefined } = this.#options
    const limits = { ...MOGSTORED_LIMITS, ...this.#options.limits }
    const onRunning = () => this.#work.retry()
    return storages.map((storage) => {
      return new Mogstored({ ...storage, limits, context, onRunning, onError })
    })
  }

  #createTrackers(shared: SharedStore): readonly Mogilefsd[] {
    const { trackers, onError = () => undefined } = this.#options
    const { mogstoreds } = this
    const limits = { ...TRACKER_LIMITS, ...this.#options.limits }
    return trackers.map((address) => {
      return new Mogilefsd({ ...address, limits, shared, mogstoreds, onError })
    })
  }

  /** The store is touched only once all ports are ours: another process may be using it. */
  async start(): Promise<void> {
    const daemons = [...this.trackers, ...this.mogstoreds]
    for (const daemon of daemons) daemon.pause()
    for (const tracker of this.trackers) await tracker.start()
    for (const mogstored of this.mogstoreds) {
      await mogstored.start(this.mogstoreds[0]?.address.port)
    }
    await mkdir(this.#options.dataDir, { recursive: true })
    this.store.open(join(this.#options.dataDir, 'mogilefs.sqlite'))
    await this.#registerStorages()
    this.store.transaction(() => this.#registerDomains())
    for (const daemon of daemons) daemon.resume()
    this.#work.open()
  }

  pathOf(devid: number, fid: number): string {
    return this.#dirs.pathOf({ devid, fid })
  }

  settled(): Promise<void> {
    return this.#work.settled()
  }

  async close(): Promise<void> {
    await Promise.all([...this.trackers, ...this.mogstoreds].map((daemon) => daemon.stop()))
    await this.#work.close()
    this.#dirs.close()
    this.store.close()
  }

  /** Hosts and devices that are known already keep their state; their addresses follow the options. */
  async #registerStorages(): Promise<void> {
    for (const [index, mogstored] of this.mogstoreds.entries()) {
      const hostid = this.#registerHost(`node${index + 1}`, mogstored.address)
      for (const devid of mogstored.devids) this.#registerDevice(devid, hostid)
      const devices = this.store.cluster.devices().filter((device) => device.hostid === hostid)
      for (const { devid } of devices) await this.#addDevice(devid, hostid)
    }
  }

  #registerHost(hostname: string, { host: hostip, port: httpPort }: HostPort): number {
    const { cluster } = this.store
    const known = cluster.hostNamed(hostname)
    const fresh = { hostname, status: 'alive', httpGetPort: null, altip: null, altmask: null }
    if (known === undefined) return cluster.insertHost({ ...fresh, hostip, httpPort })
    const moved: Host = { ...known, hostip, httpPort }
    cluster.updateHost(moved)
    return known.hostid
  }

  #registerDevice(devid: number, hostid: number): void {
    const { cluster } = this.store
    if (cluster.device(devid) === undefined)
      cluster.insertDevice({ devid, hostid, status: 'alive' })
    else cluster.moveDevice(devid, hostid)
  }

  #registerDomains(): void {
    for (const domain of this.#options.domains ?? []) this.#registerDomain(domain)
  }

  #registerDomain({ name, classes = [] }: EmbeddedDomain): void {
    const { domains } = this.store
    const dmid = domains.dmid(name) ?? domains.insertDomain(name)
    for (const { name: classname, mindevcount = 2, hashtype = 'NONE' } of classes) {
      if (domains.hasClassRow(dmid, classname)) continue
      const isDefault = classname === DEFAULT_CLASS.classname
      const classid = isDefault ? DEFAULT_CLASS.classid : domains.nextClassid(dmid)
      const row = { classid, classname, mindevcount, replpolicy: null }
      domains.putClass(dmid, { ...row, hashtype: hashTypeNumber(hashtype) })
    }
  }

  /** A host that is none of ours keeps its devices to itself. */
  async #addDevice(devid: number, hostid: number): Promise<void> {
    const host = this.store.cluster.host(hostid)
    const mogstored = this.mogstoreds.find(
      ({ address }) => address.host === host?.hostip && address.port === host.httpPort,
    )
    if (mogstored === undefined) return
    await this.#dirs.prepare(devid)
    mogstored.addDevice(devid)
  }
}
