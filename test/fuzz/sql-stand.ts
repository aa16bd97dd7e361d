import { createHash } from 'node:crypto'
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise'
import { openMogilefsCluster } from '../../src/app/mogilefs-cluster.ts'
import type { Address } from '../../src/client/address.ts'
import type { MogilefsConf } from '../../src/config/index.ts'
import { parseFidPath } from '../../src/wire/mogilefs/fid-path.ts'
import type { TestContext } from '../suites/store-stack.ts'
import { DATABASE, type MariadbServer, startLoneMariadb, USER } from '../support/mariadb.ts'
import { mogilefsConf } from '../support/mogilefs-stack.ts'
import { perlbal, startStorage } from '../support/scripted-storage.ts'
import { LISTED, quickConf, readFile, statusOf } from './stands.ts'
import type { OpenTarget } from './target.ts'

/** The file that is asked for. */
export const REF = { system: 'mogilefs', domain: 'img', key: 'test' } as const
const FID = 3
const OTHER = 4
const LENGTH = contentOf(FID).length
const MD5 = createHash('md5').update(contentOf(FID)).digest('hex')
/** What databases that are well hold. */
export const ROWS: readonly string[] = [
  ...[`host|1|a|${LISTED.host}|alive|${LISTED.port}|N|N|N`, 'host|2|b|N|down|7500|N|N|N'],
  ...['device|1|1|alive|100|1000|10', 'device|2|2|alive|100|1000|10'],
  ...['domain|1|img', 'domain|2|other', 'class|1|1|1'],
  ...[`file|${FID}|1|test|${LENGTH}|1`, `file|${OTHER}|1|other|${LENGTH}|1`],
  ...[`file_on|${FID}|1`, `file_on|${OTHER}|1`, `checksum|${FID}|1|#${MD5}`],
]
/** A machine that does other things beside it is no silent database. */
const PATIENT = { connectMs: 400, networkMs: 400, firstAnswerMs: 400, hedgeMs: 100 }

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

/** How the question for the file ends in a cluster of this database. @throws what is wrong */
export async function outcomeOverSql(
  mogilefs: MogilefsConf,
  { text, storage }: { readonly text: string; readonly storage: Address },
  checkContent: (content: Buffer, text: string) => void,
): Promise<string> {
  const base = quickConf({ storage, said: [text] })
  const conf = { ...base, mogilefs, timeouts: { ...base.timeouts, ...PATIENT } }
  const cluster = openMogilefsCluster(conf, mogilefs, { observe: () => undefined })
  try {
    const content = await readFile(conf, cluster, REF)
    if (content !== null) checkContent(content, text)
    return content === null ? 'not found' : 'content'
  } catch (error) {
    return statusOf(error)
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
