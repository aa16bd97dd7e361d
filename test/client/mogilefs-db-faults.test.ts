import assert from 'node:assert/strict'
import { connect, type Socket } from 'node:net'
import { after, afterEach, before, describe, test } from 'node:test'
import type { EdgeError } from '../../src/errors.ts'
import { type MariadbServer, startMariadb } from '../support/mariadb.ts'
import { closedPort, startDaemon } from '../support/scripted-daemon.ts'
import { waitFor } from '../support/wait-for.ts'
import {
  CLUSTER,
  type Db,
  fileOf,
  fileSql,
  never,
  openDb,
  RECOVER_MS,
} from './mogilefs-db-fixture.ts'

const pair = await startMariadb({ after, afterEach })
const { primary, replica, exec } = pair
await exec(`${CLUSTER}; ${fileSql({ fid: 1, key: 'old' })}`)
await pair.caughtUp()

const img = (key: string) => ({ domain: 'img', key })
/** Longer than any test may take: what passes has not waited for it. */
const FOREVER = 100_000

function failuresOf({ events }: Db): readonly (readonly [string, string])[] {
  return events.flatMap((event) =>
    event.type === 'host_failed' ? [[event.host, event.error.code] as const] : [],
  )
}

/** Stops a server in its tracks, until the test is over or `resume`. */
async function suspend(t: { after(fn: () => unknown): void }, server: MariadbServer) {
  t.after(() => pair.resume(server))
  await pair.suspend(server)
}

async function kill(t: { after(fn: () => unknown): void }, server: MariadbServer): Promise<void> {
  await pair.kill(server)
  t.after(() => pair.start(server))
}

describe('a primary and a replica', () => {
  test('the replica answers, and its "no" is not final', async (t) => {
    const { db, events } = openDb(t, [primary, replica])
    const found = await db.locate(img('old'), never)
    assert.deepEqual([fileOf(found.lookup).fid, found.isAuthoritative], [1, false])
    assert.deepEqual(await db.locate(img('nosuch'), never), {
      lookup: 'no_key',
      isAuthoritative: false,
    })
    assert.equal(await db.locateOnPrimary(img('nosuch'), never), 'no_key')
    assert.deepEqual(events, [])
  })

  test('a key that the replica has not got yet is found on the primary', async (t) => {
    const { db } = openDb(t, [primary, replica])
    await pair.stopReplication()
    t.after(() => pair.startReplication())
    await exec(fileSql({ fid: 2, key: 'fresh' }))
    assert.deepEqual(await db.locate(img('fresh'), never), {
      lookup: 'no_key',
      isAuthoritative: false,
    })
    assert.equal(fileOf(await db.locateOnPrimary(img('fresh'), never)).fid, 2)
  })

  test('a domain that the replica has not got yet is known from the primary', async (t) => {
    const { db } = openDb(t, [primary, replica])
    await pair.stopReplication()
    t.after(() => pair.startReplication())
    await exec("INSERT INTO domain VALUES (20, 'fresh')")
    assert.deepEqual(await db.locate({ domain: 'fresh', key: 'a' }, never), {
      lookup: 'no_key',
      isAuthoritative: false,
    })
    assert.deepEqual(await db.locate({ domain: 'nosuch', key: 'a' }, never), {
      lookup: 'no_domain',
      isAuthoritative: true,
    })
  })

  test('a server that may only be read is no primary, wherever it stands', async (t) => {
    const { db } = openDb(t, [replica])
    assert.deepEqual(await db.locate(img('nosuch'), never), {
      lookup: 'no_key',
      isAuthoritative: false,
    })
    assert.equal(await db.locateOnPrimary(img('old'), never), undefined)
    assert.equal(await db.locateOnPrimary({ domain: 'nosuch', key: 'a' }, never), undefined)
  })

  test('a primary that becomes read-only is none any longer', async (t) => {
    let now = 0
    const { db } = openDb(t, [primary], { now: () => now })
    assert.equal((await db.locate(img('nosuch'), never)).isAuthoritative, true)
    await exec('SET GLOBAL read_only = 1')
    t.after(() => exec('SET GLOBAL read_only = 0'))
    now = 2000
    await db.locate({ domain: 'nosuch', key: 'a' }, never)
    assert.equal((await db.locate(img('nosuch'), never)).isAuthoritative, false)
    assert.equal(await db.locateOnPrimary(img('old'), never), undefined)
  })

  test('hosts are read again while requests come in', async (t) => {
    let now = 0
    const { db } = openDb(t, [primary], { now: () => now })
    await db.locate(img('old'), never)
    await exec("UPDATE host SET status = 'dead' WHERE hostid = 2")
    t.after(() => exec("UPDATE host SET status = 'alive'"))
    now = 3001
    await db.locate(img('old'), never)
    await waitFor('the new state', () => db.hosts().some(({ status }) => status === 'dead'))
    assert.equal(fileOf((await db.locate(img('old'), never)).lookup).copies.length, 1)
  })
})

