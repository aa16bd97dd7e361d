import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { formatFaults, type MogilefsConf, readEdgeConf } from '../../src/config/index.ts'
import { brief, confFolder, confOf } from './conf-folder.ts'

const DSN = 'db_dsn = DBI:mysql:mogilefs:host=10.0.0.3\n'
const TRACKERS = 'trackers = 10.0.0.1\n'

/** An edge.conf of `text` alone. */
function read(t: TestContext, text: string) {
  return readEdgeConf(join(confFolder(t, { 'edge.conf': text }), 'edge.conf'))
}

function mogilefsOf(t: TestContext, text: string): MogilefsConf {
  const { mogilefs } = confOf(read(t, text))
  assert.ok(mogilefs)
  return mogilefs
}

test('with trackers alone, everything else is the default and there is no FastDFS', (t) => {
  const found = read(t, TRACKERS)
  assert.deepEqual(found.warnings, [])
  const conf = confOf(found)
  assert.deepEqual([conf.trackerServers, conf.localGroups], [[], []])
  assert.deepEqual(conf.mogilefs, {
    trackers: [{ host: '10.0.0.1', port: 7001 }],
    database: null,
    resolve: ['tracker'],
    locationMs: 10_000,
    zone: null,
    hasLeadingSlash: false,
    vhosts: { exact: new Map(), wildcards: new Map() },
  })
})

test('with a database alone, its user is the one of mogilefsd', (t) => {
  const found = read(t, DSN)
  assert.deepEqual(found.warnings, [])
  const { database, trackers, resolve } = mogilefsOf(t, DSN)
  assert.deepEqual([trackers, resolve], [[], ['database']])
  assert.deepEqual(database, {
    servers: [{ host: '10.0.0.3', port: 3306, database: 'mogilefs' }],
    user: 'mogile',
    password: '',
    charset: 'utf8mb4',
    connectionsMax: 16,
  })
})

test('without either there is no MogileFS', (t) => {
  assert.equal(confOf(read(t, 'tracker_server = a\nleading_slash = yes\n')).mogilefs, null)
})

test('FastDFS and MogileFS stand in one file', (t) => {
  const conf = confOf(read(t, `tracker_server = a\n${TRACKERS}`))
  assert.deepEqual(conf.trackerServers, [[{ host: 'a', port: 22122 }]])
  assert.deepEqual(conf.mogilefs?.trackers, [{ host: '10.0.0.1', port: 7001 }])
})

test('trackers stand in one line or in several', (t) => {
  const text = 'trackers = a:7001, b ,[::1]:7002\ntrackers = 10.0.0.9:7001\n'
  assert.deepEqual(mogilefsOf(t, text).trackers, [
    { host: 'a', port: 7001 },
    { host: 'b', port: 7001 },
    { host: '::1', port: 7002 },
    { host: '10.0.0.9', port: 7001 },
  ])
  for (const wrong of ['', 'a,', ',a', 'a b', 'a:0', '10.0.0.300', 'http://a:7001']) {
    const { faults } = read(t, `trackers = ${wrong}\n`)
    assert.match(brief(faults).join(';'), /^1: trackers: "[^"]*" is not host or host:port/, wrong)
    assert.equal(faults.length, 1)
  }
})

test('the first db_dsn is the primary, the others are its replicas', (t) => {
  const text = `${DSN}db_dsn = DBI:mysql:mogilefs:host=10.0.0.4\ndb_connections = 4\n`
  const { database } = mogilefsOf(t, text)
  assert.deepEqual(
    database?.servers.map(({ host }) => host),
    ['10.0.0.3', '10.0.0.4'],
  )
  assert.equal(database?.connectionsMax, 4)
})

test('the other settings', (t) => {
  const text = `${TRACKERS}${DSN}db_user = edge
    db_charset = LATIN1
    mogilefs_location_ttl = 0
    mogilefs_zone = alt
    leading_slash = on`
  const { database, locationMs, zone, hasLeadingSlash } = mogilefsOf(t, text)
  assert.deepEqual([database?.user, database?.charset], ['edge', 'latin1'])
  assert.deepEqual([locationMs, zone, hasLeadingSlash], [0, 'alt', true])
  assert.equal(mogilefsOf(t, `${TRACKERS}mogilefs_zone =\n`).zone, null)
})

test('resolve is what it says, or all there is', (t) => {
  const both = TRACKERS + DSN
  assert.deepEqual(mogilefsOf(t, both).resolve, ['database', 'tracker'])
  assert.deepEqual(mogilefsOf(t, `${both}resolve =\n`).resolve, ['database', 'tracker'])
  for (const [text, ways] of [
    ['database', ['database']],
    ['tracker', ['tracker']],
    ['Tracker, database', ['tracker', 'database']],
    ['database,tracker', ['database', 'tracker']],
  ] as const) {
    assert.deepEqual(mogilefsOf(t, `${both}resolve = ${text}\n`).resolve, ways)
  }
  const expected = 'one of database | tracker | database,tracker | tracker,database'
  for (const text of ['db', 'tracker,tracker', 'database tracker', 'constructor', 'tracker,']) {
    const { faults } = read(t, `${both}resolve = ${text}\n`)
    assert.deepEqual(brief(faults), [`3: resolve: "${text}" is not ${expected}`])
  }
})

