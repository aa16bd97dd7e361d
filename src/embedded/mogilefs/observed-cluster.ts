import { BlockList, isIPv4 } from 'node:net'
import type { Host } from '../../wire/mogilefs/cluster-messages.ts'
import { formatFidUrl } from '../../wire/mogilefs/fid-path.ts'
import type { HostPort } from '../listener.ts'
import type { ClusterTables, DeviceRow } from './cluster-tables.ts'
import { weightedShuffle } from './weighted-shuffle.ts'

/** As much of a mogstored as a tracker can see. */
export interface ObservedMogstored {
  readonly address: HostPort
  readonly isRunning: boolean
  readonly devids: ReadonlySet<number>
}

/** Whether the one who asks gets the hosts' `altip`: it said so, or lies within their `altmask`. */
export interface Zone {
  readonly isAlt: boolean
  readonly clientAddress: string | undefined
}

const READABLE_HOST = ['alive', 'readonly']
const READABLE_DEVICE = ['alive', 'readonly', 'drain']

/** A device with its host, and what is seen of them. */
export class ObservedDevice {
  readonly row: DeviceRow
  readonly host: Host
  /** Its daemon runs and has the device. */
  readonly isReachable: boolean

  constructor(row: DeviceRow, host: Host, isReachable: boolean) {
    this.row = row
    this.host = host
    this.isReachable = isReachable
  }

  get isReadable(): boolean {
    const { row, host } = this
    const isAllowed = READABLE_HOST.includes(host.status) && READABLE_DEVICE.includes(row.status)
    return isAllowed && this.isReachable
  }

  /** Takes new files. */
  get isOpen(): boolean {
    return this.host.status === 'alive' && this.row.status === 'alive' && this.isReachable
  }

  /** Files may be deleted from it. */
  get isWriteable(): boolean {
    return ['alive', 'drain'].includes(this.row.status) && this.isReachable
  }

  get isDraining(): boolean {
    return this.row.status === 'drain'
  }

  /** Devices that are down or dead are not looked at. */
  get observedState(): string {
    if (!READABLE_DEVICE.includes(this.row.status)) return ''
    if (!this.isReachable) return 'unreachable'
    return this.isWriteable ? 'writeable' : 'readable'
  }

  /** Where to put a file. */
  uploadUrl(fid: number): string {
    const { hostip, httpPort } = this.host
    return formatFidUrl({ host: hostip, port: httpPort, devid: this.row.devid, fid })
  }

  url(fid: number, zone: Zone): string {
    const port = readPort(this.host)
    return formatFidUrl({ host: addressFor(this.host, zone), port, devid: this.row.devid, fid })
  }
}

export interface ObservedClusterOptions {
  readonly tables: ClusterTables
  readonly mogstoreds: readonly ObservedMogstored[]
  /** While it is false every host is taken for reachable. */
  readonly isObserving: () => boolean
}

/** Hosts and devices as a tracker's monitor sees them. */
export class ObservedCluster {
  readonly #options: ObservedClusterOptions

  constructor(options: ObservedClusterOptions) {
    this.#options = options
  }

  /** Undefined without a row for it or for its host. */
  device(devid: number): ObservedDevice | undefined {
    const row = this.#options.tables.device(devid)
    const host = row && this.#options.tables.host(row.hostid)
    return row && host && new ObservedDevice(row, host, this.#isReachable(row, host))
  }

  devices(): readonly ObservedDevice[] {
    const devids = this.#options.tables.devices().map(({ devid }) => devid)
    return devids.map((devid) => this.device(devid)).filter((device) => device !== undefined)
  }

  /** Devices for new copies beside those that there are: as many hosts as possible. */
  destinations(count: number, presentDevids: readonly number[] = []): readonly ObservedDevice[] {
    const all = this.devices()
    const present = all.filter(({ row }) => presentDevids.includes(row.devid))
    const open = all.filter((it) => it.isOpen && !present.includes(it))
    const hostids = new Set(present.map(({ row }) => row.hostid))
    const isOnNewHost = ({ row }: ObservedDevice) => {
      const isNew = !hostids.has(row.hostid)
      hostids.add(row.hostid)
      return isNew
    }
    const shuffled = weightedShuffle(open, () => 1)
    const spread = shuffled.filter(isOnNewHost)
    const others = shuffled.filter((it) => !spread.includes(it))
    return [...spread, ...others].slice(0, count)
  }

  /** The daemon at the address that files are read from: a wrong `http_get_port` leads nowhere. */
  mogstoredOf(host: Host): ObservedMogstored | undefined {
    return this.#options.mogstoreds.find(
      ({ address }) => address.host === host.hostip && address.port === readPort(host),
    )
  }

  #isReachable(row: DeviceRow, host: Host): boolean {
    if (!this.#options.isObserving()) return true
    const mogstored = this.mogstoredOf(host)
    return mogstored?.isRunning === true && mogstored.devids.has(row.devid)
  }
}

function readPort({ httpGetPort, httpPort }: Host): number {
  return httpGetPort || httpPort
}

function addressFor(host: Host, { isAlt, clientAddress }: Zone): string {
  if (host.altip === null || host.altip === '') return host.hostip
  return isAlt || isWithin(host.altmask, clientAddress) ? host.altip : host.hostip
}

/** `10.0.0.0/8` and the like; what is no mask holds nobody. */
function isWithin(altmask: string | null, address: string | undefined): boolean {
  const [network = '', bits = '32'] = (altmask ?? '').split('/')
  if (address === undefined || !isIPv4(network) || !/^[0-9]{1,2}$/.test(bits)) return false
  if (Number(bits) > 32 || !isIPv4(address)) return false
  const list = new BlockList()
  list.addSubnet(network, Number(bits))
  return list.check(address)
}
