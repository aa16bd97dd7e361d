import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import type { EdgeConf } from '../../src/config/index.ts'
import type { FdfsStoraged } from '../../src/embedded/embedded-fastdfs.ts'
import type { FastdfsRef } from '../../src/resolver/resolver.ts'
import { COMMAND } from '../../src/wire/fastdfs/commands.ts'
import type { ServerAddress } from '../../src/wire/fastdfs/tracker-messages.ts'
import { keepNothing, readAll } from '../suites/store-stack.ts'
import { type Stack, startStack } from '../support/edge-stack.ts'
import { randomContent } from '../support/random-content.ts'
import { waitFor } from '../support/wait-for.ts'

const { signal } = new AbortController()
const FORGED = 'M00/00/00/fwAAA2sDFtyAHc0-AAAIAIYy60I718.png'

describe('facts', () => {
  test('of an id count once a storage has confirmed them', async (t) => {
    const { cluster, upload, store } = await startStack(t)
    const ref = await upload(randomContent(3000))
    const claimed = await cluster.resolver.resolve(ref)
    assert.equal(claimed?.isConfirmed, false)
    assert.equal(store.storages[0]?.counters.requests(COMMAND.QUERY_FILE_INFO), 0)
    const confirmed = await cluster.resolver.resolve(ref, { isConfirmed: true })
    assert.equal(confirmed?.isConfirmed, true)
    assert.equal(confirmed?.facts.size, 3000)
    await cluster.resolver.resolve(ref, { isConfirmed: true })
    assert.equal(store.storages[0]?.counters.requests(COMMAND.QUERY_FILE_INFO), 1)
  })

  test('a whole download confirms them too: a HEAD after it asks nobody', async (t) => {
    const { transfer, upload, store } = await startStack(t)
    const ref = await upload(randomContent(3_000_000))
    await readAll(await transfer.open(ref, null, { signal }))
    assert.equal((await transfer.facts(ref))?.size, 3_000_000)
    assert.equal(store.storages[0]?.counters.requests(COMMAND.QUERY_FILE_INFO), 0)
  })

  test('of a forged id are not found, and that is remembered for a while', async (t) => {
    const { cluster, store } = await startStack(t, { storages: 2 })
    const ref = { system: 'fastdfs', groupName: 'group1', filename: FORGED } as const
    assert.equal(await cluster.resolver.resolve(ref, { isConfirmed: true }), null)
    const asked = store.tracker.counters.allRequests
    assert.equal(await cluster.resolver.resolve(ref, { isConfirmed: true }), null)
    assert.equal(store.tracker.counters.allRequests, asked)
  })

  test('ETag and modified are what nginx makes of the file on disk', async (t) => {
    const { transfer, upload, store } = await startStack(t)
    const ref = await upload(randomContent(3000))
    const facts = await transfer.facts(ref)
    const { stat } = await import('node:fs/promises')
    const { mtimeMs, size } = await stat(store.pathOf(ref))
    const modified = Math.floor(mtimeMs / 1000)
    assert.equal(facts?.modified, modified)
    assert.equal(facts?.etag, `"${modified.toString(16)}-${size.toString(16)}"`)
  })
})

describe('what is no file', () => {
  test('metadata is not public', async (t) => {
    const { cluster, upload } = await startStack(t)
    const ref = await upload(randomContent(3000))
    const metadata = { ...ref, filename: `${ref.filename}-m` }
    assert.equal(await cluster.resolver.resolve(metadata), null)
  })

  test('a malformed name is refused without asking anybody', async (t) => {
    const { cluster, store } = await startStack(t)
    const ref = { system: 'fastdfs', groupName: 'group1', filename: 'M00/00/00/x' } as const
    await assert.rejects(cluster.resolver.resolve(ref), { code: 'invalid_ref' })
    assert.equal(store.tracker.counters.allRequests, 0)
  })

  test('a group that no tracker knows is not found', async (t) => {
    const { cluster } = await startStack(t)
    const ref = { system: 'fastdfs', groupName: 'group9', filename: FORGED } as const
    assert.equal(await cluster.resolver.resolve(ref), null)
  })

  test('a group whose storages are all down is a failure', async (t) => {
    let now = 1_795_000_000_000
    const { cluster, store, upload } = await startStack(t, {
      embedded: { checkActiveSeconds: 1, now: () => now },
    })
    const ref = await upload(randomContent(3000))
    await store.storages[0]?.stop()
    now += 5000
    await assert.rejects(cluster.resolver.resolve(ref), { code: 'no_replica' })
  })
})

