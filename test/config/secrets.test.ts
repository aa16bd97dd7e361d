import assert from 'node:assert/strict'
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { formatFaults, readEdgeConf } from '../../src/config/index.ts'
import { brief, confFolder, confOf } from './conf-folder.ts'

const CHECK = 'http.anti_steal.check_token = yes\n'

function readWith(t: TestContext, text: string, files: Readonly<Record<string, string>> = {}) {
  const folder = confFolder(t, { 'edge.conf': `tracker_server = a\n${text}`, ...files })
  for (const name of Object.keys(files)) chmodSync(join(folder, name), 0o600)
  return { folder, read: () => readEdgeConf(join(folder, 'edge.conf')) }
}

test('every secret may stand in a file, with or without the end of its line', (t) => {
  const text = `${CHECK}http.anti_steal.secret_key = file:key
admin_token = file:secrets/token
db_dsn = DBI:mysql:mogilefs
db_pass = file:secrets/pass
`
  const { read } = readWith(t, text, {
    key: 'a key # with blanks\n',
    'secrets/token': 'abcdefghijklmnopqrst\r\n',
    'secrets/pass': 'file:it is literal here',
  })
  const { antiSteal, admin, mogilefs } = confOf(read())
  assert.equal(antiSteal.secretKey, 'a key # with blanks')
  assert.equal(admin.token, 'abcdefghijklmnopqrst')
  assert.equal(mogilefs?.database?.password, 'file:it is literal here')
  assert.deepEqual(read().warnings, [])
})

test('so may each line of db_dsn, for where the database is may be told by whatever runs the edge', (t) => {
  process.env['DFS_EDGE_TEST_DSN'] = 'DBI:mysql:mogilefs:host=10.0.0.4;port=3307'
  t.after(() => delete process.env['DFS_EDGE_TEST_DSN'])
  const files = { dsn: 'DBI:mysql:mogilefs:host=10.0.0.3\n', pass: 'DBI:mysql:m:password=hush' }
  const text = 'db_dsn = file:dsn\ndb_dsn = env:DFS_EDGE_TEST_DSN\n'
  const { servers } = confOf(readWith(t, text, files).read()).mogilefs?.database ?? {}
  assert.deepEqual(
    servers?.map(({ host, port }) => [host, port]),
    [
      ['10.0.0.3', 3306],
      ['10.0.0.4', 3307],
    ],
  )
  const faulty = `${text}db_dsn = env:DFS_EDGE_TEST_MISSING\ndb_dsn = file:missing\ndb_dsn = file:pass\n`
  const { faults } = readWith(t, faulty, files).read()
  assert.deepEqual(brief(faults), [
    '4: db_dsn: "env:DFS_EDGE_TEST_MISSING" is not set in the environment',
    '5: db_dsn: "file:missing" cannot be read: no such file or folder',
    '6: db_dsn: "file:pass" user and password belong in db_user and db_pass',
  ])
})

test('a secret may stand in the environment', (t) => {
  const { read } = readWith(t, 'admin_token = env:DFS_EDGE_TEST_TOKEN')
  assert.deepEqual(brief(read().faults), [
    '2: admin_token: "env:DFS_EDGE_TEST_TOKEN" is not set in the environment',
  ])
  process.env['DFS_EDGE_TEST_TOKEN'] = 'env:EFGHIJKLMNOPQRST'
  t.after(() => delete process.env['DFS_EDGE_TEST_TOKEN'])
  assert.match(brief(read().faults).join(), /^2: .*TOKEN" is not at least 16 letters/)
  process.env['DFS_EDGE_TEST_TOKEN'] = 'abcdefghijklmnopqrst'
  assert.equal(confOf(read()).admin.token, 'abcdefghijklmnopqrst')
})

test('a secret that cannot be read is one fault, with the line', (t) => {
  const line = (value: string) => `${CHECK}http.anti_steal.secret_key = ${value}`
  for (const [value, why] of [
    ['file:', 'names no file'],
    ['file:missing', 'cannot be read: no such file or folder'],
    ['file:.', 'cannot be read: it is a folder'],
    ['file:empty', 'is empty'],
    ['file:lines', 'holds more than one line of text'],
    ['env:', 'names no environment variable'],
    ['env:A-B', 'names no environment variable'],
    ['env:DFS_EDGE_TEST_MISSING', 'is not set in the environment'],
  ] as const) {
    const { read } = readWith(t, line(value), { empty: '\n', lines: 'a\nb\n' })
    const message = `3: http.anti_steal.secret_key: "${value}" ${why}`
    assert.deepEqual(brief(read().faults), [message])
    assert.deepEqual(read().warnings, [])
  }
})

test('a file that everybody can read is a warning', (t) => {
  const { folder, read } = readWith(t, 'admin_token = file:token', {
    token: 'abcdefghijklmnopqrst',
  })
  assert.deepEqual(read().warnings, [])
  chmodSync(join(folder, 'token'), 0o644)
  assert.deepEqual(brief(read().warnings), [
    '2: admin_token: the file "token" can be read by every user of this host',
  ])
})

test('no fault and no warning shows what was read', (t) => {
  const files = { hush: 'hush hush', 'hush-sample': 'FastDFS1234567890', long: 'x'.repeat(2000) }
  for (const [text, shown] of [
    ['admin_token = file:hush', 'hush hush'],
    [`${CHECK}http.anti_steal.secret_key = file:hush-sample`, '1234567890'],
    ['db_pass = file:long', 'xxx'],
  ] as const) {
    const { faults, warnings } = readWith(t, text, files).read()
    assert.ok(faults.length + warnings.length > 0, text)
    assert.ok(!formatFaults(faults, warnings).includes(shown), text)
  }
})

test('only a secret may stand elsewhere', (t) => {
  const { read } = readWith(t, 'db_user = file:user\ndb_dsn = env:DSN')
  assert.match(brief(read().faults).join(), /^3: db_dsn/)
})
