import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Address, formatAddress } from '../../src/client/address.ts'
import { Connection } from '../../src/client/connection.ts'
import { Pool, type PoolOptions } from '../../src/client/pool.ts'
import { closedPort, startDaemon } from '../support/scripted-daemon.ts'
import { waitFor } from '../support/wait-for.ts'

const never = new AbortController().signal

const OPTIONS: PoolOptions = {
  maxConnections: 2,
  maxWaiting: 2,
  waitTimeoutMs: 5000,
  idleMs: 60_000,
  lifetimeMs: 600_000,
  now: () => 0,
}

function poolOf(address: Address, options: Partial<PoolOptions> = {}): Pool {
  const open = (signal: AbortSignal): Promise<Connection> =>
    Connection.open(address, { timeoutMs: 2000, signal, now: 0 })
  return new Pool(formatAddress(address), { ...OPTIONS, ...options }, open)
}

async function start(t: { after(fn: () => unknown): void }, options: Partial<PoolOptions> = {}) {
  const daemon = await startDaemon(() => undefined)
  const pool = poolOf(daemon.address, options)
  t.after(async () => {
    pool.close()
    await daemon.close()
  })
  return { daemon, pool }
}

describe('pool', () => {
  test('leaves a part of its connections to short answers', async (t) => {
    const { pool } = await start(t, { maxConnections: 4 })
    const lent = await Promise.all([1, 2, 3, 4].map(() => pool.acquire(never)))
    for (const connection of lent.slice(0, 3)) pool.beginLong(connection)
    const [first, , , last] = lent
    if (first === undefined || last === undefined) throw new Error('there are too few')
    assert.throws(() => pool.beginLong(last), { code: 'overloaded' })
    pool.release(first, true)
    pool.beginLong(last)
    assert.throws(() => pool.beginLong(first), { code: 'overloaded' })
  })

  test('gives the connection that was released last again', async (t) => {
    const { daemon, pool } = await start(t)
    const first = await pool.acquire(never)
    pool.release(first, true)
    assert.equal(await pool.acquire(never), first)
    assert.equal(first.isReused, true)
    assert.equal(daemon.connections.length, 1)
  })

  test('closes a connection that may not be used again', async (t) => {
    const { daemon, pool } = await start(t)
    const first = await pool.acquire(never)
    pool.release(first, false)
    assert.equal(pool.size, 0)
    assert.notEqual(await pool.acquire(never), first)
    await waitFor('a second connection', () => daemon.connections.length === 2)
  })

  test('a connection with left-over bytes is not given to another', async (t) => {
    const daemon = await startDaemon((socket) => socket.write('surplus'))
    const pool = poolOf(daemon.address)
    t.after(async () => {
      pool.close()
      await daemon.close()
    })
    const first = await pool.acquire(never)
    await waitFor('the surplus', () => !first.isUsable)
    pool.release(first, true)
    assert.equal(pool.size, 0)
  })

  test('opens no more than maxConnections and hands a released one to who waits', async (t) => {
    const { daemon, pool } = await start(t)
    const [first] = await Promise.all([pool.acquire(never), pool.acquire(never)])
    const waiting = pool.acquire(never)
    pool.release(first, true)
    assert.equal(await waiting, first)
    await waitFor('both connections', () => daemon.connections.length === 2)
    assert.equal(pool.size, 2)
  })

  test('one that waits opens its own when a used one is closed', async (t) => {
    const { pool } = await start(t, { maxConnections: 1 })
    const first = await pool.acquire(never)
    const waiting = pool.acquire(never)
    pool.release(first, false)
    assert.notEqual(await waiting, first)
    assert.equal(pool.size, 1)
  })

  test('refuses more waiting requests than maxWaiting', async (t) => {
    const { pool } = await start(t, { maxConnections: 1, maxWaiting: 1 })
    const first = await pool.acquire(never)
    const waiting = pool.acquire(never)
    await assert.rejects(pool.acquire(never), { code: 'pool_exhausted' })
    pool.release(first, true)
    await waiting
  })

  test('waiting has a deadline', async (t) => {
    const { pool } = await start(t, { maxConnections: 1, waitTimeoutMs: 10 })
    await pool.acquire(never)
    await assert.rejects(pool.acquire(never), { code: 'pool_exhausted' })
  })

  test('one that goes away while it waits leaves its place', async (t) => {
    const { pool } = await start(t, { maxConnections: 1 })
    const first = await pool.acquire(never)
    const controller = new AbortController()
    const gone = pool.acquire(controller.signal)
    const patient = pool.acquire(never)
    controller.abort()
    await assert.rejects(gone, { code: 'aborted' })
    pool.release(first, true)
    assert.equal(await patient, first)
  })

  test('a failed attempt frees its place for who waits', async () => {
    const pool = poolOf(await closedPort(), { maxConnections: 1 })
    const attempts = await Promise.allSettled([pool.acquire(never), pool.acquire(never)])
    const codes = attempts.map((one) => one.status === 'rejected' && one.reason.code)
    assert.deepEqual(codes, ['connect_failed', 'connect_failed'])
    assert.equal(pool.size, 0)
  })
})

describe('pool, idle and lifetime', () => {
  test('an idle connection is not used after idleMs, and swept away', async (t) => {
    let now = 0
    const { pool } = await start(t, { now: () => now, idleMs: 1000 })
    const first = await pool.acquire(never)
    pool.release(first, true)
    now = 1001
    const second = await pool.acquire(never)
    assert.notEqual(second, first)
    pool.release(second, true)
    now = 2100
    pool.sweep()
    assert.deepEqual([pool.size, pool.idleCount], [0, 0])
  })

  test('a connection is closed when it comes back older than lifetimeMs', async (t) => {
    let now = 0
    const { pool } = await start(t, { now: () => now, lifetimeMs: 1000 })
    const first = await pool.acquire(never)
    now = 1001
    pool.release(first, true)
    assert.equal(pool.size, 0)
  })

  test('one that the daemon has closed meanwhile is not given out', async (t) => {
    const { daemon, pool } = await start(t)
    const first = await pool.acquire(never)
    pool.release(first, true)
    daemon.connections[0]?.destroy()
    await waitFor('the end of the connection', () => !first.isUsable)
    assert.notEqual(await pool.acquire(never), first)
  })

  test('ends idle connections at once and used ones when they come back', async (t) => {
    const { pool } = await start(t)
    const [first, second] = await Promise.all([pool.acquire(never), pool.acquire(never)])
    pool.release(first, true)
    pool.close()
    assert.equal(pool.size, 1)
    pool.release(second, true)
    assert.equal(pool.size, 0)
    await assert.rejects(pool.acquire(never), { code: 'aborted' })
  })
})
