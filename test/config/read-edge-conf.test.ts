import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { defaultEdgeConf, readEdgeConf } from '../../src/config/index.ts'
import { brief, confFolder, confOf, readText } from './conf-folder.ts'

function faultsOf(t: TestContext, text: string): string[] {
  const { conf, faults } = readText(t, text)
  assert.equal(conf === undefined, faults.length > 0)
  return brief(faults)
}

function warningsOf(t: TestContext, text: string): string[] {
  const { faults, warnings } = readText(t, text)
  assert.deepEqual(brief(faults), [])
  return brief(warnings)
}

test('with nothing but a tracker set, everything else is the default', (t) => {
  const { conf, warnings } = readText(t, '')
  assert.deepEqual(conf, {
    ...defaultEdgeConf(),
    trackerServers: [[{ host: '127.0.0.1', port: 22122 }]],
  })
  assert.deepEqual(warnings, [])
})

test('seconds become milliseconds, sizes bytes, repeated lines lists', (t) => {
  const text = `
    tracker_server = 10.0.0.1,10.0.0.2:7
    listen = 0.0.0.0:80
    listen = [::1]:80
    connect_timeout = 5
    hedge_ms = 50
    min_rate = 1MB
    pool_idle = 7
    location_ttl = 0
    object_cache_size = 0
    cors_allow_origin = https://a.example
    cors_allow_origin = https://b.example
    cache_control =
    log_level = Crit`
  const read = readText(t, text)
  assert.deepEqual(brief(read.warnings), [])
  const conf = confOf(read)
  assert.deepEqual(conf.trackerServers[1], [
    { host: '10.0.0.1', port: 7 },
    { host: '10.0.0.2', port: 7 },
  ])
  assert.deepEqual(conf.listen, [
    { host: '0.0.0.0', port: 80 },
    { host: '::1', port: 80 },
  ])
  assert.deepEqual([conf.timeouts.connectMs, conf.timeouts.hedgeMs], [5000, 50])
  assert.deepEqual([conf.timeouts.minRate, conf.pool.idleMs], [1048576, 7000])
  assert.deepEqual([conf.locations.foundMs, conf.memory.objectCacheBytes], [0, 0])
  assert.deepEqual(conf.cors.allowOrigins, ['https://a.example', 'https://b.example'])
  assert.deepEqual([conf.cacheControl.immutable, conf.logLevel], ['', 'fatal'])
})

test('all faults come at once, each with its line', (t) => {
  const text =
    'connect_timeout = 12x\nhedge_ms = 100\nflv_support = maybe\nlisten = 8090\nno_such = 1'
  assert.deepEqual(faultsOf(t, text), [
    '2: connect_timeout: "12x" is not a whole number of seconds from 1 to 300',
    '4: flv_support: "maybe" is not one of yes, true, on, 1, no, false, off, 0',
    '5: listen: "8090" is not host:port with a port from 1 to 65535 (an IPv6 address in brackets)',
    '6: unknown setting no_such',
  ])
})

test('a fault in an included file names that file', (t) => {
  const folder = confFolder(t, {
    'edge.conf': 'tracker_server = a\n#include sub/http.conf\nlisten = a:b\n',
    'sub/http.conf': '\nhttp.anti_steal.token_ttl = soon\n',
  })
  const { faults } = readEdgeConf(join(folder, 'edge.conf'))
  assert.deepEqual(
    faults.map(({ file, line }) => [file, line]),
    [
      [join(folder, 'sub/http.conf'), 2],
      [join(folder, 'edge.conf'), 3],
    ],
  )
})

test('a missing file is one fault without a line', () => {
  const { conf, faults } = readEdgeConf('/nowhere/edge.conf')
  assert.equal(conf, undefined)
  assert.deepEqual(faults, [
    {
      file: '/nowhere/edge.conf',
      message: '"/nowhere/edge.conf" cannot be read: no such file or folder',
    },
  ])
})

test('an unknown setting is a fault, with the name that was probably meant', (t) => {
  const text = `
    traker_server = a
    Hedge_MS = 5
    anti_steal.secret_key = x
    http.anti_steal.secretkey = x
    response_mod = proxy
    foo = 1`
  assert.deepEqual(faultsOf(t, text), [
    '3: unknown setting traker_server; did you mean tracker_server?',
    '4: unknown setting; did you mean hedge_ms?',
    '5: unknown setting anti_steal.secret_key',
    '6: unknown setting http.anti_steal.secretkey; did you mean http.anti_steal.secret_key?',
    '7: unknown setting response_mod; did you mean response_mode?',
    '8: unknown setting foo',
  ])
})

test('names that every object has are unknown settings like others', (t) => {
  for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
    assert.match(faultsOf(t, `${name} = 1`).join(), /^2: unknown setting/)
  }
  assert.match(
    faultsOf(t, 'log_level = constructor').join(),
    /^2: log_level: "constructor" is not one/,
  )
})

test('an unknown section is one fault', (t) => {
  assert.deepEqual(faultsOf(t, '[adress_map]\n10.0.0.1 = a\n10.0.0.2 = b'), [
    '3: unknown section "adress_map"; did you mean [address_map]?',
  ])
})

test('a setting of the whole in a section of a group is a fault', (t) => {
  assert.deepEqual(faultsOf(t, '[group1]\nhedge_ms = 5'), [
    '3: hedge_ms belongs before the first section, not in [group1]',
  ])
})

