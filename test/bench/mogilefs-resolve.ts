// Resolves of MogileFS keys in a second; run alone it prints its table.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPool, type Pool, type RowDataPacket } from 'mysql2/promise'
import { openClusters } from '../../src/app/clusters.ts'
import { formatTable } from '../../src/app/commands/output.ts'
import type { Address } from '../../src/client/address.ts'
import { HostHealth } from '../../src/client/host-health.ts'
import { MogilefsDb } from '../../src/client/mogilefs-db.ts'
import type { MogilefsKey } from '../../src/client/mogilefs-file.ts'
import { defaultEdgeConf, type MogilefsConf, type ResolveWay } from '../../src/config/index.ts'
import { Child } from '../support/child.ts'
import { DATABASE, type MariadbPair, startMariadb, USER } from '../support/mariadb.ts'

const FILES = 20_000
const IN_FLIGHT = 16
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 5)
/** Pieces of each run, taken in turns: the machine is not the same from second to second. */
const ROUNDS = 4

export interface ResolveRate {
  readonly name: string
  readonly resolvesPerSecond: number
}

interface Contender {
  readonly name: string
  resolve(index: number): Promise<unknown>
}

/** The database's own statement first: what the others are measured by. */
export async function benchResolves(): Promise<readonly ResolveRate[]> {
  const endings: (() => unknown)[] = []
  const pair = await startMariadb({ after: (end) => void endings.unshift(end) })
  try {
    await fill(pair)
    const pool = openPool(pair)
    const db = openDb(pair)
    endings.unshift(
      () => pool.end(),
      () => db.close(),
    )
    const tracker = await startTracker(endings)
    const resolved = (name: string, conf: Partial<MogilefsConf>): Contender =>
      resolver(name, { ...mogilefsConf(pair, tracker), ...conf }, endings)
    return await measure([
      bareStatement(pool),
      database(db),
      resolved('resolver, from the database', { resolve: ['database'], locationMs: 0 }),
      resolved('resolver, from the embedded tracker', { resolve: ['tracker'], locationMs: 0 }),
      resolved('resolver, location remembered', { resolve: ['database'], locationMs: 600_000 }),
    ])
  } finally {
    for (const end of endings) await end()
  }
}

export function formatResolves(rates: readonly ResolveRate[]): string {
  const [first] = rates
  const rows = rates.map(({ name, resolvesPerSecond: rate }) => [
    name,
    rate.toFixed(0),
    (rate / (first?.resolvesPerSecond ?? 1)).toFixed(2),
  ])
  return `MogileFS, ${FILES} files, ${IN_FLIGHT} keys at a time\n${formatTable(['', 'resolves/s', 'ratio'], rows)}`
}

async function fill({ exec }: MariadbPair): Promise<void> {
  await exec(`
    INSERT INTO host (hostid, status, http_port, hostname, hostip) VALUES
      (1, 'alive', 7500, 'node1', '127.0.0.1'), (2, 'alive', 7500, 'node2', '127.0.0.2');
    INSERT INTO device (devid, hostid, status) VALUES (1, 1, 'alive'), (2, 2, 'alive');
    INSERT INTO domain VALUES (1, 'img');
    INSERT INTO class VALUES (1, 1, 'along', 2, NULL, NULL);
    INSERT INTO file SELECT seq, 1, CONCAT('seller/2026/', seq, '.jpg'), 30720, 1, 2 FROM seq_1_to_${FILES};
    INSERT INTO file_on SELECT fid, 1 FROM file UNION ALL SELECT fid, 2 FROM file`)
}

function openPool({ primary }: MariadbPair): Pool {
  const server = { ...primary.address, ...USER, database: DATABASE }
  return createPool({ ...server, connectionLimit: IN_FLIGHT })
}

function openDb({ primary }: MariadbPair): MogilefsDb {
  const now = (): number => performance.now()
  return new MogilefsDb({
    servers: [{ ...primary.address, database: DATABASE }],
    ...USER,
    charset: 'utf8mb4',
    maxConnections: IN_FLIGHT,
    connectTimeoutMs: 2000,
    firstAnswerMs: 2000,
    hedgeMs: 100,
    tablesRefreshMs: 3000,
    health: new HostHealth({ recoverMs: 10_000, now }),
    observe: () => undefined,
    now,
  })
}

