import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { dsn, parseDsn } from '../../src/config/db-dsn.ts'

function serverOf(text: string) {
  return dsn().parse(text)
}

const LOCAL = { host: 'localhost', port: 3306, database: 'mogilefs' }
const REMOTE = { host: '10.0.0.3', port: 3307, database: 'mogilefs' }

test('named parts in any order, with : or ; between them', () => {
  const texts = [
    'DBI:mysql:mogilefs:host=10.0.0.3;port=3307',
    'DBI:mysql:mogilefs;host=10.0.0.3;port=3307',
    'DBI:mysql:database=mogilefs;host=10.0.0.3;port=3307',
    'DBI:mysql:port=3307:hostname=10.0.0.3:dbname=mogilefs;',
    'dbi:MySQL:db=mogilefs;host=10.0.0.3;port=3307',
    'DBI:MariaDB:database=mogilefs;host=10.0.0.3;port=3307',
    'DBI:mysql:mogilefs:10.0.0.3:3307',
  ]
  for (const text of texts) assert.deepEqual(serverOf(text), REMOTE, text)
})

test('what is left out is localhost and 3306', () => {
  const texts = ['DBI:mysql:mogilefs', 'DBI:mysql:mogilefs:', 'DBI:mysql:mogilefs:host=;port=']
  for (const text of texts) assert.deepEqual(serverOf(text), LOCAL, text)
  assert.deepEqual(serverOf('DBI:mysql:mogilefs::3307'), { ...LOCAL, port: 3307 })
})

test('an IPv6 address stands in brackets', () => {
  const server = { host: '2001:db8::4', port: 3307, database: 'mogilefs' }
  assert.deepEqual(serverOf('DBI:mysql:mogilefs:host=[2001:db8::4];port=3307'), server)
  assert.deepEqual(serverOf('DBI:mysql:mogilefs:[2001:db8::4]:3307'), server)
  assert.equal(serverOf('DBI:mysql:mogilefs:host=2001:db8::4'), undefined)
  assert.equal(serverOf('DBI:mysql:mogilefs:host=[2001:db8::4'), undefined)
})

test('a socket is for localhost, as in the client library of MySQL', () => {
  const socketPath = '/run/mysqld/mysqld.sock'
  for (const text of [
    `DBI:mysql:mogilefs:mysql_socket=${socketPath}`,
    `DBI:mysql:mogilefs;host=localhost;mysql_socket=${socketPath}`,
    `DBI:MariaDB:mogilefs;mariadb_socket=${socketPath}`,
  ]) {
    assert.deepEqual(serverOf(text), { ...LOCAL, socketPath }, text)
  }
  const beside = parseDsn(`DBI:mysql:mogilefs:host=10.0.0.3;port=3307;mysql_socket=${socketPath}`)
  assert.deepEqual(beside, { server: REMOTE, ignored: ['the socket'] })
  assert.match(String(parseDsn('DBI:mysql:mogilefs:mysql_socket=a.sock')), /not an absolute path/)
})

test('other databases are named, with a way out', () => {
  for (const [text, name] of [
    ['DBI:SQLite:mogilefs.sqlite', 'DBI:SQLite'],
    ['DBI:SQLite:dbname=/var/mogilefs;host=a', 'DBI:SQLite'],
    ['dbi:pg:dbname=mogilefs;host=10.0.0.3', 'DBI:Pg'],
    ['DBI:Oracle:mogilefs', 'DBI:Oracle'],
  ] as const) {
    assert.equal(serverOf(text), undefined)
    assert.ok(dsn().explain?.(text)?.startsWith(`${name} is not supported, only MySQL and MariaDB`))
  }
})

test('a login in it is refused, and not repeated', () => {
  for (const text of [
    'DBI:mysql:mogilefs:host=a;user=hush',
    'DBI:mysql:mogilefs:host=a;user=b;password=hush',
    'DBI:mysql:mogilefs:host=a|b|hush',
  ]) {
    const reason = dsn().explain?.(text) ?? ''
    assert.match(reason, /belong in db_user and db_pass/)
    assert.doesNotMatch(reason, /hush/)
  }
})

test('options of the driver have no effect, but encryption is not silently left out', () => {
  const read = parseDsn('DBI:mysql:mogilefs:mysql_compression=1;host=10.0.0.3;port=3307')
  assert.deepEqual(read, { server: REMOTE, ignored: ['mysql_compression'] })
  assert.match(String(parseDsn('DBI:mysql:mogilefs;mysql_ssl=1')), /never encrypted \(mysql_ssl\)/)
  assert.equal(typeof parseDsn('DBI:mysql:mogilefs;mysql_ssl=0'), 'object')
})

test('what is no such DSN', () => {
  for (const text of [
    '',
    'mogilefs',
    'DBI:mysql',
    'mysql:mogilefs',
    'DBI:ODBC:mogilefs',
    'DBI:mysql(RaiseError=1):mogilefs',
    'DBI:mysql:mogilefs:host=a b',
    'DBI:mysql:mogilefs:host=10.0.0.300',
    'DBI:mysql:mogilefs:port=0',
    'DBI:mysql:mogilefs:port=65536',
    'DBI:mysql:mogilefs:port=3306x',
    'DBI:mysql:mogilefs:a:1:b',
    'DBI:mysql:mogilefs:hots=a',
    'DBI:mysql:mogilefs # the primary',
  ]) {
    assert.equal(serverOf(text), undefined, text)
  }
  assert.equal(parseDsn('DBI:mysql:host=a'), 'the DSN names no database')
  assert.equal(parseDsn('DBI:mysql:'), 'the DSN names no database')
})

test('no text makes it throw, and a server is whole', () => {
  const part = fc.oneof(
    fc.constantFrom('host=', 'port=3306', '[', ']', ';', ':', '=', 'mysql_socket=/a', 'mogilefs'),
    fc.string({ unit: 'binary' }),
  )
  fc.assert(
    fc.property(fc.array(part), (parts) => {
      const server = serverOf(`DBI:mysql:${parts.join('')}`)
      if (server === undefined) return
      assert.ok(server.host !== '' && server.database !== '')
      assert.ok(server.port >= 1 && server.port <= 65535)
    }),
  )
})
