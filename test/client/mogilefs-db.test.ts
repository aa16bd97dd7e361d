import assert from 'node:assert/strict'
import { after, afterEach, describe, test } from 'node:test'
import { parseFidUrl } from '../../src/wire/mogilefs/fid-path.ts'
import { DATABASE, startMariadb } from '../support/mariadb.ts'
import { CLUSTER, devidsOf, fileOf, fileSql, never, openDb, urlsOf } from './mogilefs-db-fixture.ts'
import { type RecordedLookup, recordedLookups, rowsOf } from './mogilefs-recorded.ts'

const pair = await startMariadb({ after, afterEach })
const { primary, exec } = pair
await exec(CLUSTER)

const img = (key: string) => ({ domain: 'img', key })

describe('recorded answers of a tracker', async () => {
  const lookups = recordedLookups()
  const rows = rowsOf(lookups)
  const { db } = openDb({ after }, [primary])

  const locate = async ({ domain, key, urls }: RecordedLookup) => {
    const row = rows.find(({ fid }) => urls.some((url) => parseFidUrl(url)?.fid === fid))
    // The recording overwrites a key: then its row is another one.
    if (row !== undefined) await exec(fileSql(row))
    return (await db.locate({ domain, key }, never)).lookup
  }

  test('are all there', () => {
    assert.ok(lookups.filter(({ urls }) => urls.length > 0).length > 35, 'recorded URLs')
    assert.ok(rows.length > 15, 'files')
  })

  for (const lookup of lookups.filter(({ urls }) => urls.length > 0)) {
    test(`${lookup.name}: the same URLs for ${lookup.key}`, async () => {
      const ours = [...urlsOf(await locate(lookup))].sort()
      if (lookup.pathcount >= ours.length) assert.deepEqual(ours, [...lookup.urls].sort())
      else assert.ok(lookup.urls.every((url) => ours.includes(url)))
    })
  }

  const missing = { unknown_key: 'no_key', unreg_domain: 'no_domain' } as const
  for (const [code, expected] of Object.entries(missing)) {
    for (const lookup of lookups) {
      if (lookup.answer.kind !== 'error' || lookup.answer.code !== code) continue
      test(`${lookup.name}: ${code}`, async () => assert.equal(await locate(lookup), expected))
    }
  }
})

describe('rows that a tracker stumbles over', () => {
  const { db } = openDb({ after }, [primary])

  test('a file without copies is there, without copies', async () => {
    await exec(fileSql({ fid: 900_001, key: 'x-nocopies', devids: [] }))
    const { copies, fid, length } = fileOf((await db.locate(img('x-nocopies'), never)).lookup)
    assert.deepEqual({ copies, fid, length }, { copies: [], fid: 900_001, length: 13 })
  })

  test('a copy on a device without a row is left out, where the tracker fails', async () => {
    await exec(fileSql({ fid: 900_002, key: 'x-unknown-device', devids: [1, 99] }))
    assert.deepEqual(devidsOf((await db.locate(img('x-unknown-device'), never)).lookup), [1])
  })

  test('copies of a fid are found without its key', async () => {
    await exec(fileSql({ fid: 900_006, key: 'x-overwritten', devids: [1, 3] }))
    await exec('DELETE FROM file WHERE fid = 900006')
    const copies = await db.copiesOf(900_006, never)
    assert.deepEqual(copies.map(({ devid, fid }) => [devid, fid]).sort(), [
      [1, 900_006],
      [3, 900_006],
    ])
    assert.deepEqual(await db.copiesOf(900_007, never), [])
  })

  test('a class without a row does not matter', async () => {
    await exec(fileSql({ fid: 900_005, key: 'x-class', classid: 78, devids: [2] }))
    const file = fileOf((await db.locate(img('x-class'), never)).lookup)
    assert.deepEqual(
      { length: file.length, checksum: file.checksum },
      { length: 13, checksum: null },
    )
  })

  test('a fid of eleven digits keeps them all', async () => {
    await exec(fileSql({ fid: 12_345_678_901, key: 'x-bigfid', devids: [1] }))
    const { lookup } = await db.locate(img('x-bigfid'), never)
    assert.deepEqual(urlsOf(lookup), ['http://127.0.0.1:7500/dev1/1/234/567/12345678901.fid'])
  })

  test('the largest fid that a number can hold is exact, and none beyond it is made up', async () => {
    await exec(fileSql({ fid: 2n ** 53n - 1n, key: 'x-exact' }))
    await exec(fileSql({ fid: 2n ** 53n + 1n, key: 'x-inexact' }))
    const { lookup } = await db.locate(img('x-exact'), never)
    assert.equal(fileOf(lookup).fid, Number.MAX_SAFE_INTEGER)
    await assert.rejects(db.locate(img('x-inexact'), never), (error: Error) => {
      assert.match(String(error.cause), /where a count belongs/)
      return true
    })
  })

  test('a length that is unknown, or larger than 4 GB', async () => {
    await exec(
      `${fileSql({ fid: 900_006, key: 'x-null' })}; UPDATE file SET length = NULL WHERE fid = 900006`,
    )
    await exec(fileSql({ fid: 900_007, key: 'x-large', length: 5_000_000_000 }))
    assert.equal(fileOf((await db.locate(img('x-null'), never)).lookup).length, null)
    assert.equal(fileOf((await db.locate(img('x-large'), never)).lookup).length, 5_000_000_000)
  })

  test('a key that the character set of the table cannot hold is no key, and no failure', async (t) => {
    await exec('ALTER TABLE file MODIFY dkey varchar(255) CHARACTER SET utf8mb3')
    t.after(() => exec('ALTER TABLE file MODIFY dkey varchar(255)'))
    const { db, events } = openDb(t, [primary])
    assert.equal((await db.locate(img('😀'), never)).lookup, 'no_key')
    assert.deepEqual(events, [])
  })
})

