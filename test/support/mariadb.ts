import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createConnection } from 'mysql2/promise'
import { freePort } from './free-port.ts'
import { installMariadb, MariadbServer } from './mariadb-server.ts'

export type { MariadbServer } from './mariadb-server.ts'

export const DATABASE = 'mogilefs'
/** May do in databases of that name, and of one that begins so, what MogileFS may. */
export const USER = { user: 'mogile', password: 'mo"gile' }
const REPLICATION_USER = { user: 'repl', password: 'repl' }

const SCHEMA = new URL('../fixtures/mogilefs-schema.sql', import.meta.url)

/** A test, a suite, or `node:test` itself for all tests of a file. */
export interface MariadbContext {
  after(fn: () => unknown): void
  /** Where it is there, the servers' logs are added to the error of a test that failed. */
  afterEach?(fn: (t: unknown) => void): void
}

/** A primary with the tables of MogileFS, and a replica that may only be read. */
export interface MariadbPair {
  readonly primary: MariadbServer
  readonly replica: MariadbServer
  /** Runs statements as root; the rows of the last one. */
  exec(sql: string, server?: MariadbServer): Promise<readonly Row[]>
  /** Waits until the replica has all that the primary has. */
  caughtUp(): Promise<void>
  stopReplication(): Promise<void>
  startReplication(): Promise<void>
  /** Ends a server at once. */
  kill(server: MariadbServer): Promise<void>
  /** Starts a killed server with what it had. */
  start(server: MariadbServer): Promise<void>
  /** Connections are accepted and nothing is answered, until `resume`. */
  suspend(server: MariadbServer): Promise<void>
  resume(server: MariadbServer): void
}

export type Row = Readonly<Record<string, unknown>>

/** Both servers in a temporary folder, gone after the test. Takes about two seconds. */
export async function startMariadb(t: MariadbContext): Promise<MariadbPair> {
  const folder = await mkdtemp(join(tmpdir(), 'dfs-edge-mariadb-'))
  const primary = new MariadbServer(join(folder, 'primary'), { id: 1, port: await freePort() })
  const startSlave = join(folder, 'start-slave.sql')
  const replica = new MariadbServer(join(folder, 'replica'), {
    id: 2,
    port: await freePort(),
    args: ['--read-only', '--skip-slave-start', `--init-file=${startSlave}`],
  })
  t.after(async () => {
    await Promise.all([primary.kill(), replica.kill()])
    await rm(folder, { recursive: true, force: true })
  })
  addLogs(t, [primary, replica])
  await writeFile(startSlave, replicateFrom(primary.port))
  await installMariadb(primary.folder, await setUpSql())
  await cp(primary.folder, replica.folder, { recursive: true })
  await Promise.all([primary.start(), replica.start()])
  return pairOf(primary, replica)
}

/** A primary alone, in about half the time. */
export async function startLoneMariadb(t: MariadbContext): Promise<MariadbServer> {
  const folder = await mkdtemp(join(tmpdir(), 'dfs-edge-mariadb-'))
  const server = new MariadbServer(join(folder, 'primary'), { id: 1, port: await freePort() })
  t.after(async () => {
    await server.kill()
    await rm(folder, { recursive: true, force: true })
  })
  addLogs(t, [server])
  await installMariadb(server.folder, await setUpSql())
  await server.start()
  return server
}

function pairOf(primary: MariadbServer, replica: MariadbServer): MariadbPair {
  const exec = (sql: string, server = primary): Promise<readonly Row[]> => execute(server, sql)
  return {
    primary,
    replica,
    exec,
    caughtUp: () => catchUp(primary, replica),
    stopReplication: async () => void (await exec('STOP SLAVE', replica)),
    startReplication: async () => void (await exec('START SLAVE', replica)),
    kill: (server) => server.kill(),
    start: (server) => server.start(),
    suspend: (server) => server.suspend(),
    resume: (server) => server.resume(),
  }
}

/** Lines of edge.conf. */
export function databaseSettings({ primary, replica }: MariadbPair): readonly string[] {
  const dsns = [primary, replica].map(
    ({ port }) => `db_dsn = DBI:mysql:${DATABASE}:host=127.0.0.1;port=${port}`,
  )
  return [...dsns, `db_user = ${USER.user}`, `db_pass = ${USER.password}`]
}

/** The tables of MogileFS; old installations have them in latin1. */
export async function schemaSql(charset: 'utf8mb4' | 'latin1' = 'utf8mb4'): Promise<string> {
  const sql = await readFile(SCHEMA, 'utf8')
  if (charset === 'utf8mb4') return sql
  return sql.replaceAll('CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci', 'CHARSET=latin1')
}

async function setUpSql(): Promise<string> {
  const { user, password } = USER
  const slave = REPLICATION_USER
  return `FLUSH PRIVILEGES;
CREATE USER '${user}'@'%' IDENTIFIED BY '${password}';
GRANT ALL ON \`${DATABASE}%\`.* TO '${user}'@'%';
CREATE USER '${slave.user}'@'%' IDENTIFIED BY '${slave.password}';
GRANT REPLICATION SLAVE ON *.* TO '${slave.user}'@'%';
CREATE DATABASE ${DATABASE};
USE ${DATABASE};
${await schemaSql()}`
}

/** An init file has one statement a line. */
function replicateFrom(port: number): string {
  const { user, password } = REPLICATION_USER
  const master = `MASTER_HOST='127.0.0.1', MASTER_PORT=${port}, MASTER_USER='${user}'`
  const habits = 'MASTER_USE_GTID=slave_pos, MASTER_CONNECT_RETRY=1'
  return `CHANGE MASTER TO ${master}, MASTER_PASSWORD='${password}', ${habits};\nSTART SLAVE;\n`
}

async function execute(server: MariadbServer, sql: string): Promise<readonly Row[]> {
  const connection = await createConnection({
    socketPath: server.socketPath,
    user: 'root',
    database: DATABASE,
    multipleStatements: true,
  })
  try {
    const [results] = await connection.query<Row[] & never>(sql)
    return lastRows(results)
  } finally {
    await connection.end()
  }
}

/** Rows where there was one statement, else an array with rows or a summary for each. */
function lastRows(results: unknown): readonly Row[] {
  if (!Array.isArray(results)) return []
  const last: unknown = results.at(-1)
  if (Array.isArray(last)) return last
  return results.every((row) => 'constructor' in row && row.constructor.name === 'ResultSetHeader')
    ? []
    : results
}

async function catchUp(primary: MariadbServer, replica: MariadbServer): Promise<void> {
  const [{ position } = {}] = await execute(primary, 'SELECT @@gtid_binlog_pos AS position')
  const wait = `SELECT MASTER_GTID_WAIT('${position}', 20) AS waited`
  const [{ waited } = {}] = await execute(replica, wait)
  if (waited !== 0) throw new Error(`the replica did not catch up\n${replica.log}`)
}

function addLogs(t: MariadbContext, servers: readonly MariadbServer[]): void {
  t.afterEach?.((test) => {
    const error = causeOfFailure(test)
    if (error === undefined) return
    const logs = servers.map((server) => `\nLog of ${server.folder}:\n${server.log}`)
    error.stack = `${error.stack}${logs.join('')}`
  })
}

/** What a test threw; the reporter prints its stack. */
function causeOfFailure(test: unknown): Error | undefined {
  const error: unknown = test instanceof Object && 'error' in test ? test.error : undefined
  return error instanceof Error && error.cause instanceof Error ? error.cause : undefined
}