describe('servers that are killed', () => {
  test('the replica: the primary answers, and the replica again once it is back', async (t) => {
    const opened = openDb(t, [primary, replica])
    const { db, clock } = opened
    await db.locate(img('old'), never)
    await pair.kill(replica)
    for (let i = 0; i < 3; i += 1) {
      const { lookup, isAuthoritative } = await db.locate(img('old'), never)
      assert.deepEqual([fileOf(lookup).fid, isAuthoritative], [1, true])
    }
    const failures = failuresOf(opened)
    assert.equal(failures.length, 1, 'it was asked again though it had failed')
    assert.equal(failures[0]?.[0], replica.host)
    await pair.start(replica)
    clock.aheadMs += RECOVER_MS + 1
    assert.equal((await db.locate(img('old'), never)).isAuthoritative, false)
  })

  test('the primary: the replica goes on, also for who comes only now', async (t) => {
    const { db } = openDb(t, [primary, replica])
    await db.locate(img('old'), never)
    await kill(t, primary)
    const late = openDb(t, [primary, replica])
    for (const one of [db, late.db]) {
      assert.equal(fileOf((await one.locate(img('old'), never)).lookup).fid, 1)
      const missing = await one.locate(img('nosuch'), never)
      assert.deepEqual(missing, { lookup: 'no_key', isAuthoritative: false })
      await assert.rejects(one.locateOnPrimary(img('old'), never), { code: 'no_tracker' })
    }
    const key = { domain: 'nosuch', key: 'a' }
    const unknown = await late.db.locate(key, never)
    assert.deepEqual(unknown, { lookup: 'no_domain', isAuthoritative: false })
    await assert.rejects(late.db.locateOnPrimary(key, never), { code: 'no_tracker' })
  })

  test('both: nobody answers, and both do again without a new start', async (t) => {
    const { db } = openDb(t, [primary, replica])
    await db.locate(img('old'), never)
    await Promise.all([pair.kill(primary), pair.kill(replica)])
    await assert.rejects(db.locate(img('old'), never), { code: 'no_tracker' })
    await assert.rejects(openDb(t, [primary, replica]).db.locate(img('old'), never), {
      code: 'no_tracker',
    })
    await Promise.all([pair.start(primary), pair.start(replica)])
    assert.equal(fileOf((await db.locate(img('old'), never)).lookup).fid, 1)
    await pair.caughtUp()
  })

  test('connections that the server has closed are opened again without a failure', async (t) => {
    const { db, events } = openDb(t, [primary])
    await Promise.all([1, 2, 3].map(() => db.locate(img('old'), never)))
    await exec('KILL USER mogile')
    await Promise.all([1, 2, 3].map(() => db.locate(img('old'), never)))
    assert.deepEqual(events, [])
  })
})

/** Stands before the primary, and breaks a connection at the first word after `cut`. */
async function startBreaker(t: { after(fn: () => unknown): void }) {
  const doomed = new Set<Socket>()
  const daemon = await startDaemon((socket) => {
    const server = connect(primary.address).on('error', () => socket.destroy())
    socket.on('close', () => server.destroy())
    socket.on('data', (chunk) => {
      if (doomed.has(socket)) socket.destroy()
      else server.write(chunk)
    })
    server.pipe(socket)
  })
  t.after(() => daemon.close())
  const cut = (): void => daemon.connections.forEach((socket) => void doomed.add(socket))
  return { ...daemon, cut }
}

