import type { EdgeEvent } from '../../src/client/events.ts'
import { HostHealth } from '../../src/client/host-health.ts'
import { MogilefsDb, type MogilefsDbOptions } from '../../src/client/mogilefs-db.ts'
import type { MogilefsFile, MogilefsLookup } from '../../src/client/mogilefs-file.ts'
import { formatFidUrl } from '../../src/wire/mogilefs/fid-path.ts'
import { DATABASE, type MariadbServer, USER } from '../support/mariadb.ts'

export const never = new AbortController().signal

/** A failed server is trusted again after this time of `Db.clock`. */
export const RECOVER_MS = 10_000

export interface Db {
  readonly db: MogilefsDb
  readonly health: HostHealth
  readonly events: EdgeEvent[]
  /** Added to the time that the health of hosts is told. */
  readonly clock: { aheadMs: number }
}

/** A client of servers, the first of them as the primary. */
export function openDb(
  t: { after(fn: () => unknown): void },
  servers: readonly Pick<MariadbServer, 'address'>[],
  options: Partial<MogilefsDbOptions> = {},
): Db {
  const events: EdgeEvent[] = []
  const clock = { aheadMs: 0 }
  const now = (): number => performance.now() + clock.aheadMs
  const health = new HostHealth({ recoverMs: RECOVER_MS, now })
  const db = new MogilefsDb({
    servers: servers.map(({ address }) => ({ ...address, database: DATABASE })),
    ...USER,
    charset: 'utf8mb4',
    maxConnections: 4,
    connectTimeoutMs: 5000,
    firstAnswerMs: 5000,
    hedgeMs: 2000,
    tablesRefreshMs: 3000,
    health,
    observe: (event) => void events.push(event),
    now: () => performance.now(),
    ...options,
  })
  t.after(() => db.close())
  return { db, health, events, clock }
}

/** Three hosts with a device each, and the domains, as in the recorded cluster. */
export const CLUSTER = `
INSERT INTO host (hostid, status, http_port, hostname, hostip) VALUES
  (1, 'alive', 7500, 'node1', '127.0.0.1'), (2, 'alive', 7500, 'node2', '127.0.0.2'),
  (3, 'alive', 7500, 'node3', '127.0.0.3');
INSERT INTO device (devid, hostid, status) VALUES (1, 1, 'alive'), (2, 2, 'alive'), (3, 3, 'alive');
INSERT INTO domain (dmid, namespace) VALUES (1, 'img'), (2, 'video');
INSERT INTO class (dmid, classid, classname, mindevcount) VALUES (1, 1, 'along', 2), (2, 1, 'big', 3)`

export interface FileRow {
  readonly fid: number | bigint
  readonly key: string
  readonly dmid?: number
  readonly length?: number
  readonly classid?: number
  readonly devids?: readonly number[]
}

/** Statements that add a file and its copies. */
export function fileSql({ fid, key, dmid = 1, length = 13, classid = 1, devids }: FileRow): string {
  const hexKey = Buffer.from(key).toString('hex')
  const text = hexKey === '' ? "''" : `CONVERT(x'${hexKey}' USING utf8mb4)`
  const file = `REPLACE INTO file VALUES (${fid}, ${dmid}, ${text}, ${length}, ${classid}, 2)`
  const copies = (devids ?? [1, 2]).map((devid) => `REPLACE INTO file_on VALUES (${fid}, ${devid})`)
  return [file, ...copies].join(';\n')
}

/** The file of an answer. @throws where there is none */
export function fileOf(lookup: MogilefsLookup | undefined): MogilefsFile {
  if (typeof lookup === 'object') return lookup
  throw new Error(`the answer is ${lookup}`)
}

export function urlsOf(lookup: MogilefsLookup | undefined): readonly string[] {
  return fileOf(lookup).copies.map(formatFidUrl)
}

export function devidsOf(lookup: MogilefsLookup | undefined): readonly number[] {
  return fileOf(lookup).copies.map(({ devid }) => devid)
}
