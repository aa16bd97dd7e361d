import assert from 'node:assert/strict'
import { truncate } from 'node:fs/promises'
import { after, afterEach, before, describe, it } from 'node:test'
import { CAUSES, type CauseCode } from '../../../src/admin/explain/causes.ts'
import type { AnswerReport } from '../../../src/admin/explain/explanation.ts'
import type { ErrorCode } from '../../../src/errors.ts'
import { formatRef } from '../../../src/resolver/resolver.ts'
import { createToken } from '../../../src/wire/token.ts'
import { type Asking, ExplainWorld, SECRET } from '../../support/explain-world.ts'
import { startFullBacklog } from '../../support/full-backlog.ts'
import { DATABASE, type MariadbPair, startMariadb, USER } from '../../support/mariadb.ts'
import { randomContent } from '../../support/random-content.ts'
import { closedPort, startDaemon } from '../../support/scripted-daemon.ts'
import { byCommand, ok, startTracker } from '../../support/scripted-tracker.ts'

const ID = '/group1/M00/00/00/fwAAA2sDFtyAYcJyAAB4AIokZSM648.jpg'
/** No packet can be sent there. */
const NO_ROUTE = '255.255.255.255'

const world = new ExplainWorld()
let mariadb: MariadbPair

type Make = () => Asking | Promise<Asking>

const malformed = {
  not_a_url: () => ({ url: 'group1/M00/00/00/x.jpg' }),
  bad_host: () => ({ url: '/img/a.jpg', host: 'img example' }),
  url_too_long: () => ({ url: `/img/${'a'.repeat(9000)}` }),
  fragment: () => ({ url: '/img/a.jpg#top' }),
  backslash: () => ({ url: '/img\\a.jpg' }),
  percent_encoding: () => ({ url: '/img/%B2%E2.jpg' }),
  control_character: () => ({ url: '/img/a.jpg%0A' }),
  dot_segment: () => ({ url: '/img/%2e%2E/secret' }),
  argument_encoding: () => ({ url: `${ID}?filename=%B2%E2.jpg` }),
  argument_too_long: () => ({ url: `${ID}?attname=${'a'.repeat(256)}` }),
  key_too_long: () => ({ url: `/img/${'k'.repeat(256)}` }),
  group_name: () => ({ url: ID.replace('group1', 'group-of-products-1') }),
  double_slash: () => ({ url: ID.replace('/M00', '//M00') }),
  id_folders: () => ({ url: ID.replace('/00/00/', '/00/0a/') }),
  id_length: () => ({ url: '/group1/M00/00/00/fwAAA2sDFtyAYcJyAAB4A.jpg' }),
  id_character: () => ({ url: ID.replace('sDF', '%20DF') }),
  id_rest: () => ({ url: `${ID}/resize` }),
  id_too_long: () => ({ url: ID.replace('.jpg', `${'_thumb'.repeat(20)}.jpg`) }),
  flv_start: async () => ({
    url: `${await world.uploadUrl('flv')}?start=5001`,
    conf: world.conf({ flvExtension: 'flv' }),
  }),
} as const satisfies Record<string, Make>

const nowSeconds = (): number => Math.floor(Date.now() / 1000)

/** A URL whose token is made of a name and a time that may be other ones than those in the URL. */
async function signed(
  change: (filename: string) => string,
  ts = nowSeconds(),
  signedTs = ts,
): Promise<Asking> {
  const ref = await world.upload('jpg')
  const made = createToken(change(ref.filename), `${signedTs}`, SECRET)
  return { url: `${formatRef(ref)}?token=${made}&ts=${ts}`, conf: world.signedConf() }
}

const same = (name: string): string => name