test('resolve may not name what is not configured', (t) => {
  assert.deepEqual(brief(read(t, `${TRACKERS}resolve = database,tracker\n`).faults), [
    '2: resolve names database, but db_dsn is not set',
  ])
  assert.deepEqual(brief(read(t, `resolve = tracker\n${DSN}`).faults), [
    '1: resolve names tracker, but trackers is not set',
  ])
  // A line that is there and wrong has had its own fault.
  assert.equal(read(t, 'trackers = a b\nresolve = tracker\n').faults.length, 1)
})

test('all faults come at once, each with its line', (t) => {
  const text = `trackers = a b
db_dsn = DBI:SQLite:mogilefs.sqlite
db_charset = gbk
db_connections = 0
resolve = memcached
mogilefs_location_ttl = 1h
mogilefs_zone = beta
leading_slash = maybe
db_dns = DBI:mysql:mogilefs`
  assert.deepEqual(brief(read(t, text).faults), [
    '1: trackers: "a b" is not host or host:port, or several with commas (without a port: 7001)',
    '2: db_dsn: DBI:SQLite is not supported, only MySQL and MariaDB; with trackers alone it works as well',
    '3: db_charset: "gbk" is not one of utf8mb4, latin1',
    '4: db_connections: "0" is not a whole number from 1 to 1024',
    '5: resolve: "memcached" is not one of database | tracker | database,tracker | tracker,database',
    '6: mogilefs_location_ttl: "1h" is not a whole number of seconds from 0 to 86400',
    '7: mogilefs_zone: "beta" is not one of alt',
    '8: leading_slash: "maybe" is not one of yes, true, on, 1, no, false, off, 0',
    '9: unknown setting db_dns; did you mean db_dsn?',
  ])
})

test('a password is whatever stands in its line', (t) => {
  for (const password of ['', 'a', 'p=a#s;s', 'with blanks and "quotes"', '\u5bc6\u7801', '[x]']) {
    const { database } = mogilefsOf(t, `${DSN}db_pass = ${password}\n`)
    assert.equal(database?.password, password)
  }
})

test('no fault and no warning ever shows a password', (t) => {
  for (const text of [
    `db_pass = ${'hush'.repeat(400)}`,
    'db_pass hush',
    'db_pass: hush = hush',
    'db_pas = hush',
    'db_pass = hush # hush\ndb_pass = hush',
    '[group1]\ndb_pass = hush',
    '[vhost]\ndb_pass = hush',
    '[address_map]\ndb_pass = hush!',
    'db_dsn = DBI:mysql:mogilefs:user=a;password=hush',
    'db_dsn = DBI:mysql:mogilefs:host=a|b|hush',
    'db_dsn = DBI:mysql:mogilefs:host=a b;hush',
    'db_dsn = hush',
    'db_dsn = DBI:mysql:mogilefs # hush',
    'db_dsn = DBI:mysql:mogilefs;mysql_hush2=hush',
  ]) {
    const { faults, warnings } = read(t, DSN + text)
    assert.ok(faults.length + warnings.length > 0, text)
    assert.doesNotMatch(formatFaults(faults, warnings), /hush/i, text)
  }
})

test('a server that is named twice is a fault', (t) => {
  assert.deepEqual(brief(read(t, 'trackers = A,b\ntrackers = a:7001').faults), [
    '2: trackers names a server twice',
  ])
  assert.deepEqual(brief(read(t, `${DSN}db_dsn = DBI:mysql:mogilefs:10.0.0.3:3306`).faults), [
    '2: db_dsn names a server twice',
  ])
  const sockets = ['a', 'b'].map((name) => `db_dsn = DBI:mysql:mogilefs:mysql_socket=/${name}\n`)
  assert.deepEqual(read(t, sockets.join('')).faults, [])
})

test("the ports of one system's trackers are not those of the other's", (t) => {
  const text = 'tracker_server = a:7001\ntrackers = b,a:22122\nlisten = 0.0.0.0:7001\n'
  assert.deepEqual(brief(read(t, text).warnings), [
    "1: tracker_server: port 7001 is that of MogileFS's trackers, which stand in trackers",
    "2: trackers: port 22122 is that of FastDFS's trackers, which stand in tracker_server",
    "3: listen: port 7001 is that of MogileFS's trackers, not of the edge",
  ])
})

test('what has no effect is a warning', (t) => {
  assert.deepEqual(brief(read(t, `${TRACKERS}db_user = a\ndb_pass = b\n`).warnings), [
    '2: db_user has no effect without db_dsn',
    '3: db_pass has no effect without db_dsn',
  ])
  const dsn = 'db_dsn = DBI:mysql:mogilefs:host=a;mysql_compression=1;mysql_socket=/a\n'
  assert.deepEqual(brief(read(t, dsn).warnings), [
    '1: db_dsn: mysql_compression in it has no effect',
    '1: db_dsn: the socket in it has no effect',
  ])
})