describe('checksums', () => {
  const MD5 = '0cc175b9c0f1b6a831c399e269772661'
  const SHA1 = '86f7e437faa5a7fce15d1ddcb9eaea377667b8'

  test('come along in domains that have some, of classes that have them', async (t) => {
    await exec(`INSERT INTO domain VALUES (3, 'sums'), (4, 'none');
      INSERT INTO class VALUES (3, 1, 'md5', 2, 1, NULL), (3, 2, 'sha', 2, 2, NULL),
        (3, 3, 'nothing', 2, NULL, NULL);
      ${fileSql({ fid: 31, key: 'md5', dmid: 3, classid: 1 })};
      ${fileSql({ fid: 32, key: 'sha', dmid: 3, classid: 2 })};
      ${fileSql({ fid: 33, key: 'nothing', dmid: 3, classid: 3 })};
      ${fileSql({ fid: 34, key: 'missing', dmid: 3, classid: 1 })};
      ${fileSql({ fid: 35, key: 'md5', dmid: 4, classid: 0 })};
      INSERT INTO checksum VALUES (31, 1, x'${MD5}'), (32, 2, x'${SHA1}ea'), (33, 1, x'${MD5}'),
        (35, 1, x'${MD5}');`)
    const { db } = openDb(t, [primary])
    const checksumOf = async (key: string, domain = 'sums') =>
      fileOf((await db.locate({ domain, key }, never)).lookup).checksum
    assert.deepEqual(await checksumOf('md5'), { algorithm: 'md5', value: MD5 })
    assert.deepEqual(await checksumOf('sha'), { algorithm: 'sha1', value: `${SHA1}ea` })
    assert.equal(await checksumOf('nothing'), null)
    assert.equal(await checksumOf('missing'), null)
    assert.equal(await checksumOf('md5', 'none'), null)
  })
})

