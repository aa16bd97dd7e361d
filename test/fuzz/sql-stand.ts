import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise'
import type { Address } from '../../src/client/address.ts'
import type { MogilefsConf } from '../../src/config/index.ts'
import type { TestContext } from '../suites/store-stack.ts'
import { DATABASE, type MariadbServer, startMariadb, USER } from '../support/mariadb.ts'
import { mogilefsConf } from '../support/mogilefs-stack.ts'

/** A MariaDB whose databases a target may fill as it likes. */
export interface SqlStand {
  readonly address: Address
  /** As root, in a database of its own, made when it is first named. */
  connect(database: string): Promise<RootConnection>
  /** Settings of an edge that asks this database alone. */
  conf(database: string, charset?: 'utf8mb4' | 'latin1'): MogilefsConf
}

export interface RootConnection {
  /** Rows of the last statement, values in the order of columns. */
  query(sql: string): Promise<readonly (readonly unknown[])[]>
}

export async function startSqlStand(t: TestContext): Promise<SqlStand> {
  const { primary } = await startMariadb(t)
  return {
    address: primary.address,
    connect: async (database) => {
      const connection = await connectRoot(primary, database)
      t.after(() => connection.destroy())
      return { query: (sql) => lastRows(connection, sql) }
    },
    conf: (database, charset = 'utf8mb4') => confOf(primary, database, charset),
  }
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

async function lastRows(connection: Connection, sql: string): Promise<readonly unknown[][]> {
  const [results] = await connection.query<RowDataPacket[][]>(sql)
  const last: unknown = results.at(-1)
  // One statement has rows, several have a list for each.
  if (Array.isArray(last) && last.every(Array.isArray)) return last
  return results
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