describe('a connection that breaks when it is used again', () => {
  test('is replaced by a new one, without a failure', async (t) => {
    const breaker = await startBreaker(t)
    const { db, events } = openDb(t, [breaker])
    await db.locate(img('old'), never)
    breaker.cut()
    assert.equal(fileOf((await db.locate(img('old'), never)).lookup).fid, 1)
    assert.deepEqual([events, breaker.connections.length], [[], 2])
  })
})

describe('servers that hang', () => {
  const patient = { firstAnswerMs: FOREVER, connectTimeoutMs: FOREVER, hedgeMs: 50 }

  test('the replica: the primary is asked after hedgeMs, then first, until it is back', async (t) => {
    const { db, events, clock } = openDb(t, [primary, replica], patient)
    await db.locate(img('old'), never)
    await suspend(t, replica)
    for (let i = 0; i < 3; i += 1) {
      assert.equal((await db.locate(img('old'), never)).isAuthoritative, true)
    }
    const [silence, ...others] = events
    assert.deepEqual(silence, { type: 'host_silent', host: replica.host })
    assert.deepEqual(others, [{ type: 'failed_over', from: replica.host, to: primary.host }])
    pair.resume(replica)
    clock.aheadMs += RECOVER_MS + 1
    assert.equal((await db.locate(img('old'), never)).isAuthoritative, false)
  })

  test('a replica that hangs before anybody has connected to it', async (t) => {
    const { db } = openDb(t, [primary, replica], patient)
    await suspend(t, replica)
    assert.equal(fileOf((await db.locate(img('old'), never)).lookup).fid, 1)
  })

  test('the primary: the tables come from the replica', async (t) => {
    const { db } = openDb(t, [primary, replica], patient)
    await suspend(t, primary)
    assert.equal(fileOf((await db.locate(img('old'), never)).lookup).fid, 1)
  })

  test('the primary, when nothing is known yet: it is waited for as long as for one question', async (t) => {
    const { db } = openDb(t, [primary, replica], { ...patient, hedgeMs: 1500 })
    await suspend(t, primary)
    const startedAt = performance.now()
    assert.equal(fileOf((await db.locate(img('old'), never)).lookup).fid, 1)
    const tookMs = performance.now() - startedAt
    assert.ok(tookMs < 4 * 1500, `${tookMs} ms`)
  })

  test('the only one: each question ends in time, and its connection with it', async (t) => {
    const opened = openDb(t, [primary], {
      firstAnswerMs: 200,
      connectTimeoutMs: 200,
      maxConnections: 2,
    })
    const { db } = opened
    await db.locate(img('old'), never)
    const sockets = countSockets()
    await suspend(t, primary)
    const asked = Array.from({ length: 6 }, () => db.locate(img('old'), never))
    for (const { status } of await Promise.allSettled(asked)) assert.equal(status, 'rejected')
    assert.ok(failuresOf(opened).some(([, code]) => code === 'timeout'))
    await waitFor('the end of the silent connections', () => countSockets() < sockets)
    pair.resume(primary)
    assert.equal(fileOf((await db.locate(img('old'), never)).lookup).fid, 1)
  })

  test('to connect to it ends in time too', async (t) => {
    const { db } = openDb(t, [primary], { connectTimeoutMs: 100 })
    await suspend(t, primary)
    await assert.rejects(db.locate(img('old'), never), (error: EdgeError) => {
      assert.deepEqual([error.code, (error.cause as EdgeError).code], ['no_tracker', 'timeout'])
      return true
    })
  })

  test('who gives up does not wait', async (t) => {
    const { db } = openDb(t, [primary], patient)
    await db.locate(img('old'), never)
    await suspend(t, primary)
    const controller = new AbortController()
    const asked = db.locate(img('old'), controller.signal)
    setImmediate(() => controller.abort())
    await assert.rejects(asked, { code: 'aborted' })
  })
})