describe('trackers', () => {
  test('only addresses that a tracker listed are connected to', async (t) => {
    const { transfer, store } = await startStack(t, { storages: 1 })
    // Its source is 127.0.0.3, which no tracker names.
    const ref = { system: 'fastdfs', groupName: 'group1', filename: FORGED } as const
    assert.equal(await transfer.open(ref, null, { signal }), null)
    assert.deepEqual(
      store.storages.map(({ counters }) => counters.connectionsAccepted > 0),
      [true],
    )
  })

  test('one that hangs costs hedge_ms, the other answers', async (t) => {
    const hung = await startStack(t)
    hung.store.tracker.faults = { hang: true }
    const { cluster, upload, events } = await startStack(t, {
      conf: (conf) => ({
        ...conf,
        trackerServers: [[hung.store.tracker.address], ...conf.trackerServers],
      }),
    })
    const ref = await upload(randomContent(3000))
    assert.notEqual(await cluster.resolver.resolve(ref), null)
    assert.ok(events.some(({ type }) => type === 'host_silent'))
  })

  test('none that answers and nothing known is no_tracker', async (t) => {
    const { cluster, upload, store } = await startStack(t)
    const ref = await upload(randomContent(3000))
    await store.tracker.stop()
    await assert.rejects(cluster.resolver.resolve(ref), { code: 'no_tracker' })
  })

  test('while none answers, an old location serves, and the group for what is new', async (t) => {
    const { cluster, transfer, upload, store, events } = await startStack(t, {
      conf: (conf) => ({ ...conf, locations: { ...conf.locations, foundMs: 0 } }),
    })
    const known = await upload(randomContent(3000))
    const unknown = await upload(randomContent(4000))
    await cluster.resolver.resolve(known)
    for (const fault of [() => store.tracker.stop(), () => undefined]) {
      await fault()
      assert.equal((await readAll(await transfer.open(known, null, { signal }))).length, 3000)
      assert.equal((await readAll(await transfer.open(unknown, null, { signal }))).length, 4000)
    }
    assert.ok(events.some(({ type }) => type === 'stale_location'))
  })

  test('an old location does not wait for trackers that hang', async (t) => {
    const { cluster, upload, store, events } = await startStack(t, {
      conf: (conf) => ({
        ...conf,
        locations: { ...conf.locations, foundMs: 0 },
        timeouts: { ...conf.timeouts, firstAnswerMs: 60_000, hedgeMs: 10 },
      }),
    })
    const ref = await upload(randomContent(3000))
    await cluster.resolver.resolve(ref)
    store.tracker.faults = { hang: true }
    assert.notEqual(await cluster.resolver.resolve(ref), null)
    assert.ok(events.some(({ type }) => type === 'stale_location'))
  })

  test('one that comes back is asked again', async (t) => {
    const { cluster, upload, store } = await startStack(t)
    const ref = await upload(randomContent(3000))
    await store.tracker.stop()
    await assert.rejects(cluster.resolver.resolve(ref), { code: 'no_tracker' })
    await store.tracker.start()
    assert.notEqual(await cluster.resolver.resolve(ref), null)
  })

  for (const [what, embedded] of [
    ['16 byte addresses', { addressWidth: 16 }],
    ['46 byte addresses', { addressWidth: 46 }],
    ['16 byte addresses before 6.16', { addressWidth: 16, isOldFetchAll: true }],
    ['46 byte addresses before 6.16', { addressWidth: 46, isOldFetchAll: true }],
  ] as const) {
    test(`answers with ${what} are understood`, async (t) => {
      const { cluster, upload } = await startStack(t, { storages: 3, embedded })
      const ref = await upload(randomContent(3000))
      const found = await cluster.resolver.resolve(ref)
      const hosts = found?.replicas.map(({ host }) => host.replace(/:.*/, '')).toSorted()
      assert.deepEqual(hosts, ['127.0.0.2', '127.0.0.3', '127.0.0.4'])
    })
  }
})

