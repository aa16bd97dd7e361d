import { parseHostPort } from './host-port.ts'
import type { Kind } from './kind.ts'

/** A MySQL or MariaDB server with MogileFS's tables. */
export interface DatabaseServer {
  /** IPv6 without brackets. */
  readonly host: string
  readonly port: number
  readonly database: string
  /** A socket in the file system of this host, which goes before host and port. */
  readonly socketPath?: string
}

export interface Dsn {
  readonly server: DatabaseServer
  /** Names of parts that have no effect here. */
  readonly ignored: readonly string[]
}

const DEFAULT_HOST = 'localhost'
const DEFAULT_PORT = 3306
const DRIVERS = ['mysql', 'mariadb']
const OTHER_DRIVERS: { readonly [driver: string]: string } = {
  sqlite: 'DBI:SQLite',
  pg: 'DBI:Pg',
  oracle: 'DBI:Oracle',
}
/** What a part without a name is, in this order. */
const POSITIONS = ['database', 'host', 'port']
/** DBD::mysql's other names of the same. */
const SYNONYMS: { readonly [name: string]: string } = {
  hostname: 'host',
  db: 'database',
  dbname: 'database',
  mysql_socket: 'socket',
  mariadb_socket: 'socket',
}
const SEPARATOR_OUTSIDE_BRACKETS = /[:;](?![^[]*\])/
const DATABASE_NAME = /^[^\s\p{Cc}]{1,64}$/u
const LOGIN = /^(?:user|username|password|pass|pwd)$/
const OF_THE_DRIVER = /^(?:mysql|mariadb)_[a-z_]{1,60}$/

/** The database server of a `db_dsn`. The text is never repeated: some write a password into it. */
export function dsn(): Kind<DatabaseServer> {
  return {
    label: 'DSN',
    expected: 'DBI:mysql:DATABASE:host=HOST;port=PORT (an IPv6 address in brackets)',
    parse(text) {
      const read = parseDsn(text)
      return typeof read === 'object' ? read.server : undefined
    },
    explain(text) {
      const read = parseDsn(text)
      return typeof read === 'string' ? read : undefined
    },
  }
}

/**
 * dsn => "DBI:" driver ":" part ((":" | ";") part)*
 * part => name "=" value | value
 * As DBD::mysql and DBD::MariaDB read it, so that mogilefsd.conf's line means the same server here.
 * Returns a sentence where that says more of the fault than the form of a DSN does.
 */
export function parseDsn(text: string): Dsn | string | undefined {
  const [, driver = '', rest = ''] = /^dbi:([a-z]{1,20}):(.*)$/is.exec(text) ?? []
  const other = OTHER_DRIVERS[driver.toLowerCase()]
  if (other !== undefined) {
    return `${other} is not supported, only MySQL and MariaDB; with trackers alone it works as well`
  }
  if (!DRIVERS.includes(driver.toLowerCase())) return undefined
  if (rest.includes('|')) return 'user and password belong in db_user and db_pass, not after a |'
  const parts = readParts(rest)
  return typeof parts === 'object' ? toDsn(parts) : parts
}

function readParts(text: string): ReadonlyMap<string, string> | string | undefined {
  const parts = new Map<string, string>()
  for (const part of text.replace(/[:;]$/, '').split(SEPARATOR_OUTSIDE_BRACKETS)) {
    const [, named, value = part] = /^([^=]*)=(.*)$/s.exec(part) ?? []
    const name = named === undefined ? nextPosition(parts) : (SYNONYMS[named] ?? named)
    if (name === undefined) return undefined
    if (LOGIN.test(name)) return 'user and password belong in db_user and db_pass'
    if (asksForTls(name, value)) return `connections to the database are never encrypted (${name})`
    if (!isKnown(name)) return undefined
    parts.set(name, value.trim())
  }
  return parts
}

function nextPosition(parts: ReadonlyMap<string, string>): string | undefined {
  return POSITIONS.find((name) => !parts.has(name))
}

/** Silently going on in the clear would not be what was asked for. */
function asksForTls(name: string, value: string): boolean {
  return /^(?:mysql|mariadb)_ssl$/.test(name) && !['', '0'].includes(value.trim())
}

function isKnown(name: string): boolean {
  return POSITIONS.includes(name) || name === 'socket' || OF_THE_DRIVER.test(name)
}

function toDsn(parts: ReadonlyMap<string, string>): Dsn | string | undefined {
  const { host, port: extraPort } = parseHostPort(parts.get('host') || DEFAULT_HOST) ?? {}
  const port = Number(parts.get('port') || DEFAULT_PORT)
  const database = parts.get('database') ?? ''
  if (host === undefined || extraPort !== undefined) return undefined
  if (!/^[0-9]{0,5}$/.test(parts.get('port') ?? '') || port < 1 || port > 65535) return undefined
  if (database === '') return 'the DSN names no database'
  if (!DATABASE_NAME.test(database)) return undefined
  const ignored = [...parts.keys()].filter((name) => OF_THE_DRIVER.test(name))
  const socketPath = parts.get('socket')
  if (!socketPath) return { server: { host, port, database }, ignored }
  // As in MySQL's own client, which takes a socket for localhost only.
  if (host !== DEFAULT_HOST) {
    return { server: { host, port, database }, ignored: [...ignored, 'the socket'] }
  }
  if (!socketPath.startsWith('/')) return 'the socket is not an absolute path'
  return { server: { host, port, database, socketPath }, ignored }
}
