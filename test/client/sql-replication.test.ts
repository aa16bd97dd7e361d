import assert from 'node:assert/strict'
import { after, afterEach, test } from 'node:test'
import { askWithin } from '../../src/client/ask.ts'
import type { MogilefsDb } from '../../src/client/mogilefs-db.ts'
import type { ReplicationLag } from '../../src/client/sql-replication.ts'
import { startMariadb, USER } from '../support/mariadb.ts'
import { closedPort } from '../support/scripted-daemon.ts'
import { CLUSTER, fileSql, openDb } from './mogilefs-db-fixture.ts'

const pair = await startMariadb({ after, afterEach })
const { primary, replica, exec } = pair
await exec(`${CLUSTER}; ${fileSql({ fid: 100, key: 'old' })}`)
await pair.caughtUp()

const ask = askWithin(20_000)

async function lagOf(db: MogilefsDb): Promise<ReplicationLag | null | undefined> {
  return (await db.survey(ask))[1]?.lag
}

test('a user with no more rights than MogileFS needs learns how many files are missing', async (t) => {
  const { db } = openDb(t, [primary, replica])
  assert.deepEqual(await db.survey(ask), [
    { host: primary.host, role: 'primary', error: null, lag: null },
    { host: replica.host, role: 'replica', error: null, lag: { kind: 'files', files: 0 } },
  ])
  await pair.stopReplication()
  t.after(() => pair.startReplication())
  await exec([103, 104].map((fid) => fileSql({ fid, key: `new${fid}` })).join(';'))
  assert.deepEqual(await lagOf(db), { kind: 'files', files: 4 })
  await pair.startReplication()
  await pair.caughtUp()
  assert.deepEqual(await lagOf(db), { kind: 'files', files: 0 })
})

test('one that may ask a replica learns its seconds, that it stopped, and why', async (t) => {
  const grant = `REPLICA MONITOR ON *.* TO '${USER.user}'@'%'`
  await exec(`GRANT ${grant}`)
  let isKilled = false
  t.after(async () => {
    if (isKilled) await pair.start(primary)
    await exec(`REVOKE ${grant.replace(' TO ', ' FROM ')}`)
    await pair.caughtUp()
  })
  await pair.caughtUp()
  const { db } = openDb(t, [primary, replica])
  assert.deepEqual(await lagOf(db), { kind: 'seconds', seconds: 0 })
  await pair.stopReplication()
  assert.deepEqual(await lagOf(db), { kind: 'stopped', reason: 'no error is given' })
  await pair.startReplication()
  await pair.kill(primary)
  isKilled = true
  // Until it has noticed.
  let lag = await lagOf(db)
  const deadline = performance.now() + 20_000
  while (lag?.kind !== 'stopped' && performance.now() < deadline) lag = await lagOf(db)
  assert.ok(lag?.kind === 'stopped', JSON.stringify(lag))
  assert.match(lag.reason, /connect/)
})

test('who does not answer says why, and without a primary nobody knows how far others are', async (t) => {
  const nobody = { address: await closedPort() }
  const { db } = openDb(t, [nobody, replica])
  const [first, second] = await db.survey(ask)
  assert.equal(first?.role, 'primary')
  assert.match(first?.error ?? '', /ECONNREFUSED/)
  assert.ok(second?.lag?.kind === 'unknown')
  assert.match(second.lag.reason, /no primary/)
})

test('one that hangs costs its deadline and no more', async (t) => {
  const { db } = openDb(t, [primary, replica])
  await db.survey(ask)
  t.after(() => pair.resume(replica))
  await pair.suspend(replica)
  const before = performance.now()
  const [first, second] = await db.survey(askWithin(200))
  assert.ok(performance.now() - before < 2000)
  assert.equal(first?.error, null)
  assert.equal(second?.error, 'no answer in 200 ms')
})