test('a setting that stands twice in a file is a warning, and the last one counts', (t) => {
  assert.deepEqual(warningsOf(t, 'hedge_ms = 5\nhedge_ms = 6'), [
    '2: hedge_ms is set again in line 3, which counts',
  ])
  assert.equal(confOf(readText(t, 'hedge_ms = 5\nhedge_ms = 6')).timeouts.hedgeMs, 6)
})

test('what follows an include goes before what is in it, without a warning', (t) => {
  const folder = confFolder(t, {
    'edge.conf': '#include mod.conf\nconnect_timeout = 9\n',
    'mod.conf': 'connect_timeout = 3\ntracker_server = a\n',
  })
  const read = readEdgeConf(join(folder, 'edge.conf'))
  assert.equal(confOf(read).timeouts.connectMs, 9000)
  assert.deepEqual(read.warnings, [])
})

test('a comment behind a value is told apart from the value', (t) => {
  assert.match(faultsOf(t, 'hedge_ms = 5 # short').join(), /a comment needs a line of its own/)
  assert.deepEqual(warningsOf(t, 'cache_control = no-cache # for now'), [
    '2: cache_control: the # and what follows is part of the value',
  ])
})

test('with neither tracker nor store path there is nothing to serve', (t) => {
  const folder = confFolder(t, { 'edge.conf': '# empty\n', 'bad.conf': 'tracker_server = a b\n' })
  assert.deepEqual(brief(readEdgeConf(join(folder, 'edge.conf')).faults), [
    '-: nothing to serve: no tracker_server or store_path0 (FastDFS), no trackers or db_dsn (MogileFS)',
  ])
  // Not also said of a tracker_server that is there, but wrong.
  assert.equal(readEdgeConf(join(folder, 'bad.conf')).faults.length, 1)
})

test('URLs without a group need one group', (t) => {
  const message = 'url_have_group_name = false needs a group_name with exactly one group'
  assert.deepEqual(faultsOf(t, 'url_have_group_name = false'), [`2: ${message}`])
  assert.deepEqual(faultsOf(t, 'group_name=a/b\nurl_have_group_name=no'), [`3: ${message}`])
  const conf = confOf(readText(t, 'group_name = group1\nurl_have_group_name = no'))
  assert.deepEqual([conf.groupNames, conf.urlHaveGroupName], [['group1'], false])
})

test("where the edge's default differs from the module's, it says so", (t) => {
  assert.deepEqual(warningsOf(t, 'group_name = group1'), [
    '2: url_have_group_name is not set: true here, false in fastdfs-nginx-module',
  ])
})

test('sizes that contradict each other are faults of the line that is set', (t) => {
  assert.match(
    faultsOf(t, 'object_max_size = 2MB').join(),
    /^2: object_max_size is more than verify_max/,
  )
  assert.match(
    faultsOf(t, '\nverify_max = 1KB').join(),
    /^3: object_max_size is more than verify_max/,
  )
  assert.match(faultsOf(t, 'verify_pool = 1KB').join(), /^2: verify_pool is less than verify_max$/)
  assert.match(faultsOf(t, 'object_cache_size = 1KB').join(), /^2: object_cache_size is less/)
  assert.match(
    warningsOf(t, 'hedge_ms = 2000').join(),
    /^2: hedge_ms is not less than first_answer/,
  )
})

test('an address twice, and an origin beside *, are faults', (t) => {
  assert.deepEqual(faultsOf(t, 'listen = a:1\nlisten = a:1'), ['3: listen names an address twice'])
  assert.match(
    faultsOf(t, 'cors_allow_origin = *\ncors_allow_origin = https://a').join(),
    /^3: cors_allow_origin: \* leaves nothing for others$/,
  )
})

test('an empty cors_allow_origin is off', (t) => {
  assert.deepEqual(confOf(readText(t, 'cors_allow_origin =')).cors.allowOrigins, [])
})

test('a header value cannot smuggle in a header', (t) => {
  assert.match(faultsOf(t, 'cache_control = a\rX-Evil: b').join(), /control character/)
  assert.match(faultsOf(t, 'cache_control = \u5b58').join(), /printable ASCII/)
})

test('what is quoted of a value is short and fit for a terminal', (t) => {
  const [fault = ''] = faultsOf(t, `hedge_ms = ${'9'.repeat(5000)}`)
  assert.ok(fault.length < 250, fault)
  const [bidi = ''] = faultsOf(t, 'hedge_ms = 1\u202e2')
  assert.match(bidi, /"1\?2"/)
})

test('the admin listener is loopback, and elsewhere it wants a token', (t) => {
  assert.deepEqual(defaultEdgeConf().admin, {
    listen: { host: '127.0.0.1', port: 8091 },
    token: undefined,
  })
  const read = (text: string) =>
    readEdgeConf(join(confFolder(t, { 'edge.conf': `tracker_server = a\n${text}` }), 'edge.conf'))
  const { warnings } = read('admin_listen = 10.0.0.1:8091')
  assert.match(warnings[0]?.message ?? '', /admin_listen is not loopback: .*admin_token/)
  const safe = read('admin_listen = 10.0.0.1:8091\nadmin_token = abcdefghijklmnop')
  assert.deepEqual(safe.warnings, [])
  assert.equal(confOf(safe).admin.token, 'abcdefghijklmnop')
})

test('an admin_token that is short, or an address that is public, is a fault', (t) => {
  const [short = '', ...others] = faultsOf(t, 'admin_token = secret')
  assert.match(short, /admin_token/)
  assert.doesNotMatch(short, /"secret"/)
  assert.deepEqual(others, [])
  assert.deepEqual(faultsOf(t, 'listen = a:1\nadmin_listen = a:1'), [
    '3: admin_listen is an address of listen',
  ])
})
