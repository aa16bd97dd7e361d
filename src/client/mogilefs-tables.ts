import { EdgeError } from '../errors.ts'
import type { Device, Host } from '../wire/mogilefs/cluster-messages.ts'
import { type Place, placesOf } from './mogilefs-places.ts'
import type { SqlRow } from './sql-connection.ts'

/** What MogileFS calls a domain; `namespace` in its tables. */
export interface TableDomain {
  readonly dmid: number
  /** Classes with a row and the number of their hash type, if they have one. */
  readonly hashtypes: ReadonlyMap<number, number | null>
  /** A file of it may have a row in `checksum`. */
  readonly hasChecksums: boolean
}

/** The tables that are small and seldom change. */
export interface MogilefsTables {
  readonly domains: ReadonlyMap<string, TableDomain>
  readonly hosts: readonly Host[]
  readonly places: ReadonlyMap<number, Place>
  /** They come from the primary: a domain that is not there does not exist. */
  readonly isAuthoritative: boolean
}

export type Execute = (sql: string) => Promise<readonly SqlRow[]>

export interface LoadOptions {
  readonly zone: 'alt' | undefined
  /** Texts as MogileFS wrote them, from the characters of the connection. */
  readonly decodeText: (text: string) => string
}

const HOSTS =
  'SELECT hostid, hostname, hostip, status, http_port, http_get_port, altip, altmask FROM host'
const DEVICES = 'SELECT devid, hostid, status, weight, mb_total, mb_used FROM device'
/** A domain without a class has a row all the same. */
const DOMAINS =
  'SELECT d.namespace, d.dmid, c.classid, c.hashtype FROM domain d LEFT JOIN class c ON c.dmid = d.dmid'

/** @throws EdgeError those of `execute`, protocol_error */
export async function loadTables(
  execute: Execute,
  { zone, decodeText }: LoadOptions,
): Promise<Omit<MogilefsTables, 'isAuthoritative'>> {
  const hosts = (await execute(HOSTS)).map((row) => hostOf(row, decodeText))
  const devices = (await execute(DEVICES)).map(deviceOf)
  const domains = domainsOf(await execute(DOMAINS), decodeText)
  return { domains, hosts, places: placesOf(devices, hosts, zone) }
}

function hostOf(row: SqlRow, decodeText: (text: string) => string): Host {
  const [hostid, hostname, hostip, status, httpPort, httpGetPort, altip, altmask] = row
  return {
    hostid: countColumn(hostid),
    hostname: decodeText(textColumn(hostname)),
    hostip: textColumn(hostip),
    status: textColumn(status),
    httpPort: countColumn(httpPort ?? 0),
    httpGetPort: countColumn(httpGetPort ?? 0) || null,
    altip: textColumn(altip) || null,
    altmask: textColumn(altmask) || null,
  }
}

function deviceOf([devid, hostid, status, weight, mbTotal, mbUsed]: SqlRow): Device {
  return {
    devid: countColumn(devid),
    hostid: countColumn(hostid),
    status: textColumn(status),
    observedState: '',
    weight: Number(weight ?? 0),
    mbTotal: countColumn(mbTotal ?? 0),
    mbUsed: countColumn(mbUsed ?? 0),
  }
}

function domainsOf(
  rows: readonly SqlRow[],
  decodeText: (text: string) => string,
): Map<string, TableDomain> {
  const byName = Map.groupBy(rows, ([namespace]) => decodeText(textColumn(namespace)))
  return new Map(Array.from(byName, ([name, classes]) => [name, domainOf(classes)]))
}

function domainOf(rows: readonly SqlRow[]): TableDomain {
  const hashtypes = new Map<number, number | null>()
  for (const [, , classid, hashtype] of rows) {
    if (classid !== null) hashtypes.set(countColumn(classid), Number(hashtype ?? 0) || null)
  }
  const hasChecksums = [...hashtypes.values()].some((hashtype) => hashtype !== null)
  return { dmid: countColumn(rows[0]?.[1]), hashtypes, hasChecksums }
}

/** A whole number of at most 2^53 - 1: beyond it mysql2 rounds. @throws EdgeError protocol_error */
export function countColumn(value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  throw new EdgeError('protocol_error', `the database has ${value} where a count belongs`)
}

/** Empty for NULL. */
function textColumn(value: unknown): string {
  if (typeof value === 'string') return value
  if (value === null) return ''
  throw new EdgeError('protocol_error', `the database has ${value} where a text belongs`)
}