describe('states of hosts and devices', () => {
  const key = img('states')

  async function ask(t: { after(fn: () => unknown): void }, change: string, zone?: 'alt') {
    await exec(`UPDATE device SET status = 'alive', weight = 100;
      UPDATE host SET status = 'alive', http_get_port = NULL, altip = NULL;
      ${fileSql({ fid: 50, key: key.key, devids: [1, 2, 3] })}; ${change}`)
    t.after(() => exec("UPDATE device SET status = 'alive'; UPDATE host SET status = 'alive'"))
    const { db } = openDb(t, [primary], { zone, random: () => 0.5 })
    return (await db.locate(key, never)).lookup
  }

  const device = (status: string) => `UPDATE device SET status = '${status}' WHERE devid = 2`
  const host = (status: string) => `UPDATE host SET status = '${status}' WHERE hostid = 2`

  for (const change of [device('down'), host('down')]) {
    test(`${change}: asked where no other can be read`, async (t) => {
      const devids = devidsOf(await ask(t, change))
      assert.deepEqual([devids.length, devids[2]], [3, 2])
    })
  }

  for (const change of [device('dead'), host('dead')]) {
    test(`${change}: left out`, async (t) => {
      assert.deepEqual([...devidsOf(await ask(t, change))].sort(), [1, 3])
    })
  }

  for (const change of [device('readonly'), host('readonly')]) {
    test(`${change}: read like the others`, async (t) => {
      assert.deepEqual([...devidsOf(await ask(t, change))].sort(), [1, 2, 3])
    })
  }

  test('drain goes last, also with a weight that would make it the first', async (t) => {
    const change = `${device('drain')}; UPDATE device SET weight = 100000 WHERE devid = 2`
    const devids = devidsOf(await ask(t, change))
    assert.equal(devids.length, 3)
    assert.equal(devids[2], 2)
  })

  test('where no device is readable, one that is only down is better than nothing', async (t) => {
    const change = `UPDATE device SET status = 'dead'; ${device('down')}`
    assert.deepEqual(devidsOf(await ask(t, change)), [2])
  })

  test('a dead device is never named', async (t) => {
    assert.deepEqual(devidsOf(await ask(t, "UPDATE device SET status = 'dead'")), [])
  })

  test('http_get_port goes before http_port, and 0 means none', async (t) => {
    const change =
      'UPDATE host SET http_get_port = 7600 WHERE hostid = 2; UPDATE host SET http_get_port = 0 WHERE hostid = 3'
    const urls = [...urlsOf(await ask(t, change))].sort()
    const ports = urls.map((url) => new URL(url).port)
    assert.deepEqual(ports, ['7500', '7600', '7500'])
  })

  test('altip is used in the zone alt, where a host has one', async (t) => {
    const change = "UPDATE host SET altip = '10.0.0.2', altmask = '10.0.0.0/8' WHERE hostid = 2"
    const hosts = (lookup: Awaited<ReturnType<typeof ask>>) =>
      [...fileOf(lookup).copies].map(({ host }) => host).sort()
    assert.deepEqual(hosts(await ask(t, change, 'alt')), ['10.0.0.2', '127.0.0.1', '127.0.0.3'])
    assert.deepEqual(hosts(await ask(t, change)), ['127.0.0.1', '127.0.0.2', '127.0.0.3'])
  })
})

describe('tables in memory', () => {
  test('a new domain and a new device are found at once, others only once a second', async (t) => {
    let now = 0
    const { db } = openDb(t, [primary], { now: () => now })
    await exec(fileSql({ fid: 60, key: 'a', dmid: 7, devids: [7] }))
    const key = { domain: 'late', key: 'a' }
    assert.deepEqual(await db.locate(key, never), { lookup: 'no_domain', isAuthoritative: true })
    await exec("INSERT INTO domain VALUES (7, 'late')")
    now = 900
    assert.equal((await db.locate(key, never)).lookup, 'no_domain', 'asked again within a second')
    now = 1100
    assert.deepEqual(devidsOf((await db.locate(key, never)).lookup), [], 'no device yet')
    await exec("INSERT INTO device (devid, hostid, status) VALUES (7, 3, 'alive')")
    now = 2200
    assert.deepEqual(devidsOf((await db.locate(key, never)).lookup), [7])
    assert.ok(db.domains().includes('late'))
    assert.deepEqual(
      db
        .hosts()
        .map(({ hostname }) => hostname)
        .sort(),
      ['node1', 'node2', 'node3'],
    )
  })

  test('a domain has one reading under way, however many ask for it', async (t) => {
    const { db } = openDb(t, [primary])
    const before = await countOf('Com_stmt_execute')
    const asked = Array.from({ length: 50 }, () => db.locate({ domain: 'nosuch', key: 'a' }, never))
    for (const { lookup } of await Promise.all(asked)) assert.equal(lookup, 'no_domain')
    // The role at the connection and in the reading, then three tables.
    assert.equal((await countOf('Com_stmt_execute')) - before, 5)
  })
})

describe('statements and connections', () => {
  test('one prepared statement a key, and no more connections than there may be', async (t) => {
    await exec(`CREATE USER few IDENTIFIED BY 'few' WITH MAX_USER_CONNECTIONS 3;
      GRANT SELECT ON ${DATABASE}.* TO few; ${fileSql({ fid: 70, key: 'many' })}`)
    const few = { user: 'few', password: 'few', maxConnections: 3 }
    const { db, events } = openDb(t, [primary], few)
    const locate = () => db.locate(img('many'), never)
    await Promise.all(Array.from({ length: 30 }, locate))
    const before = {
      executed: await countOf('Com_stmt_execute'),
      prepared: await countOf('Com_stmt_prepare'),
    }
    await Promise.all(Array.from({ length: 30 }, locate))
    assert.equal((await countOf('Com_stmt_execute')) - before.executed, 30)
    assert.equal((await countOf('Com_stmt_prepare')) - before.prepared, 0)
    assert.deepEqual(events, [], 'the server has refused a fourth connection')
  })
})

async function countOf(name: string): Promise<number> {
  const [row] = await exec(`SHOW GLOBAL STATUS LIKE '${name}'`)
  return Number(row?.['Value'])
}
