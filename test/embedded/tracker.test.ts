import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { EmbeddedFastdfsOptions, FdfsTrackerd } from '../../src/embedded/embedded-fastdfs.ts'
import { COMMAND } from '../../src/wire/fastdfs/commands.ts'
import { createFilename, parseFileId } from '../../src/wire/fastdfs/file-id.ts'
import { STATUS } from '../../src/wire/fastdfs/status.ts'
import {
  decodeGroupStats,
  decodeServers,
  decodeStorageIdsPage,
  decodeStorageStats,
  decodeStoreTarget,
  encodeGroupName,
  encodeStorageIdsRequest,
  STORAGE_STATUS,
} from '../../src/wire/fastdfs/tracker-messages.ts'
import { waitFor } from '../support/wait-for.ts'
import {
  download,
  GROUP,
  nameBody,
  startCluster,
  storageOf,
  type TestContext,
  upload,
} from './cluster-fixture.ts'
import { askOnce } from './wire-peer.ts'

const HOSTS = ['127.0.0.2', '127.0.0.3', '127.0.0.4']

function startThree(t: TestContext, options: Partial<EmbeddedFastdfsOptions> = {}) {
  const storages = HOSTS.map((host) => ({ host, port: 0 }))
  return startCluster(t, { groups: [{ groupName: GROUP, storages }], ...options })
}

function nameFrom(ipAddr: string): string {
  return createFilename({
    ...{ storePathIndex: 0, subdirs: '00/00', source: { ipAddr }, createTimestamp: 1, size: 1 },
    ...{ crc32: 0, isAppender: false, extName: 'jpg', random: [0, 0] },
  })
}

async function hostsOf(tracker: FdfsTrackerd, command: number, filename: string) {
  const { body } = await askOnce(tracker.address, command, nameBody(filename))
  return decodeServers(body).servers.map(({ ipAddr }) => ipAddr)
}

