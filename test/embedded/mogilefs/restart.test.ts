import assert from 'node:assert/strict'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { startEmbeddedMogilefs } from '../../../src/embedded/embedded-mogilefs.ts'
import { EdgeError } from '../../../src/errors.ts'
import { randomContent } from '../../support/random-content.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { get } from './http-peer.ts'
import { askOk, LinePeer } from './line-peer.ts'
import { mogstoredOf, pathsOf, startMogilefs, trackerOf, upload } from './mogilefs-fixture.ts'

describe('a store that is started again', () => {
  it('has its files, states and numbers, at new ports', async (t) => {
    const dataDir = await temporaryFolder(t)
    const first = await startMogilefs(t, { dataDir })
    await upload(first, 'k', Buffer.from('still here'))
    await first.settled()
    await upload(first, 'gone', Buffer.from('x'))
    await askOk(trackerOf(first), 'delete domain=img&key=gone')
    await askOk(trackerOf(first), 'create_device hostname=node1&devid=7')
    await askOk(trackerOf(first), 'set_state host=node1&device=7&state=readonly')
    await first.close()
    const second = await startMogilefs(t, { dataDir })
    const paths = await pathsOf(second, 'k')
    assert.equal(paths.length, 2)
    for (const path of paths) assert.equal((await get(path)).body.toString(), 'still here')
    const device = await askOk(trackerOf(second), 'get_devices devid=7')
    assert.equal(device['dev1_status'], 'readonly')
    assert.ok(mogstoredOf(second, 1).devids.has(7))
    assert.equal((await upload(second, 'next', Buffer.from('y'))).fid, 3)
    await second.close()
  })

  it('makes the copies that were not made before', async (t) => {
    const dataDir = await temporaryFolder(t)
    const first = await startMogilefs(t, { dataDir })
    for (const devid of [2, 3]) await mogstoredOf(first, devid).stop()
    await upload(first, 'k', Buffer.from('x'))
    await first.close()
    let now = Date.now() + 60_000
    const second = await startMogilefs(t, { dataDir, now: () => now++ })
    await second.settled()
    assert.equal((await pathsOf(second, 'k')).length, 2)
    await second.close()
  })

  it('goes on with the copy that its end has interrupted', async (t) => {
    const dataDir = await temporaryFolder(t)
    const first = await startMogilefs(t, { dataDir })
    await upload(first, 'k', randomContent(40_000_000))
    await first.close()
    let now = Date.now() + 60_000
    const second = await startMogilefs(t, { dataDir, now: () => now++ })
    await second.settled()
    assert.equal((await pathsOf(second, 'k')).length, 2)
    await second.close()
  })

  it('removes what a killed process left half written', async (t) => {
    const dataDir = await temporaryFolder(t)
    await (await startMogilefs(t, { dataDir })).close()
    await writeFile(join(dataDir, 'dev1', 'tmp', 'half'), 'x')
    const cluster = await startMogilefs(t, { dataDir })
    assert.deepEqual(await readdir(join(dataDir, 'dev1', 'tmp')), [])
    await cluster.close()
  })
})

describe('a store', () => {
  const base = {
    trackers: [{ host: '127.0.0.1', port: 0 }],
    storages: [{ host: '127.0.0.1', port: 0, devids: [1] }],
  }

  it('is not opened twice', async (t) => {
    const dataDir = await temporaryFolder(t)
    const cluster = await startMogilefs(t, { dataDir })
    await assert.rejects(
      startEmbeddedMogilefs({ ...base, dataDir }),
      (error) => error instanceof EdgeError && error.code === 'local_file',
    )
    await upload(cluster, 'k', Buffer.from('x'), { className: 'one' })
    await cluster.close()
  })

  it('names the port that is taken, and leaves nothing running', async (t) => {
    const other = await startMogilefs(t)
    const dataDir = await temporaryFolder(t)
    const { port } = mogstoredOf(other, 1).address
    const storages = [{ host: '127.0.0.1', port, devids: [1] }]
    await assert.rejects(
      startEmbeddedMogilefs({ ...base, dataDir, storages }),
      /port [0-9]+ .* taken/,
    )
    assert.deepEqual(await readdir(dataDir), [])
  })

  it('that is stopped cuts its connections, and paused answers later', async (t) => {
    const cluster = await startMogilefs(t)
    const tracker = trackerOf(cluster)
    const peer = new LinePeer(tracker.address)
    await peer.ask('noop')
    tracker.pause()
    peer.send('noop\r\n')
    tracker.resume()
    assert.equal(await peer.line(), 'OK ')
    await tracker.stop()
    await peer.ended()
    await tracker.start()
    assert.equal((await askOk(tracker, 'noop'))['x'], undefined)
  })

  for (const [what, options] of [
    ['no tracker', { trackers: [] }],
    ['a host name', { storages: [{ host: 'localhost', port: 0, devids: [1] }] }],
    ['a device 0', { storages: [{ host: '127.0.0.1', port: 0, devids: [0] }] }],
    ['a device twice', { storages: [{ host: '127.0.0.1', port: 0, devids: [1, 1] }] }],
    ['a domain without a name', { domains: [{ name: '' }] }],
    ['no copies', { domains: [{ name: 'd', classes: [{ name: 'c', mindevcount: 0 }] }] }],
  ] as const) {
    it(`is not started with ${what}`, async (t) => {
      const dataDir = await temporaryFolder(t)
      await assert.rejects(
        startEmbeddedMogilefs({ ...base, dataDir, ...options }),
        (error) => error instanceof EdgeError && error.code === 'invalid_config',
      )
    })
  }
})
