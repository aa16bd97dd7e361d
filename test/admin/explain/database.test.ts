import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { EdgeConf } from '../../../src/config/index.ts'
import { ExplainWorld } from '../../support/explain-world.ts'
import { DATABASE, type MariadbPair, startMariadb, USER } from '../../support/mariadb.ts'

const world = new ExplainWorld()
let mariadb: MariadbPair

function conf(login: Partial<typeof USER> = {}): EdgeConf {
  const servers = [mariadb.primary, mariadb.replica].map(({ address }) => ({
    ...address,
    database: DATABASE,
  }))
  const database = { servers, ...USER, ...login, charset: 'utf8mb4' as const, connectionsMax: 4 }
  const { mogilefs } = world.conf()
  return world.conf({
    mogilefs: mogilefs && { ...mogilefs, trackers: [], database, resolve: ['database'] },
  })
}

describe('what an explanation tells of databases', () => {
  before(async () => {
    await world.start()
    mariadb = await startMariadb(world)
    const [port] = world.mogilefs.store.mogstoreds.map(({ address }) => address.port)
    await mariadb.exec(`
      INSERT INTO host (hostid, status, http_port, hostname, hostip) VALUES
        (1, 'alive', ${port}, 'node1', '127.0.0.2');
      INSERT INTO device (devid, hostid, status) VALUES (1, 1, 'alive');
      INSERT INTO domain (dmid, namespace) VALUES (1, 'img')`)
    await mariadb.caughtUp()
  })
  after(() => world.stop())

  it('each by its own word, and that a replica lags', async () => {
    await mariadb.stopReplication()
    await mariadb.exec(`
      INSERT INTO file (fid, dmid, dkey, length, classid, devcount) VALUES (99, 1, 'new.jpg', 5, 0, 1);
      INSERT INTO file_on (fid, devid) VALUES (99, 1)`)
    const { lookups, notes, file, replicas, verdict } = await world.explain({
      url: '/img/new.jpg',
      conf: conf(),
    })
    assert.deepEqual(
      lookups.map(({ kind, answer }) => [kind, answer]),
      [
        ['database', 'fid 99, 5 bytes, dev1 (the primary)'],
        ['database', 'no such key'],
      ],
    )
    assert.match(notes.join(), /a replica of the database lags/)
    assert.equal(file?.fid, 99)
    assert.deepEqual(
      replicas.map(({ registered, outcome }) => [registered.split('/')[1], outcome.kind]),
      [['dev1', 'absent']],
    )
    assert.equal(verdict.cause, 'copies_gone')
    await mariadb.startReplication()
    await mariadb.caughtUp()
    const later = await world.explain({ url: '/img/new.jpg', conf: conf() })
    assert.deepEqual(later.notes, [])
  })

  it('that they refuse the login, and never the password', async () => {
    const asking = { url: '/img/new.jpg', conf: conf({ password: 'a-wrong-password' }) }
    const explanation = await world.explain(asking)
    assert.equal(explanation.verdict.cause, 'database_login')
    assert.match(
      explanation.verdict.sentence,
      /as mogile@127\.0\.0\.1:\d+: the user name or the password/,
    )
    assert.doesNotMatch(JSON.stringify(explanation), /a-wrong-password/)
  })
})
