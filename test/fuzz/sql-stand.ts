import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise'
import type { Address } from '../../src/client/address.ts'
import type { MogilefsConf } from '../../src/config/index.ts'
import { parseFidPath } from '../../src/wire/mogilefs/fid-path.ts'
import type { TestContext } from '../suites/store-stack.ts'
import { DATABASE, type MariadbServer, startLoneMariadb, USER } from '../support/mariadb.ts'
import { mogilefsConf } from '../support/mogilefs-stack.ts'
import { perlbal, startStorage } from '../support/scripted-storage.ts'
import type { OpenTarget } from './target.ts'

/** A MariaDB whose databases a target may fill as it likes. */
export interface SqlStand {
  readonly address: Address
  /** As root, in a database of its own, made when it is first named. */
  connect(database: string): Promise<RootConnection>
  /** Settings of an edge that asks this database alone. */
  conf(database: string, charset?: 'utf8mb4' | 'latin1'): MogilefsConf
}

export interface RootConnection {
  run(sql: string): Promise<void>
  /** Of one statement, values in the order of columns. */
  rows(sql: string): Promise<readonly (readonly unknown[])[]>
}

async function startSqlStand(t: TestContext): Promise<SqlStand> {
  const server = await startLoneMariadb(t)
  return {
    address: server.address,
    connect: async (database) => {
      const connection = await connectRoot(server, database)
      t.after(() => connection.destroy())
      return {
        run: async (sql) => void (await connection.query(sql)),
        rows: async (sql) => (await connection.query<RowDataPacket[][]>(sql))[0],
      }
    },
    conf: (database, charset = 'utf8mb4') => confOf(server, database, charset),
  }
}

/** All that `open` begins ends with the target. */
export async function openOverSql(
  open: (t: TestContext, sql: SqlStand) => Promise<OpenTarget>,
): Promise<OpenTarget> {
  const endings: (() => unknown)[] = []
  const close = async (): Promise<void> => {
    for (const end of endings.splice(0)) await end()
  }
  const t = { after: (fn: () => unknown) => void endings.unshift(fn) }
  try {
    return { ...(await open(t, await startSqlStand(t))), close }
  } catch (error) {
    await close()
    throw error
  }
}

/** A storage that has every fid, each with content of its own. */
export async function startFidStorage(t: TestContext): Promise<Address> {
  const storage = await startStorage(({ path }) => {
    const fid = parseFidPath(path)?.fid
    return fid === undefined ? perlbal('404 Not Found') : perlbal('200 OK', contentOf(fid))
  })
  t.after(() => storage.close())
  return storage.address
}

export function contentOf(fid: number): string {
  return `the content of ${fid}`
}

/** What the edge's user may read begins so. */
export function databaseName(name: string | number): string {
  return `${DATABASE}_${name}`
}

async function connectRoot(server: MariadbServer, database: string): Promise<Connection> {
  const options = { user: 'root', multipleStatements: true, rowsAsArray: true }
  const connection = await createConnection({ ...options, socketPath: server.socketPath })
  // The definitions of tables and views need not outlive anything.
  await connection.query(`SET GLOBAL sync_frm = 0; CREATE DATABASE ${database}; USE ${database}`)
  return connection
}

function confOf(
  { address }: MariadbServer,
  database: string,
  charset: 'utf8mb4' | 'latin1',
): MogilefsConf {
  const servers = [{ ...address, database }]
  return mogilefsConf(
    { trackers: [] },
    { resolve: ['database'], database: { servers, ...USER, charset, connectionsMax: 4 } },
  )
}
