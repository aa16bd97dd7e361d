import type { Host } from '../../wire/mogilefs/cluster-messages.ts'
import type { Database } from './database.ts'
import { numberIn, optionalNumberIn, optionalTextIn, type Row, textIn } from './row.ts'

export interface DeviceRow {
  readonly devid: number
  readonly hostid: number
  readonly status: string
  readonly weight: number
}

const HOST =
  'SELECT hostid, hostname, hostip, status, http_port, http_get_port, altip, altmask FROM host'
const DEVICE = 'SELECT devid, hostid, status, weight FROM device'

/** `host` and `device`. */
export class ClusterTables {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  hosts(): readonly Host[] {
    return this.#db.rows(`${HOST} ORDER BY hostid`).map(hostOf)
  }

  host(hostid: number): Host | undefined {
    return this.hosts().find((host) => host.hostid === hostid)
  }

  hostNamed(hostname: string): Host | undefined {
    return this.hosts().find((host) => host.hostname === hostname)
  }

  insertHost(host: Omit<Host, 'hostid'>): number {
    const { lastId } = this.#db.run('INSERT INTO host (hostname) VALUES (?)', host.hostname)
    this.updateHost({ ...host, hostid: lastId })
    return lastId
  }

  updateHost(host: Host): void {
    const { hostid, hostip, status, httpPort, httpGetPort, altip, altmask } = host
    const columns =
      'hostip = ?, status = ?, http_port = ?, http_get_port = ?, altip = ?, altmask = ?'
    const sql = `UPDATE host SET ${columns} WHERE hostid = ?`
    this.#db.run(sql, hostip, status, httpPort, httpGetPort, altip, altmask, hostid)
  }

  deleteHost(hostid: number): void {
    this.#db.run('DELETE FROM host WHERE hostid = ?', hostid)
  }

  devices(): readonly DeviceRow[] {
    return this.#db.rows(`${DEVICE} ORDER BY devid`).map(deviceOf)
  }

  device(devid: number): DeviceRow | undefined {
    const row = this.#db.row(`${DEVICE} WHERE devid = ?`, devid)
    return row && deviceOf(row)
  }

  insertDevice({ devid, hostid, status }: Omit<DeviceRow, 'weight'>): void {
    const sql = 'INSERT INTO device (devid, hostid, status) VALUES (?, ?, ?)'
    this.#db.run(sql, devid, hostid, status)
  }

  setWeight(devid: number, weight: number): void {
    this.#db.run('UPDATE device SET weight = ? WHERE devid = ?', weight, devid)
  }

  setState(devid: number, status: string): void {
    this.#db.run('UPDATE device SET status = ? WHERE devid = ?', status, devid)
  }

  moveDevice(devid: number, hostid: number): void {
    this.#db.run('UPDATE device SET hostid = ? WHERE devid = ?', hostid, devid)
  }

  /** The copies on a device that is dead are gone; their files need others. */
  reap(devid: number, nowSeconds: number): void {
    const queue = 'INSERT OR REPLACE INTO file_to_replicate (fid, nexttry)'
    this.#db.transaction(() => {
      this.#db.run(`${queue} SELECT fid, ? FROM file_on WHERE devid = ?`, nowSeconds, devid)
      this.#db.run('DELETE FROM file_on WHERE devid = ?', devid)
    })
  }
}

function hostOf(row: Row): Host {
  return {
    hostid: numberIn(row, 'hostid'),
    hostname: textIn(row, 'hostname'),
    hostip: textIn(row, 'hostip'),
    status: textIn(row, 'status'),
    httpPort: numberIn(row, 'http_port'),
    httpGetPort: optionalNumberIn(row, 'http_get_port'),
    altip: optionalTextIn(row, 'altip'),
    altmask: optionalTextIn(row, 'altmask'),
  }
}

function deviceOf(row: Row): DeviceRow {
  return {
    devid: numberIn(row, 'devid'),
    hostid: numberIn(row, 'hostid'),
    status: textIn(row, 'status'),
    weight: optionalNumberIn(row, 'weight') ?? 100,
  }
}