describe('a tracker', () => {
  for (const addressWidth of [16, 46] as const) {
    for (const isOldFetchAll of [false, true]) {
      it(`lists all storages, ${addressWidth} wide, old form ${isOldFetchAll}`, async (t) => {
        const { tracker } = await startThree(t, { addressWidth, isOldFetchAll })
        const body = nameBody(nameFrom(HOSTS[1] ?? ''))
        const answer = await askOnce(tracker.address, COMMAND.QUERY_FETCH_ALL, body)
        const perServer = addressWidth - 1 + (isOldFetchAll ? 0 : 8)
        assert.equal(answer.body.length, 16 + addressWidth - 1 + 8 + 2 * perServer)
        assert.deepEqual(
          decodeServers(answer.body).servers.map(({ ipAddr }) => ipAddr),
          HOSTS,
        )
      })
    }
  }

  it('names the source for an update, and each storage in turn for a fetch', async (t) => {
    const { tracker } = await startThree(t)
    for (const host of HOSTS) {
      assert.deepEqual(await hostsOf(tracker, COMMAND.QUERY_UPDATE, nameFrom(host)), [host])
    }
    const asked = HOSTS.map(() => hostsOf(tracker, COMMAND.QUERY_FETCH_ONE, nameFrom('10.0.0.1')))
    assert.deepEqual((await Promise.all(asked)).flat().sort(), HOSTS)
  })

  it('knows sources by their storage ids', async (t) => {
    const cluster = await startThree(t, { storageIds: true, addressWidth: 46 })
    const filename = await upload(storageOf(cluster, 2), Buffer.from('x'))
    assert.equal(parseFileId({ groupName: GROUP, filename })?.sourceId, 100_003)
    const update = await hostsOf(cluster.tracker, COMMAND.QUERY_UPDATE, filename)
    assert.deepEqual(update, ['127.0.0.4'])
    const request = encodeStorageIdsRequest(1)
    const { body } = await askOnce(cluster.tracker.address, COMMAND.FETCH_STORAGE_IDS, request)
    const { port } = storageOf(cluster).address
    assert.deepEqual(decodeStorageIdsPage(body), {
      totalCount: 3,
      currentCount: 2,
      text: `100002 ${GROUP} 127.0.0.3:${port}\n100003 ${GROUP} 127.0.0.4:${port}\n`,
    })
  })

  it('names groups in turn, and one group on demand, for an upload', async (t) => {
    const storages = [{ host: '127.0.0.1', port: 0 }]
    const groups = ['group1', 'group2'].map((groupName) => ({ groupName, storages }))
    const { tracker } = await startCluster(t, { groups })
    const groupOf = async (command: number, body?: Buffer): Promise<string> =>
      decodeStoreTarget((await askOnce(tracker.address, command, body)).body).groupName
    const any = [1, 2].map(() => groupOf(COMMAND.QUERY_STORE_WITHOUT_GROUP_ONE))
    assert.deepEqual((await Promise.all(any)).sort(), ['group1', 'group2'])
    const one = encodeGroupName('group2')
    assert.equal(await groupOf(COMMAND.QUERY_STORE_WITH_GROUP_ONE, one), 'group2')
    assert.equal(await groupOf(COMMAND.QUERY_STORE_WITH_GROUP_ONE, one), 'group2')
  })

  it('goes on listing a storage that was killed until it has been silent for long', async (t) => {
    let seconds = 1_795_365_896
    const cluster = await startThree(t, { now: () => seconds * 1000 })
    const { tracker } = cluster
    const filename = nameFrom(HOSTS[0] ?? '')
    await storageOf(cluster, 0).stop()
    seconds += 100
    assert.deepEqual(await hostsOf(tracker, COMMAND.QUERY_FETCH_ALL, filename), HOSTS)
    seconds += 1
    assert.deepEqual(await hostsOf(tracker, COMMAND.QUERY_FETCH_ALL, filename), HOSTS.slice(1))
    assert.deepEqual(await hostsOf(tracker, COMMAND.QUERY_UPDATE, filename), HOSTS.slice(1, 2))
    const list = await askOnce(tracker.address, COMMAND.SERVER_LIST_STORAGE, encodeGroupName(GROUP))
    assert.deepEqual(
      decodeStorageStats(list.body, 3).map(({ status }) => status),
      [STORAGE_STATUS.OFFLINE, STORAGE_STATUS.ACTIVE, STORAGE_STATUS.ACTIVE],
    )
    await storageOf(cluster, 0).start()
    assert.deepEqual(await hostsOf(tracker, COMMAND.QUERY_FETCH_ALL, filename), HOSTS)
  })

  it('says ENOENT where no storage is active', async (t) => {
    let seconds = 1_795_365_896
    const cluster = await startCluster(t, { now: () => seconds * 1000 })
    await storageOf(cluster).stop()
    seconds += 101
    const { address } = cluster.tracker
    for (const command of [
      COMMAND.QUERY_FETCH_ONE,
      COMMAND.QUERY_UPDATE,
      COMMAND.QUERY_FETCH_ALL,
    ]) {
      const answer = await askOnce(address, command, nameBody(nameFrom('127.0.0.1')))
      assert.equal(answer.status, STATUS.ENOENT)
    }
    const upload = await askOnce(address, COMMAND.QUERY_STORE_WITHOUT_GROUP_ONE)
    assert.equal(upload.status, STATUS.ENOENT)
  })

  it('reports disks, counts and what storages have done', async (t) => {
    const seconds = 1_795_365_896
    const cluster = await startThree(t, { now: () => seconds * 1000 })
    const storage = storageOf(cluster, 1)
    const filename = await upload(storage, Buffer.alloc(1234))
    await download(storage, filename)
    await download(storage, filename, { offset: 1000 })
    await download(storage, filename.replace('.jpg', '.png'))
    await waitFor('the end of all', () => storage.counters.connectionsOpen === 0)
    const { address } = cluster.tracker
    const [group] = decodeGroupStats((await askOnce(address, COMMAND.SERVER_LIST_ALL_GROUPS)).body)
    assert.equal(group?.groupName, GROUP)
    assert.equal(group.storageCount, 3)
    assert.ok(group.freeMb > 0 && group.freeMb <= group.totalMb)
    const wanted = Buffer.concat([encodeGroupName(GROUP), Buffer.from('127.0.0.3')])
    const list = await askOnce(address, COMMAND.SERVER_LIST_STORAGE, wanted)
    const [stat, ...others] = decodeStorageStats(list.body, 1)
    assert.deepEqual(others, [])
    assert.equal(stat?.id, '127.0.0.3')
    assert.equal(stat.joinTime, seconds)
    assert.equal(stat.counters.totalUploadCount, 1)
    assert.equal(stat.counters.successUploadBytes, 1234)
    assert.equal(stat.counters.totalDownloadCount, 3)
    assert.equal(stat.counters.successDownloadCount, 2)
    assert.equal(stat.counters.successDownloadBytes, 1234 + 234)
    assert.equal(stat.counters.lastHeartBeatTime, seconds)
    assert.equal(stat.counters.connectionCurrentCount, 0)
  })
})
