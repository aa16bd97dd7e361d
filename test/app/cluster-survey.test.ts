import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { ClusterReport } from '../../src/admin/cluster-report.ts'
import { surveyClusters } from '../../src/app/cluster-survey.ts'
import { openClusters } from '../../src/app/clusters.ts'
import { defaultEdgeConf, type EdgeConf } from '../../src/config/index.ts'
import { startStack } from '../support/edge-stack.ts'
import { startMogilefs } from '../support/mogilefs-stack.ts'
import { closedPort, startDaemon } from '../support/scripted-daemon.ts'

function open(t: TestContext, conf: EdgeConf): () => Promise<ClusterReport> {
  const clusters = openClusters(conf, () => undefined)
  t.after(() => clusters.close())
  return () => surveyClusters(clusters, conf)
}

test('tells of every tracker, group and storage of FastDFS', async (t) => {
  const { store, conf, upload } = await startStack(t, { storages: 2 })
  await upload(Buffer.from('content'))
  const closed = await closedPort()
  const survey = open(t, { ...conf, trackerServers: [[closed], [store.tracker.address]] })
  const { fastdfs, mogilefs, databases } = await survey()
  assert.deepEqual([mogilefs, databases], [null, []])
  assert.deepEqual(
    fastdfs?.trackers.map(({ error }) => error !== null),
    [true, false],
  )
  assert.match(fastdfs?.trackers[0]?.error ?? '', /ECONNREFUSED/)
  const [group, ...others] = fastdfs?.groups ?? []
  assert.deepEqual([group?.groupName, others], ['group1', []])
  const [first, second] = group?.storages ?? []
  assert.deepEqual([first?.states, first?.error, first?.version], [['ACTIVE'], null, '6.16.1'])
  assert.deepEqual(first?.uploads, { total: 1, succeeded: 1 })
  assert.ok((first?.freeMb ?? 0) > 0 && (first?.lastHeartBeatAt ?? 0) > 0)
  // Nothing came from elsewhere to the first; the second has not got what the first was given.
  assert.deepEqual([first?.syncDelaySeconds, second?.syncDelaySeconds], [null, 'never'])
})

test('a dead storage says why before its tracker knows, one that is given up is left alone', async (t) => {
  const clock = { seconds: 1_800_000_000 }
  const { store, conf } = await startStack(t, {
    storages: 2,
    embedded: { now: () => clock.seconds * 1000 },
  })
  const survey = open(t, conf)
  const storages = async () => (await survey()).fastdfs?.groups[0]?.storages ?? []
  await store.storages[1]?.stop()
  const [, dead] = await storages()
  assert.deepEqual(dead?.states, ['ACTIVE'])
  assert.match(dead?.error ?? '', /ECONNREFUSED/)
  clock.seconds += 1000
  const [alive, listed] = await storages()
  assert.deepEqual([alive?.states, alive?.error], [['ACTIVE'], null])
  assert.deepEqual([listed?.states, listed?.error], [['OFFLINE'], null])
})

test('tells of every tracker, host and device of MogileFS', async (t) => {
  const { conf, store } = await startMogilefs(t, { replicas: 2 })
  const survey = open(t, conf)
  const { fastdfs, mogilefs } = await survey()
  assert.equal(fastdfs, null)
  assert.deepEqual(
    mogilefs?.trackers.map(({ error, databaseError }) => [error, databaseError]),
    [[null, null]],
  )
  assert.deepEqual(
    mogilefs?.devices.map(({ devid, error }) => [devid, error]),
    [
      [1, null],
      [2, null],
    ],
  )
  await store.mogstoreds[1]?.stop()
  const { mogilefs: later } = await survey()
  assert.deepEqual(
    later?.hosts.map(({ error }) => error !== null),
    [false, true],
  )
})

test('a tracker that hangs is shown as that, and holds up nothing else', async (t) => {
  const { store, conf } = await startStack(t)
  const [storage] = store.storages
  assert.ok(storage !== undefined)
  storage.faults = { hang: true }
  const hung = await startDaemon(() => undefined)
  t.after(() => hung.close())
  const survey = open(t, { ...conf, trackerServers: [[hung.address, store.tracker.address]] })
  const before = performance.now()
  const { fastdfs } = await survey()
  const tookMs = performance.now() - before
  assert.equal(fastdfs?.trackers[0]?.error, 'no answer in 1000 ms')
  assert.equal(fastdfs?.groups[0]?.storages[0]?.error, 'no answer in 1000 ms')
  // The two deadlines, and room for a machine that is busy.
  assert.ok(tookMs < 4000, `${tookMs} ms`)
})

test('without clusters there is nothing to tell', async (t) => {
  const { fastdfs, mogilefs, databases } = await open(t, defaultEdgeConf())()
  assert.deepEqual([fastdfs, mogilefs, databases], [null, null, []])
})