const forbidden = {
  token_missing: async () => ({ url: await world.uploadUrl(), conf: world.signedConf() }),
  token_ts_form: async () => {
    const { url, ...rest } = await signed(same)
    return { ...rest, url: url.replace('ts=', 'ts=0x') }
  },
  token_expired: () => signed(same, nowSeconds() - 1500),
  token_expired_by_zone: () => signed(same, nowSeconds() - 8 * 3600),
  token_expired_by_clock: async () => {
    const ts = nowSeconds() - 1500
    return { ...(await signed(same, ts)), dateSeconds: ts + 10 }
  },
  token_with_group: () => signed((name) => `group1/${name}`),
  token_with_slash: () => signed((name) => `/${name}`),
  token_upper_case: async () => {
    const { url, ...rest } = await signed(same)
    const upper = (_: string, made: string): string => `token=${made.toUpperCase()}`
    return { ...rest, url: url.replace(/token=(\w+)/, upper) }
  },
  token_milliseconds: () => signed(same, nowSeconds(), nowSeconds() * 1000 + 7),
  token_other_zone: () => signed(same, nowSeconds(), nowSeconds() + 8 * 3600),
  token_encoded_name: async () => {
    const ts = nowSeconds()
    const made = createToken(encodeURIComponent('图/a.jpg'), `${ts}`, SECRET)
    await world.mogilefs.putAs('图/a.jpg', randomContent(10))
    return { url: `/img/图/a.jpg?token=${made}&ts=${ts}`, conf: world.signedConf() }
  },
  token_wrong: () => signed(() => 'M00/00/00/another.jpg'),
} as const satisfies Record<string, Make>

const absent = {
  no_file: () => ({ url: '/' }),
  group_missing: async () => ({ url: (await world.uploadUrl()).replace('/group1', '') }),
  fastdfs_shape: () => ({ url: '/img/a.jpg', conf: world.conf({ mogilefs: null }) }),
  fastdfs_off: () => ({ url: ID, conf: world.conf({ trackerServers: [] }) }),
  key_missing: () => ({ url: '/img/' }),
  metadata_name: async () => ({ url: `${await world.uploadUrl()}-m` }),
  unknown_group: async () => ({ url: (await world.uploadUrl()).replace('group1', 'group11') }),
  unknown_domain: () => ({ url: '/imgs/a.jpg' }),
  key_twin: async () => {
    await world.mogilefs.putAs('/with/slash.jpg', randomContent(10))
    return { url: '/img/with/slash.jpg' }
  },
  unknown_key: () => ({ url: '/img/nobody/has/this.jpg' }),
  file_gone: async () => {
    const url = await world.uploadUrl()
    for (const storage of world.fastdfs.store.storages) storage.faults = { missing: () => true }
    return { url }
  },
  file_gone_at_source: async () => {
    const url = await world.uploadUrl()
    const [source, other] = world.fastdfs.store.storages
    if (source) source.faults = { missing: () => true }
    if (other) other.faults = { hang: true }
    return { url, conf: world.impatientConf() }
  },
  copies_gone: async () => {
    const url = await world.putUrl('copies/gone.bin')
    for (const one of world.mogilefs.store.mogstoreds) one.faults = { missing: () => true }
    return { url }
  },
} as const satisfies Record<string, Make>

/** All storages of both systems do the same. */
async function withStorages(faults: object): Promise<Asking> {
  const url = await world.uploadUrl()
  for (const storage of world.fastdfs.store.storages) storage.faults = faults
  return { url, conf: world.impatientConf() }
}

/** The tracker lists other addresses. */
async function listed(
  lie: (server: { ipAddr: string; port: number }) => { ipAddr: string; port: number },
): Promise<Asking> {
  const url = await world.uploadUrl()
  world.fastdfs.store.tracker.faults = { lie: (servers) => servers.map(lie) }
  return { url, conf: world.impatientConf() }
}

async function delayed(faults: object): Promise<Asking> {
  const url = await world.uploadUrl()
  const [source, other] = world.fastdfs.store.storages
  if (source) source.faults = faults
  if (other) other.faults = { missing: () => true }
  return { url, conf: world.impatientConf() }
}