describe('order of the replicas', () => {
  test('takes turns for what never changes', async (t) => {
    const { cluster, upload } = await startStack(t, { storages: 3 })
    const ref = await upload(randomContent(3000))
    const firsts = new Set<string | undefined>()
    for (let i = 0; i < 3; i += 1) {
      firsts.add((await cluster.resolver.resolve(ref))?.replicas[0]?.host)
    }
    assert.equal(firsts.size, 3)
  })

  test('begins at the source for what may change', async (t) => {
    const { cluster, upload, store } = await startStack(t, { storages: 3 })
    const ref = await upload(Buffer.from('log'), { isAppender: true, to: 1 })
    const source = store.storages[1]?.address
    for (let i = 0; i < 3; i += 1) {
      const found = await cluster.resolver.resolve(ref)
      assert.equal(found?.replicas[0]?.host, `${source?.host}:${source?.port}`)
      assert.equal(found?.source, `${source?.host}:${source?.port}`)
    }
  })

  test('knows the source of ids that hold a storage id, once a tracker has listed them', async (t) => {
    const { cluster, upload, store } = await startStack(t, {
      storages: 2,
      embedded: { storageIds: true },
    })
    const ref = await upload(Buffer.from('log'), { isAppender: true, to: 1 })
    await cluster.resolver.resolve(ref)
    await waitFor('the list of ids', () => {
      return store.tracker.counters.requests(COMMAND.FETCH_STORAGE_IDS) > 0
    })
    const source = store.storages[1]?.address
    let seen: string | null | undefined = null
    for (let i = 0; i < 100 && seen === null; i += 1) {
      seen = (await cluster.resolver.resolve(ref))?.source
    }
    assert.equal(seen, `${source?.host}:${source?.port}`)
  })
})

describe('a tracker that names the wrong storages', () => {
  /** Two trackers of the same group, of which the first is asked first and lies. */
  async function startLiar(t: TestContext, servers: (good: Stack) => ServerAddress[]) {
    const good = await startStack(t, { storages: 2 })
    const liar = await startStack(t)
    liar.store.tracker.faults = { lie: () => servers(good) }
    const conf = (base: EdgeConf): EdgeConf => ({
      ...base,
      trackerServers: [[liar.store.tracker.address], [good.store.tracker.address]],
    })
    const { transfer } = await startStack(t, { conf })
    return { good, liar, transfer }
  }
  const nowhere = (): ServerAddress[] => [{ ipAddr: '127.0.0.1', port: 1 }]

  test('where nobody is: the other one is asked, for bytes and for facts', async (t) => {
    const { good, liar, transfer } = await startLiar(t, nowhere)
    const ref = await good.upload(randomContent(3000))
    assert.equal((await readAll(await transfer.open(ref, null, { signal }))).length, 3000)
    const head = await startLiar(t, nowhere)
    const other = await head.good.upload(randomContent(3000))
    assert.equal((await head.transfer.facts(other))?.size, 3000)
    assert.equal(liar.store.tracker.counters.requests(COMMAND.QUERY_FETCH_ALL), 2)
  })

  test('where the file is not: that is no 404', async (t) => {
    const { good, liar, transfer } = await startLiar(t, () => {
      return liar.store.storages.map(({ address }) => ({
        ipAddr: address.host,
        port: address.port,
      }))
    })
    const ref = await good.upload(randomContent(3000), { to: 1 })
    assert.equal((await readAll(await transfer.open(ref, null, { signal }))).length, 3000)
  })

  test('a file that its source does not have is not asked for anywhere else', async (t) => {
    const { good, transfer } = await startLiar(t, ({ store }) =>
      store.storages.map(({ address }) => ({ ipAddr: address.host, port: address.port })),
    )
    const ref = await good.upload(randomContent(3000))
    for (const storage of good.store.storages) storage.faults = { missing: () => true }
    assert.equal(await transfer.open(ref, null, { signal }), null)
    assert.equal(good.store.tracker.counters.requests(COMMAND.QUERY_FETCH_ALL), 0)
  })
})

