import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { defaultEdgeConf, readEdgeConf } from '../../src/config/index.ts'
import { brief, confFolder, confOf } from './conf-folder.ts'

const FIXTURES = join(import.meta.dirname, '../fixtures/config')
const MOGILEFS = join(FIXTURES, 'mogilefs.conf')
const MOGILEFSD = join(FIXTURES, 'mogilefsd.conf')
const DEFAULT_LISTEN = defaultEdgeConf().listen

function read(t: TestContext, files: Readonly<Record<string, string>>, name = 'edge.conf') {
  return readEdgeConf(join(confFolder(t, files), name))
}

test("the tools' mogilefs.conf is read as it stands", () => {
  const found = readEdgeConf(MOGILEFS)
  assert.deepEqual(confOf(found).mogilefs?.trackers, [
    { host: '10.0.0.1', port: 7001 },
    { host: '10.0.0.2', port: 7001 },
  ])
  assert.deepEqual(
    found.warnings.map(({ line, message }) => `${line}: ${message.split(':')[0]}`),
    [
      '3: domain has no effect',
      '4: class has no effect',
      '5: lib has no effect',
      '6: key_prefix has no effect',
    ],
  )
})

test("the trackers' mogilefsd.conf is read as it stands, and its listen is not the edge's", () => {
  const found = readEdgeConf(MOGILEFSD)
  const { listen, mogilefs } = confOf(found)
  assert.deepEqual(listen, DEFAULT_LISTEN)
  assert.deepEqual(mogilefs?.resolve, ['database'])
  assert.deepEqual(mogilefs?.database, {
    servers: [{ host: '10.0.0.3', port: 3307, database: 'mogilefs' }],
    user: 'mogile-rw',
    password: 'p=a#s;s',
    charset: 'utf8mb4',
    connectionsMax: 16,
  })
})

test('everything else in it has one warning with its place', () => {
  const lines = readFileSync(MOGILEFSD, 'utf8').split('\n')
  const names = lines.flatMap((line) => /^(\w+) =/.exec(line)?.[1] ?? [])
  const warned = readEdgeConf(MOGILEFSD).warnings.map(({ line = 0, message }) => {
    const name = lines[line - 1]?.split(' ')[0] ?? ''
    assert.ok(message.includes(name), `${message} is not about ${name}`)
    return name
  })
  assert.deepEqual(
    warned,
    names.filter((name) => !name.startsWith('db_')),
  )
  assert.ok(warned.length > 15)
})

test('its listen stays out wherever the include stands', (t) => {
  for (const text of [
    `listen = 127.0.0.1:80\n#include ${MOGILEFSD}\n`,
    `#include ${MOGILEFSD}\nlisten = 127.0.0.1:80\n`,
  ]) {
    const { listen } = confOf(read(t, { 'edge.conf': text }))
    assert.deepEqual(listen, [{ host: '127.0.0.1', port: 80 }])
  }
})

test('an edge.conf includes both files and goes on with settings of its own', (t) => {
  const text = `#include ${MOGILEFSD}\n#include ${MOGILEFS}\ndb_user = edge\ndb_dsn = DBI:mysql:mogilefs:host=r\n`
  const { mogilefs } = confOf(read(t, { 'edge.conf': text }))
  assert.deepEqual(mogilefs?.resolve, ['database', 'tracker'])
  assert.deepEqual([mogilefs?.database?.user, mogilefs?.database?.password], ['edge', 'p=a#s;s'])
  assert.deepEqual(
    mogilefs?.database?.servers.map(({ host }) => host),
    ['10.0.0.3', 'r'],
  )
})

test('a mogilefsd.conf is known by its name or by a setting that is only its own', (t) => {
  const plain = 'db_dsn = DBI:mysql:mogilefs\nlisten = 10.0.0.1:7001, 10.0.0.2:7001\n'
  const found = read(t, { 'mogilefsd.conf': plain }, 'mogilefsd.conf')
  assert.deepEqual(confOf(found).listen, DEFAULT_LISTEN)
  assert.deepEqual(brief(found.warnings), [
    "2: listen has no effect: in a mogilefsd.conf it is the tracker's, not the edge's",
  ])
  const renamed = read(t, { 'tracker1.conf': `query_jobs = 5\n${plain}` }, 'tracker1.conf')
  assert.deepEqual(confOf(renamed).listen, DEFAULT_LISTEN)
})

test("with a section or a setting that only the edge knows, listen is the edge's", (t) => {
  const plain = 'db_dsn = DBI:mysql:mogilefs\nlisten = 0.0.0.0:80\n'
  const own = [{ host: '0.0.0.0', port: 80 }]
  assert.deepEqual(confOf(read(t, { 'edge.conf': plain })).listen, own)
  for (const more of ['hedge_ms = 50\n', '[vhost]\na = img\n', 'trackers = a\n']) {
    const text = `daemonize = 1\n${plain}${more}`
    const found = read(t, { 'mogilefsd.conf': text }, 'mogilefsd.conf')
    assert.deepEqual(confOf(found).listen, own, more)
    assert.deepEqual(brief(found.warnings), [
      "1: daemonize has no effect: it is for the tracker's own process",
    ])
  }
})

test('an unknown setting is a fault but in a mogilefsd.conf, where it is a warning', (t) => {
  const dsn = 'db_dsn = DBI:mysql:mogilefs\n'
  const unknown = read(t, { 'edge.conf': `${dsn}db_uesr = a\n` })
  assert.deepEqual(brief(unknown.faults), ['2: unknown setting db_uesr; did you mean db_user?'])
  const ofPlugin = read(t, { 'edge.conf': `daemonize = 1\n${dsn}db_uesr = a\n` })
  assert.deepEqual(ofPlugin.faults, [])
  assert.ok(brief(ofPlugin.warnings).includes('3: unknown setting db_uesr; did you mean db_user?'))
})

test('a fault in an included mogilefsd.conf names that file and line', (t) => {
  const folder = confFolder(t, {
    'edge.conf': 'trackers = a\n#include mogilefsd.conf\n',
    'mogilefsd.conf': 'daemonize = 1\ndb_dsn = DBI:Pg:dbname=mogilefs\n',
  })
  const { conf, faults } = readEdgeConf(join(folder, 'edge.conf'))
  assert.equal(conf, undefined)
  assert.deepEqual(
    faults.map(({ file, line }) => [file, line]),
    [[join(folder, 'mogilefsd.conf'), 2]],
  )
  assert.match(faults[0]?.message ?? '', /^db_dsn: DBI:Pg is not supported/)
})