const broken = {
  tracker_refuses: async () => {
    const url = await world.uploadUrl()
    world.fastdfs.store.tracker.faults = { status: 5 }
    return { url }
  },
  tracker_is_storage: async () => {
    const [storage] = world.fastdfs.store.storages
    const trackerServers = storage === undefined ? [] : [[storage.address]]
    return { url: await world.uploadUrl(), conf: world.conf({ trackerServers }) }
  },
  storages_refuse: async () => {
    const { port } = await closedPort()
    return listed(({ ipAddr }) => ({ ipAddr, port }))
  },
  storages_unreachable: () => listed(({ port }) => ({ ipAddr: NO_ROUTE, port })),
  storages_error: () => withStorages({ status: 5 }),
  storages_garbage: () => withStorages({ garbage: true }),
  storages_break: () => withStorages({ cutAfterBytes: 100 }),
  device_down: async () => {
    const url = await world.putUrl('device/down.bin')
    const { store } = world.mogilefs
    store.store.exec("UPDATE device SET status = 'down'")
    for (const one of store.mogstoreds) one.faults = { status: 500 }
    return { url }
  },
  file_cut: async () => {
    const ref = await world.upload()
    await truncate(world.fastdfs.store.pathOf(ref), 100)
    // Of two that agree in another size than the id's, the edge believes that the file is a slave.
    world.fastdfs.store.tracker.faults = { lie: (servers) => servers.slice(0, 1) }
    return { url: formatRef(ref) }
  },
  checksum_wrong: () => withStorages({ wrongByteAt: 7 }),
  sync_delay: async () => {
    const [source] = world.fastdfs.store.storages
    const { port } = await closedPort()
    const asking = await delayed({})
    world.fastdfs.store.tracker.faults = {
      lie: (servers) =>
        servers.map((one) => (one.ipAddr === source?.address.host ? { ...one, port } : one)),
    }
    return asking
  },
  replicas_mixed: async () => {
    const asking = await withStorages({ garbage: true })
    const [first] = world.fastdfs.store.storages
    if (first) first.faults = { status: 5 }
    return asking
  },
  failed: () => withAnswer('replicas_failed', 502),
  edge_fault: () => withAnswer('local_file', 500),
} as const satisfies Record<string, Make>

/** What no daemon can be made to do: the edge says it, and the questions show nothing. */
async function withAnswer(code: ErrorCode, status: number): Promise<Asking> {
  const error = { code, message: 'a reason' }
  const answer: AnswerReport = { status, type: null, size: null, order: [], error, ms: 1 }
  return { url: await world.uploadUrl(), sources: { answer: async () => answer } }
}

async function trackersAt(...trackers: { host: string; port: number }[]): Promise<Asking> {
  const conf = world.conf({ trackerServers: trackers.map((one) => [one]) })
  return { url: await world.uploadUrl(), conf }
}