describe('a file of which a tracker names the source alone', () => {
  /** The first storage is the source. Nothing is remembered, and a hung host is known soon. */
  async function startPair(t: TestContext) {
    const stack = await startStack(t, {
      storages: 2,
      conf: (conf) => ({
        ...keepNothing(conf),
        timeouts: { ...conf.timeouts, firstAnswerMs: 500, hedgeMs: 20 },
      }),
    })
    stack.store.tracker.faults = { isBehind: true }
    const [source, other] = stack.store.storages
    assert.ok(source && other)
    const read = async (ref: FastdfsRef): Promise<Buffer | undefined> => {
      const body = await stack.transfer.open(ref, null, { signal })
      return body === null ? undefined : readAll(body)
    }
    return { ...stack, source, other, read }
  }

  for (const [fault, begin] of [
    [
      'hangs',
      (source: FdfsStoraged): void => {
        source.faults = { hang: true }
      },
    ],
    ['is down', (source: FdfsStoraged): Promise<void> => source.stop()],
  ] as const) {
    test(`comes from another storage of the group where that one ${fault}`, async (t) => {
      const { source, read, upload, uploadSlave } = await startPair(t)
      const content = randomContent(3000)
      const plain = await upload(content, { to: 0 })
      const appender = await upload(content, { to: 0, isAppender: true })
      const slave = await uploadSlave(plain, content, { prefix: '_small', extName: 'bin' })
      await begin(source)
      for (const ref of [plain, slave, appender]) assert.deepEqual(await read(ref), content)
    })
  }

  test('is not there where that one says so, whoever else still has it', async (t) => {
    const { source, other, read, upload } = await startPair(t)
    const plain = await upload(randomContent(3000), { to: 0 })
    source.faults = { missing: () => true }
    assert.equal(await read(plain), undefined)
    assert.equal(other.counters.requests(COMMAND.DOWNLOAD_FILE), 0)
  })

  test('is an appender that only a slow source has whole: others are not asked', async (t) => {
    const { source, other, read, upload } = await startPair(t)
    const appender = await upload(randomContent(3000), { to: 0, isAppender: true })
    source.faults = { delayMs: 100 }
    assert.equal((await read(appender))?.length, 3000)
    assert.equal(other.counters.requests(COMMAND.DOWNLOAD_FILE), 0)
  })
})

test('a tracker that knows no storage to be up, for it has just started, does not end what goes on', async (t) => {
  const { transfer, upload, store } = await startStack(t, { conf: keepNothing })
  const ref = await upload(randomContent(3000))
  const fresh = await upload(randomContent(4000))
  assert.equal((await readAll(await transfer.open(ref, null, { signal }))).length, 3000)
  store.tracker.faults = { lie: () => [] }
  assert.equal((await readAll(await transfer.open(ref, null, { signal }))).length, 3000)
  assert.equal((await readAll(await transfer.open(fresh, null, { signal }))).length, 4000)
})

describe('address_map', () => {
  test('replaces an address that a storage registered but nobody reaches', async (t) => {
    const { transfer, upload, store, conf } = await startStack(t)
    const ref = await upload(randomContent(3000))
    store.tracker.faults = { lie: () => [{ ipAddr: '10.255.0.1', port: 23000 }] }
    const real = store.storages[0]?.address
    assert.ok(real)
    const mapped = await startStack(t, {
      conf: (base) => ({
        ...base,
        trackerServers: conf.trackerServers,
        addressMap: [{ from: { host: '10.255.0.1' }, to: real }],
      }),
    })
    assert.equal((await readAll(await mapped.transfer.open(ref, null, { signal }))).length, 3000)
    assert.notEqual(transfer, mapped.transfer)
  })
})

describe('a purge', () => {
  test('drops location, facts and "not found", of a file or of all below a prefix', async (t) => {
    const { cluster, upload, store } = await startStack(t)
    const { resolver } = cluster
    const ref = await upload(randomContent(3000))
    const forged = { ...ref, filename: FORGED }
    const ask = async (): Promise<number> => {
      const { counters } = store.tracker
      const before = counters.requests(COMMAND.QUERY_FETCH_ALL)
      assert.ok((await resolver.resolve(ref, { isConfirmed: true }))?.isConfirmed)
      assert.equal(await resolver.resolve(forged, { isConfirmed: true }), null)
      return counters.requests(COMMAND.QUERY_FETCH_ALL) - before
    }
    assert.equal(await ask(), 2)
    assert.equal(await ask(), 0)
    const { contents } = resolver.forget(ref)
    assert.deepEqual(contents, [{ key: `/${ref.groupName}/${ref.filename}`, size: 3000 }])
    assert.equal(resolver.forget(forged).refs.length, 1)
    assert.equal(await ask(), 2)
    assert.equal(
      resolver.forgetPrefix({ system: 'fastdfs', prefix: '/group1/M00/' }).refs.length,
      2,
    )
    assert.equal(await ask(), 2)
    assert.equal(resolver.forgetPrefix({ system: 'fastdfs', prefix: '/group2/' }).refs.length, 0)
    assert.equal(store.storages[0]?.counters.requests(COMMAND.QUERY_FILE_INFO), 6)
  })
})
