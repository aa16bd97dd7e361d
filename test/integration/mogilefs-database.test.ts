import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import pino from 'pino'
import { type RunningEdge, startEdge } from '../../src/app/wiring.ts'
import type { ResolveWay } from '../../src/config/index.ts'
import { defaultEdgeConf, type EdgeConf } from '../../src/config/index.ts'
import { keepNothing } from '../suites/store-stack.ts'
import { DATABASE, type MariadbPair, startMariadb, USER } from '../support/mariadb.ts'
import { type MogilefsStack, mogilefsConf, startMogilefs } from '../support/mogilefs-stack.ts'

const HELLO = Buffer.from('hello mogile\n')

/** Files on an embedded mogstored, and their rows in a real primary and its replica. */
class Cluster {
  readonly #closing: (() => unknown)[] = []
  readonly #edges: RunningEdge[] = []
  stack!: MogilefsStack
  mariadb!: MariadbPair

  async start(): Promise<void> {
    const context = { after: (fn: () => unknown) => void this.#closing.unshift(fn) }
    this.stack = await startMogilefs(context, { replicas: 2 })
    this.mariadb = await startMariadb(context)
    const [port] = this.stack.store.mogstoreds.map(({ address }) => address.port)
    await this.mariadb.exec(`
      INSERT INTO host (hostid, status, http_port, hostname, hostip) VALUES
        (1, 'alive', ${port}, 'node1', '127.0.0.2'), (2, 'alive', ${port}, 'node2', '127.0.0.3');
      INSERT INTO device (devid, hostid, status) VALUES (1, 1, 'alive'), (2, 2, 'alive');
      INSERT INTO domain (dmid, namespace) VALUES (1, 'img')`)
  }

  async stop(): Promise<void> {
    for (const edge of this.#edges) await edge.close(0)
    for (const close of this.#closing) await close()
  }

  /** The file on both devices, and its rows on the primary. */
  async put(key: string, content: Buffer): Promise<void> {
    await this.stack.putAs(key, content)
    const ref = { domain: 'img', key }
    const info = await this.stack.clusters.mogilefs?.tracker.fileInfo(ref, never)
    assert.ok(info !== undefined && typeof info !== 'string')
    const { fid, length } = info
    await this.mariadb.exec(`
      INSERT INTO file (fid, dmid, dkey, length, classid, devcount)
        VALUES (${fid}, 1, '${key}', ${length}, 0, 2);
      INSERT INTO file_on (fid, devid) VALUES (${fid}, 1), (${fid}, 2)`)
  }

  conf(resolve: readonly ResolveWay[], change: Partial<EdgeConf> = {}): EdgeConf {
    const { primary, replica } = this.mariadb
    const servers = [primary, replica].map(({ address }) => ({ ...address, database: DATABASE }))
    const database = { servers, ...USER, charset: 'utf8mb4' as const, connectionsMax: 4 }
    const mogilefs = mogilefsConf(this.stack.store, { resolve, database })
    const listen = [{ host: '127.0.0.1', port: 0 }]
    const trackers = resolve.includes('tracker') ? mogilefs.trackers : []
    return { ...defaultEdgeConf(), listen, mogilefs: { ...mogilefs, trackers }, ...change }
  }

  /** An edge over HTTP: what it answers to `/img/KEY`. */
  async serve(conf: EdgeConf): Promise<(key: string) => Promise<Response>> {
    const edge = await startEdge(conf, { logger: pino({ level: 'silent' }) })
    this.#edges.push(edge)
    const url = (edge.urls[0] ?? '').slice(0, -1)
    return (key) => fetch(`${url}/img/${key}`)
  }
}

const never = new AbortController().signal

describe('MogileFS by its database', () => {
  const cluster = new Cluster()
  before(() => cluster.start())
  after(() => cluster.stop())

  it('needs no tracker', async () => {
    await cluster.put('plain.txt', HELLO)
    await cluster.mariadb.caughtUp()
    const get = await cluster.serve(cluster.conf(['database']))
    const response = await get('plain.txt')
    assert.equal(response.status, 200)
    assert.equal(await response.text(), `${HELLO}`)
    assert.match(response.headers.get('etag') ?? '', /^"[0-9]+"$/)
    assert.equal((await get('nothing.txt')).status, 404)
  })

  it('finds what the replica has not heard of yet', async () => {
    const get = await cluster.serve(cluster.conf(['database']))
    const getWithTracker = await cluster.serve(cluster.conf(['database', 'tracker']))
    await cluster.mariadb.stopReplication()
    await cluster.put('fresh.txt', HELLO)
    assert.equal((await get('fresh.txt')).status, 200)
    assert.equal((await getWithTracker('fresh.txt')).status, 200)
    await cluster.mariadb.startReplication()
    await cluster.mariadb.caughtUp()
  })

  it('goes on while one server is down, and says 503 when both are', async () => {
    const { mariadb } = cluster
    const quick = { ...defaultEdgeConf().timeouts, firstAnswerMs: 1000 }
    const get = await cluster.serve(keepNothing(cluster.conf(['database'], { timeouts: quick })))
    const getKept = await cluster.serve(cluster.conf(['database'], { timeouts: quick }))
    const statuses = async (...keys: string[]): Promise<number[]> =>
      Promise.all(keys.map(async (key) => (await get(key)).status))
    assert.equal((await getKept('plain.txt')).status, 200)
    assert.deepEqual(await statuses('plain.txt', 'none1.txt'), [200, 404])

    await mariadb.kill(mariadb.replica)
    assert.deepEqual(await statuses('plain.txt', 'none2.txt'), [200, 404])

    await mariadb.start(mariadb.replica)
    await mariadb.kill(mariadb.primary)
    // Nobody can vouch for a key that the replica does not know.
    assert.deepEqual(await statuses('plain.txt', 'none3.txt'), [200, 503])

    await mariadb.kill(mariadb.replica)
    const down = await get('none4.txt')
    assert.equal(down.status, 503)
    assert.match(down.headers.get('retry-after') ?? '', /^[0-9]+$/)
    assert.equal((await getKept('plain.txt')).status, 200, 'what was found before is served')

    await mariadb.start(mariadb.primary)
    await mariadb.start(mariadb.replica)
    assert.deepEqual(await statuses('plain.txt', 'none5.txt'), [200, 404])
  })
})

describe('a database that cannot be used', () => {
  const cluster = new Cluster()
  before(() => cluster.start())
  after(() => cluster.stop())

  it('is named at the start: wrong password, no such database, no such tables', async () => {
    const conf = cluster.conf(['database'])
    const { mogilefs } = conf
    assert.ok(mogilefs?.database)
    const { database } = mogilefs
    const [server] = database.servers
    assert.ok(server)
    await cluster.mariadb.exec(`CREATE DATABASE ${DATABASE}_empty`)
    const cases = [
      [{ ...database, password: 'wrong' }, /"mogile".*denied|denied.*mogile/],
      [{ ...database, servers: [{ ...server, database: `${DATABASE}_none` }] }, /mogilefs_none/],
      [{ ...database, servers: [{ ...server, database: `${DATABASE}_empty` }] }, /mogilefs_empty/],
    ] as const
    for (const [wrong, message] of cases) {
      const start = cluster.serve({ ...conf, mogilefs: { ...mogilefs, database: wrong } })
      await assert.rejects(start, { code: 'invalid_config', message })
    }
  })
})
