import { EdgeError, type ErrorCode } from '../errors.ts'

/** Whom an error came from. */
export interface SqlLogin {
  /** `host:port`, or the path of a socket. */
  readonly host: string
  readonly user: string
  readonly database: string
}

/**
 * Errors that a server answers with until somebody changes a setting, on this side or on its own.
 * Numbers are the same in MySQL and MariaDB.
 */
const WRONG_CONFIG: ReadonlyMap<number | string, string> = new Map<number | string, string>([
  [1045, 'the user name or the password is wrong'],
  [1698, 'the user name or the password is wrong'],
  ['AUTH_SWITCH_PLUGIN_ERROR', 'the user cannot log in with a password'],
  [1251, 'the user cannot log in with a password'],
  [1130, 'this host may not connect'],
  [1044, 'there is no such database, or the user may not read it'],
  [1049, 'there is no such database'],
  [1142, 'the user may not read a table'],
  [1143, 'the user may not read a column'],
  [1146, 'a table is missing: it is no database of MogileFS'],
  [1054, 'a column is missing: it is no database of MogileFS that is known here'],
])

/** Errors of the connection itself. */
const CODES: Readonly<Record<string, ErrorCode>> = {
  PROTOCOL_CONNECTION_LOST: 'connection_lost',
  ECONNRESET: 'connection_lost',
  EPIPE: 'connection_lost',
}

/**
 * A text that the column's character set cannot hold (1267; MySQL's 3854 and 3988): no row can have
 * it, which says nothing against the server.
 */
const NOT_IN_CHARSET: readonly unknown[] = [1267, 3854, 3988]

export function isOutsideCharset(error: unknown): boolean {
  const cause = error instanceof EdgeError ? error.cause : undefined
  return NOT_IN_CHARSET.includes(propertyOf(cause, 'errno'))
}

/** What mysql2 reports, as an error that says where, as whom and why. */
export function sqlError(cause: Error, login: SqlLogin): EdgeError {
  const { host } = login
  const [errno, code] = [propertyOf(cause, 'errno'), propertyOf(cause, 'code')]
  const where = `database "${login.database}" as ${login.user}@${host}`
  const said = (cause.message || String(code)).slice(0, 300)
  const wrong = WRONG_CONFIG.get(Number(errno)) ?? WRONG_CONFIG.get(String(code))
  if (wrong !== undefined) {
    return new EdgeError('invalid_config', `${where}: ${wrong} (${said})`, { host, cause })
  }
  return new EdgeError(codeOf(cause, code), `${where}: ${said}`, { host, cause })
}

/** The server, or something on the way to it, ended the connection. */
export function lostError({ host }: SqlLogin): EdgeError {
  return new EdgeError('connection_lost', `${host} closed the connection`, { host })
}

function codeOf(cause: Error, code: unknown): ErrorCode {
  if (propertyOf(cause, 'sqlState') !== undefined) return 'refused_by_server'
  const known = Object.hasOwn(CODES, String(code)) ? CODES[String(code)] : undefined
  if (known !== undefined) return known
  return propertyOf(cause, 'syscall') === undefined ? 'protocol_error' : 'connect_failed'
}

function propertyOf(value: unknown, name: string): unknown {
  return value instanceof Object ? Reflect.get(value, name) : undefined
}