function keyOf(index: number): string {
  return `seller/2026/${((index * 7919) % FILES) + 1}.jpg`
}

function bareStatement(pool: Pool): Contender {
  const sql =
    'SELECT f.fid, f.length, f.classid, o.devid FROM file f LEFT JOIN file_on o ON o.fid = f.fid WHERE f.dmid = ? AND f.dkey = ?'
  const resolve = async (index: number): Promise<unknown> => {
    const [rows] = await pool.execute<RowDataPacket[]>(sql, [1, keyOf(index)])
    if (rows.length !== 2) throw new Error(`${rows.length} rows for ${keyOf(index)}`)
    return rows
  }
  return { name: 'prepared statement on a pool of mysql2', resolve }
}

function database(db: MogilefsDb): Contender {
  const { signal } = new AbortController()
  const resolve = async (index: number): Promise<unknown> => {
    const key: MogilefsKey = { domain: 'img', key: keyOf(index) }
    const { lookup } = await db.locate(key, signal)
    if (typeof lookup !== 'object' || lookup.copies.length !== 2) throw new Error(key.key)
    return lookup
  }
  return { name: 'the edge, from the database', resolve }
}

/** A tracker in a process of its own, with the same keys. */
async function startTracker(endings: (() => unknown)[]): Promise<Address> {
  const dataDir = await mkdtemp(join(tmpdir(), 'dfs-edge-bench-'))
  endings.unshift(() => rm(dataDir, { recursive: true, force: true }))
  const start = Child.start<{ tracker: Address }>(new URL('mogilefs-process.ts', import.meta.url), {
    dataDir,
    files: FILES,
  })
  const child = await start
  endings.unshift(() => child.stop())
  return child.ready.tracker
}

function mogilefsConf({ primary }: MariadbPair, tracker: Address): MogilefsConf {
  const resolve: readonly ResolveWay[] = ['database']
  const servers = [{ ...primary.address, database: DATABASE }]
  return {
    trackers: [tracker],
    database: { servers, ...USER, charset: 'utf8mb4', connectionsMax: IN_FLIGHT },
    resolve,
    locationMs: 0,
    zone: null,
    hasLeadingSlash: false,
    vhosts: { exact: new Map(), wildcards: new Map() },
  }
}

/** As the edge asks for each request: location cache, shared questions, order of copies. */
function resolver(name: string, mogilefs: MogilefsConf, endings: (() => unknown)[]): Contender {
  const clusters = openClusters({ ...defaultEdgeConf(), mogilefs }, () => undefined)
  endings.unshift(() => clusters.close())
  const resolve = async (index: number): Promise<unknown> => {
    const ref = { system: 'mogilefs', domain: 'img', key: keyOf(index) } as const
    const found = await clusters.resolver.resolve(ref)
    if (found?.replicas.length !== 2) throw new Error(ref.key)
    return found
  }
  return { name, resolve }
}

async function measure(contenders: readonly Contender[]): Promise<readonly ResolveRate[]> {
  const counts = new Map<Contender, { resolves: number; seconds: number }>()
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const contender of contenders) {
      const { resolves, seconds } = await run(contender, SECONDS / ROUNDS)
      // The first round is for the caches and the compiler.
      const before = round > 1 ? counts.get(contender) : undefined
      counts.set(contender, {
        resolves: (before?.resolves ?? 0) + resolves,
        seconds: (before?.seconds ?? 0) + seconds,
      })
    }
  }
  return Array.from(counts, ([{ name }, { resolves, seconds }]) => ({
    name,
    resolvesPerSecond: resolves / seconds,
  }))
}

async function run(contender: Contender, seconds: number) {
  const startedAt = performance.now()
  const deadline = startedAt + seconds * 1000
  let resolves = 0
  const keepBusy = async (): Promise<void> => {
    while (performance.now() < deadline) {
      await contender.resolve(resolves)
      resolves += 1
    }
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, keepBusy))
  return { resolves, seconds: (performance.now() - startedAt) / 1000 }
}

if (import.meta.main) process.stdout.write(`${formatResolves(await benchResolves())}\n`)