function countSockets(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length
}

describe('the check at the start', () => {
  before(() =>
    exec(`CREATE DATABASE mogilefs_empty; CREATE DATABASE mogilefs_odd;
      CREATE TABLE mogilefs_odd.host LIKE host; CREATE TABLE mogilefs_odd.device LIKE device;
      CREATE TABLE mogilefs_odd.domain LIKE domain; CREATE TABLE mogilefs_odd.class LIKE class;
      CREATE TABLE mogilefs_odd.file LIKE file; CREATE TABLE mogilefs_odd.file_on LIKE file_on;
      CREATE TABLE mogilefs_odd.checksum LIKE checksum; ALTER TABLE mogilefs_odd.file CHANGE dkey name varchar(255)`),
  )

  const on = (database: string) => ({ servers: [{ ...primary.address, database }] })
  const who = `mogile@${primary.host}`
  const wrong = [
    ['password', { password: 's3cret' }, `as ${who}: the user name or the password is wrong`],
    ['user', { user: 'nobody' }, `as nobody@${primary.host}: the user name or the password`],
    ['database', on('nosuch'), `database "nosuch" as ${who}: there is no such database`],
    ['schema', on('mogilefs_empty'), `database "mogilefs_empty" as ${who}: a table is missing`],
    ['column', on('mogilefs_odd'), `database "mogilefs_odd" as ${who}: a column is missing`],
  ] as const

  for (const [what, options, says] of wrong) {
    test(`names a wrong ${what}`, async (t) => {
      const { db } = openDb(t, [primary], options)
      await assert.rejects(db.check(), (error: EdgeError) => {
        assert.equal(error.code, 'invalid_config')
        assert.ok(error.message.includes(says), error.message)
        assert.doesNotMatch(error.message, /s3cret/)
        return true
      })
    })
  }

  test('names what is wrong with one server though the other is right', async (t) => {
    const servers = ['mogilefs', 'mogilefs_empty'].map((database) => ({
      ...primary.address,
      database,
    }))
    const { db } = openDb(t, [], { servers })
    await assert.rejects(db.check(), { code: 'invalid_config', message: /mogilefs_empty/ })
  })

  test('is content with servers that are right, and one that is down', async (t) => {
    await openDb(t, [primary, replica]).db.check()
    await openDb(t, [primary, { address: await closedPort() }]).db.check()
    await openDb(t, [{ address: await closedPort() }, replica]).db.check()
  })

  test('tells where nobody answers', async (t) => {
    const { db } = openDb(t, [{ address: await closedPort() }])
    await assert.rejects(db.check(), { code: 'no_tracker', message: /ECONNREFUSED/ })
  })

  test('works over the socket of a server', async (t) => {
    const server = { ...primary.address, database: 'mogilefs', socketPath: primary.socketPath }
    const { db } = openDb(t, [], { servers: [server], user: 'root', password: '' })
    await db.check()
    assert.equal(fileOf((await db.locate(img('old'), never)).lookup).fid, 1)
  })
})

describe('what is no database server', () => {
  const talks: readonly (readonly [string, Buffer | string])[] = [
    ['speaks HTTP', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
    ['speaks SSH', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['sends zeros', Buffer.alloc(200)],
    ['cuts its greeting short', Buffer.from('04000000' + '0a350001', 'hex')],
    ['sends a broken error', Buffer.from('03000000ff0102', 'hex')],
  ]
  for (const [what, bytes] of talks) {
    test(`a server that ${what} is passed by`, async (t) => {
      const daemon = await startDaemon((socket) => socket.end(bytes))
      t.after(() => daemon.close())
      const opened = openDb(t, [primary, daemon])
      assert.equal(fileOf((await opened.db.locate(img('old'), never)).lookup).fid, 1)
      assert.deepEqual(failuresOf(opened).length, 1)
      await assert.rejects(openDb(t, [daemon]).db.check(), { code: 'no_tracker' })
    })
  }
})
