import { asEdgeError, EdgeError } from '../errors.ts'
import type { Ask } from './ask.ts'
import { countColumn } from './mogilefs-tables.ts'
import type { SqlNamedRow } from './sql-connection.ts'
import type { SqlServer } from './sql-server.ts'

/** How far a replica is behind. */
export type ReplicationLag =
  /** By its own word. While its primary is silent a replica may not know better than 0. */
  | { readonly kind: 'seconds'; readonly seconds: number }
  /** It has no more rows to come; `reason` is its word, if it gave one. */
  | { readonly kind: 'stopped'; readonly reason: string }
  /** It may not say: at most so many files of the primary's newest are not on it yet. */
  | { readonly kind: 'files'; readonly files: number }
  | { readonly kind: 'unknown'; readonly reason: string }

export interface DatabaseState {
  /** `host:port`, or the path of a socket. */
  readonly host: string
  /** The first one is the primary unless it may only be read, as the others are. */
  readonly role: 'primary' | 'replica'
  /** Null when it answers; else why not. */
  readonly error: string | null
  /** Null of a primary, and of one that does not answer. */
  readonly lag: ReplicationLag | null
}

/** Fids are given out in their order, and the newest one stands at an end of the primary key. */
const NEWEST_FID = 'SELECT MAX(fid) FROM file'

/** The newer word first: MySQL 8.4 has forgotten the older one. */
const REPLICA_STATUS = ['SHOW REPLICA STATUS', 'SHOW SLAVE STATUS'] as const

interface Seen extends Omit<DatabaseState, 'lag'> {
  readonly server: SqlServer
  /** Undefined of a replica. */
  readonly newestFid: number | undefined
}

/** What each database server is and how far it is behind, asked of all at once. */
export async function surveyDatabases(
  servers: readonly SqlServer[],
  ask: Ask,
): Promise<readonly DatabaseState[]> {
  // The primary's newest file is looked up before the replica's: nobody is behind what came later.
  const seen = await Promise.all(servers.map((server, index) => look(server, index === 0, ask)))
  const newestFid = seen.find(({ role }) => role === 'primary')?.newestFid
  return Promise.all(
    seen.map(async ({ server, host, role, error }) => {
      const isLagging = role === 'replica' && error === null
      return { host, role, error, lag: isLagging ? await lagOf(server, newestFid, ask) : null }
    }),
  )
}

async function look(server: SqlServer, isFirst: boolean, ask: Ask): Promise<Seen> {
  const role = (): Seen['role'] => (isFirst && server.isWritable !== false ? 'primary' : 'replica')
  const { host } = server
  try {
    await ask((signal) => server.askRole(signal))
    const newestFid =
      role() === 'primary' ? await ask((signal) => newestFidOf(server, signal)) : undefined
    return { server, host, role: role(), error: null, newestFid }
  } catch (error) {
    return {
      server,
      host,
      role: role(),
      error: asEdgeError(error).message,
      newestFid: undefined,
    }
  }
}

async function lagOf(
  server: SqlServer,
  newestFid: number | undefined,
  ask: Ask,
): Promise<ReplicationLag> {
  try {
    const status = await ask((signal) => replicaStatus(server, signal))
    if (status !== undefined) return readStatus(status)
    const reason = 'it may not say (it needs REPLICA MONITOR or REPLICATION CLIENT)'
    if (newestFid === undefined) {
      return { kind: 'unknown', reason: `${reason}, and there is no primary to compare it with` }
    }
    const files = newestFid - (await ask((signal) => newestFidOf(server, signal)))
    return { kind: 'files', files: Math.max(0, files) }
  } catch (error) {
    return { kind: 'unknown', reason: asEdgeError(error).message }
  }
}

async function newestFidOf(server: SqlServer, signal: AbortSignal): Promise<number> {
  const [[fid] = []] = await server.execute(NEWEST_FID, [], signal)
  return countColumn(fid ?? 0)
}

/** Undefined where the user may not ask, or the server is no replica by its own word. */
async function replicaStatus(
  server: SqlServer,
  signal: AbortSignal,
): Promise<SqlNamedRow | undefined> {
  for (const sql of REPLICA_STATUS) {
    try {
      const [row] = await server.query(sql, signal)
      return row
    } catch (error) {
      if (!(error instanceof EdgeError) || error.code !== 'refused_by_server') throw error
    }
  }
  return undefined
}

/** Columns as MariaDB and older MySQL call them, then as newer MySQL does. */
function readStatus(row: SqlNamedRow): ReplicationLag {
  const seconds = row['Seconds_Behind_Master'] ?? row['Seconds_Behind_Source']
  if (typeof seconds === 'number' && seconds >= 0) return { kind: 'seconds', seconds }
  const said = [row['Last_IO_Error'], row['Last_SQL_Error']]
  const [reason = 'no error is given'] = said.filter((one) => typeof one === 'string' && one !== '')
  return { kind: 'stopped', reason: String(reason).slice(0, 300) }
}