const unavailable = {
  trackers_refuse: async () => trackersAt(await closedPort()),
  trackers_unreachable: () => trackersAt({ host: NO_ROUTE, port: 22122 }),
  trackers_hang: async () => {
    const url = await world.uploadUrl()
    world.fastdfs.store.tracker.faults = { hang: true }
    return { url, conf: world.impatientConf() }
  },
  trackers_garbage: async () => {
    const daemon = await startDaemon((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    world.after(() => daemon.close())
    return trackersAt(daemon.address)
  },
  trackers_fail: async () => {
    const url = await world.putUrl('trackers/fail.bin')
    for (const tracker of world.mogilefs.store.trackers) tracker.faults = { error: 'failure' }
    return { url }
  },
  lookups_mixed: async () => {
    const asking = await trackersAt(world.fastdfs.store.tracker.address, await closedPort())
    world.fastdfs.store.tracker.faults = { hang: true }
    return asking
  },
  database_login: () => ({ url: '/img/a.jpg', conf: databaseConf({ password: 'wrong' }) }),
  primary_needed: async () => {
    await mariadb.exec("INSERT INTO domain (dmid, namespace) VALUES (1, 'img')")
    await mariadb.caughtUp()
    await mariadb.kill(mariadb.primary)
    return { url: '/img/a.jpg', conf: databaseConf() }
  },
  group_down: async () => {
    const url = await world.uploadUrl()
    world.fastdfs.store.tracker.faults = { lie: () => [] }
    return { url }
  },
  no_readable_copy: async () => {
    const url = await world.putUrl('no/readable.bin')
    for (const tracker of world.mogilefs.store.trackers) tracker.faults = { lie: () => [] }
    return { url }
  },
  hosts_unlisted: async () => {
    const url = 'http://10.9.9.9:7500/dev1/0/000/000/0000000007.fid'
    const daemon = await startTracker(
      byCommand({
        get_domains: ok({ domains: 1, domain1: 'img', domain1classes: 0 }),
        get_hosts: ok({ hosts: 0 }),
        get_devices: ok({ devices: 0 }),
        get_paths: ok({ paths: 1, path1: url }),
        file_info: ok({ fid: 7, length: 10, class: 'default', devcount: 1 }),
      }),
    )
    world.after(() => daemon.close())
    const { mogilefs } = world.conf()
    const trackers = [daemon.address]
    return { url: '/img/a', conf: world.conf({ mogilefs: mogilefs && { ...mogilefs, trackers } }) }
  },
  overloaded: () => withAnswer('overloaded', 503),
  lookup_failed: () => withAnswer('no_tracker', 503),
} as const satisfies Record<string, Make>

function databaseConf(login: Partial<typeof USER> = {}) {
  const servers = [mariadb.primary, mariadb.replica].map(({ address }) => ({
    ...address,
    database: DATABASE,
  }))
  const database = { servers, ...USER, ...login, charset: 'utf8mb4' as const, connectionsMax: 4 }
  const { mogilefs } = world.mogilefs.conf
  if (mogilefs === null) throw new Error('no MogileFS is configured')
  return world.conf({
    mogilefs: { ...mogilefs, trackers: [], database, resolve: ['database'] },
  })
}

const late = {
  sync_delay_timeout: () => delayed({ hang: true }),
  storages_hang: () => withStorages({ hang: true }),
  storages_no_connection: async () => {
    const { host, port } = await startFullBacklog(world, '127.0.0.9')
    return listed(() => ({ ipAddr: host, port }))
  },
  too_slow: () => withAnswer('too_slow', 504),
} as const satisfies Record<string, Make>

const served = {
  served: async () => ({ url: await world.uploadUrl('jpg') }),
  served_other_size: async () => {
    const ref = await world.upload('jpg')
    await truncate(world.fastdfs.store.pathOf(ref), 100)
    return { url: formatRef(ref) }
  },
  served_despite: async () => {
    const url = await world.uploadUrl('jpg')
    const [first] = world.fastdfs.store.storages
    if (first) first.faults = { status: 5 }
    return { url }
  },
} as const satisfies Record<string, Make>

/** A cause without a test does not compile. */
const MAKERS = {
  ...served,
  ...malformed,
  ...forbidden,
  ...absent,
  ...broken,
  ...late,
  ...unavailable,
} as const satisfies Record<CauseCode, Make>

describe('a cause', () => {
  before(async () => {
    await world.start()
    mariadb = await startMariadb(world)
  })
  afterEach(() => world.heal())
  after(() => world.stop())

  for (const [cause, make] of Object.entries<Make>(MAKERS)) {
    it(cause, async () => {
      const { verdict, answer } = await world.explain(await make())
      assert.equal(verdict.cause, cause, `${verdict.sentence}\n${JSON.stringify(answer)}`)
      assert.equal(answer?.status, verdict.status, JSON.stringify(answer))
      assert.doesNotMatch(verdict.sentence, /[{}]|undefined|null| {2}/)
      assert.match(verdict.sentence, /^\S.*\.$/s)
      if (process.env['SHOW'] !== undefined) console.log(`${cause} ${verdict.sentence}\n`)
    })
  }

  it('is not that a file is gone, where its source cannot be asked and so no tracker names it', async () => {
    const asking = await delayed({ hang: true, isUnheard: true })
    const [source] = world.fastdfs.store.storages
    const { verdict, answer } = await world.explain(asking)
    assert.deepEqual([verdict.cause, answer?.status], ['sync_delay_timeout', 504])
    assert.ok(source && verdict.sentence.includes(source.address.host), verdict.sentence)
  })

  it('has the status that the table says', () => {
    const statuses = new Set(Object.values(CAUSES).map(({ status }) => status))
    assert.deepEqual([...statuses].toSorted(), [200, 400, 403, 404, 414, 500, 502, 503, 504])
  })
})
