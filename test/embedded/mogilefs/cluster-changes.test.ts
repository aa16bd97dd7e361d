import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { waitFor } from '../../support/wait-for.ts'
import { get } from './http-peer.ts'
import { askError, askOk } from './line-peer.ts'
import { mogstoredOf, pathsOf, startMogilefs, trackerOf, upload } from './mogilefs-fixture.ts'

const TEXT = Buffer.from('content')

/** Which device a path leads to. */
function devidOf(path: string): number {
  return Number(/\/dev([0-9]+)\//.exec(path)?.[1])
}

async function startWithThreeCopies(t: { after(fn: () => unknown): void }) {
  const cluster = await startMogilefs(t)
  await askOk(trackerOf(cluster), 'create_class domain=img&class=all&mindevcount=3')
  await upload(cluster, 'k', TEXT, { className: 'all' })
  await cluster.settled()
  return cluster
}

describe('GET_PATHS', () => {
  it('leaves out a mogstored that is stopped or paused, while its tracker is observing', async (t) => {
    const cluster = await startWithThreeCopies(t)
    const devids = async () => (await pathsOf(cluster, 'k')).map(devidOf).sort()
    await mogstoredOf(cluster, 1).stop()
    mogstoredOf(cluster, 2).pause()
    assert.deepEqual(await devids(), [3])
    trackerOf(cluster).isObserving = false
    assert.deepEqual(await devids(), [1, 2, 3])
    trackerOf(cluster).isObserving = true
    await mogstoredOf(cluster, 1).start()
    mogstoredOf(cluster, 2).resume()
    assert.deepEqual(await devids(), [1, 2, 3])
  })

  it('gives a single path that leads nowhere when no device is readable', async (t) => {
    const cluster = await startWithThreeCopies(t)
    for (const mogstored of cluster.mogstoreds) await mogstored.stop()
    assert.equal((await pathsOf(cluster, 'k')).length, 1)
  })

  for (const [status, readable] of [
    ['down', false],
    ['dead', false],
    ['readonly', true],
  ] as const) {
    it(`${readable ? 'keeps' : 'leaves out'} a host that is ${status}`, async (t) => {
      const cluster = await startWithThreeCopies(t)
      await askOk(trackerOf(cluster), `update_host host=node2&status=${status}`)
      const devids = (await pathsOf(cluster, 'k')).map(devidOf)
      assert.equal(devids.includes(2), readable)
    })
  }

  it('has a draining device last, and drops it where others fill the answer', async (t) => {
    const cluster = await startWithThreeCopies(t)
    await askOk(trackerOf(cluster), 'set_state host=node1&device=1&state=drain')
    for (let n = 0; n < 20; n++) {
      assert.equal(devidOf((await pathsOf(cluster, 'k')).at(-1) ?? ''), 1)
      const two = await pathsOf(cluster, 'k', '&noverify=1&pathcount=2')
      assert.deepEqual(two.map(devidOf).sort(), [2, 3])
    }
  })

  it('shuffles by weight, 0 counting as 100', async (t) => {
    const cluster = await startWithThreeCopies(t)
    cluster.store.exec('UPDATE device SET weight = iif(devid = 1, 1, 0)')
    const firsts = new Map<number, number>()
    for (let n = 0; n < 200; n++) {
      const devid = devidOf((await pathsOf(cluster, 'k'))[0] ?? '')
      firsts.set(devid, (firsts.get(devid) ?? 0) + 1)
    }
    assert.ok((firsts.get(1) ?? 0) < 20, `device 1 came first ${firsts.get(1)} times`)
    for (const devid of [2, 3]) assert.ok((firsts.get(devid) ?? 0) > 50)
  })

  it('looks for the first file itself unless noverify is set', async (t) => {
    const cluster = await startWithThreeCopies(t)
    await rm(cluster.pathOf(1, 1))
    await rm(cluster.pathOf(2, 1))
    const verified = await pathsOf(cluster, 'k', '&pathcount=9')
    assert.equal(devidOf(verified[0] ?? ''), 3)
    await rm(cluster.pathOf(3, 1))
    assert.deepEqual(await pathsOf(cluster, 'k', '&noverify=0'), [])
    assert.equal((await pathsOf(cluster, 'k')).length, 3)
  })

  it('gives the address of the zone, and the port for reading', async (t) => {
    const cluster = await startWithThreeCopies(t)
    const tracker = trackerOf(cluster)
    await askOk(tracker, 'update_host host=node1&altip=10.1.1.1&altmask=10.0.0.0/8')
    const hostnames = (paths: readonly string[]) => paths.map((path) => new URL(path).hostname)
    assert.ok(hostnames(await pathsOf(cluster, 'k')).includes('127.0.0.1'))
    const alt = await pathsOf(cluster, 'k', '&noverify=1&pathcount=9&zone=alt')
    assert.deepEqual(hostnames(alt).sort(), ['10.1.1.1', '127.0.0.2', '127.0.0.3'])
    await askOk(tracker, 'update_host host=node1&altmask=127.0.0.0/8')
    assert.ok(hostnames(await pathsOf(cluster, 'k')).includes('10.1.1.1'))
    await askOk(tracker, 'update_host host=node1&getport=1')
    assert.equal((await pathsOf(cluster, 'k')).length, 2)
    await askOk(tracker, 'update_host host=node1&getport=')
    assert.equal((await pathsOf(cluster, 'k')).length, 3)
  })
})

describe('devices', () => {
  it('are observed', async (t) => {
    const cluster = await startMogilefs(t)
    await askOk(trackerOf(cluster), 'set_state host=node1&device=1&state=readonly')
    await mogstoredOf(cluster, 2).stop()
    const answer = await askOk(trackerOf(cluster), 'get_devices')
    const states = [1, 2, 3].map((n) => answer[`dev${n}_observed_state`])
    assert.deepEqual(states, ['readable', 'unreachable', 'writeable'])
    assert.ok(Number(answer['dev1_mb_total']) > Number(answer['dev1_mb_used']))
  })

  it('can be added and used at once', async (t) => {
    const cluster = await startMogilefs(t)
    const tracker = trackerOf(cluster)
    await askOk(tracker, 'create_device hostname=node1&devid=7&state=alive')
    const { host, port } = mogstoredOf(cluster, 1).address
    assert.equal((await get(`http://${host}:${port}//dev7/usage`)).status, 200)
    for (const [args, code] of [
      ['hostname=node1&devid=7', 'existing_devid'],
      ['hostname=nosuch&devid=8', 'unknown_host'],
      ['hostname=node1&devid=x', 'invalid_devid'],
      ['hostname=node1&devid=8&state=x', 'invalid_state'],
      ['devid=8', 'bad_args'],
    ] as const) {
      assert.equal(await askError(tracker, `create_device ${args}`), code)
    }
  })

  it('that are dead lose their copies to others, and rise only by way of down', async (t) => {
    const cluster = await startMogilefs(t)
    const tracker = trackerOf(cluster)
    await upload(cluster, 'k', TEXT)
    await cluster.settled()
    const [lost = 0] = (await pathsOf(cluster, 'k')).map(devidOf)
    const state = `set_state host=node${lost}&device=${lost}&state`
    await askOk(tracker, `${state}=dead`)
    await cluster.settled()
    const devids = (await pathsOf(cluster, 'k')).map(devidOf)
    assert.equal(devids.length, 2)
    assert.ok(!devids.includes(lost))
    assert.equal(await askError(tracker, `${state}=alive`), 'state_too_high')
    await askOk(tracker, `${state}=down`)
    await askOk(tracker, `${state}=alive`)
  })

  it('that come back get what waited for them', async (t) => {
    const cluster = await startMogilefs(t)
    await mogstoredOf(cluster, 2).stop()
    await mogstoredOf(cluster, 3).stop()
    const { fid } = await upload(cluster, 'k', TEXT)
    await cluster.settled()
    const debug = await askOk(trackerOf(cluster), `file_debug fid=${fid}`)
    assert.equal(debug['replqueue_fid'], `${fid}`)
    assert.equal(debug['devids'], '1')
    await mogstoredOf(cluster, 2).start()
    await cluster.settled()
    assert.equal((await pathsOf(cluster, 'k')).length, 2)
  })

  it('are changed only by the name of their host', async (t) => {
    const tracker = trackerOf(await startMogilefs(t))
    await askOk(tracker, 'set_weight host=node1&device=1&weight=5')
    assert.equal((await askOk(tracker, 'get_devices devid=1'))['dev1_weight'], '5')
    for (const [args, code] of [
      ['host=node2&device=1', 'host_mismatch'],
      ['host=node1&device=9', 'no_device'],
      ['device=1', 'bad_params'],
    ] as const) {
      assert.equal(await askError(tracker, `set_state ${args}&state=down`), code)
      assert.equal(await askError(tracker, `set_weight ${args}&weight=1`), code)
    }
    assert.equal(await askError(tracker, 'set_state host=node1&device=1&state=x'), 'bad_params')
  })
})

describe('hosts', () => {
  it('are made, changed and deleted', async (t) => {
    const tracker = trackerOf(await startMogilefs(t))
    await askOk(tracker, 'create_host host=far&ip=10.0.0.1&port=7500')
    const hosts = await askOk(tracker, 'get_hosts hostid=4')
    assert.deepEqual([hosts['host1_status'], hosts['host1_hostip']], ['down', '10.0.0.1'])
    await askOk(tracker, 'update_host host=far&ip=10.0.0.2&status=alive')
    assert.equal((await askOk(tracker, 'get_hosts hostid=4'))['host1_hostip'], '10.0.0.2')
    for (const [line, code] of [
      ['create_host host=far&ip=10.0.0.1&port=7500', 'host_exists'],
      ['create_host host=x&port=7500', 'no_ip'],
      ['create_host host=x&ip=10.0.0.1', 'no_port'],
      ['create_host ip=10.0.0.1&port=7500', 'no_host'],
      ['create_host host=x&ip=10.0.0.1&port=7500&status=x', 'unknown_state'],
      ['update_host host=nosuch&status=alive', 'host_not_found'],
      ['delete_host host=node1', 'host_not_empty'],
      ['delete_host host=nosuch', 'unknown_host'],
    ] as const) {
      assert.equal(await askError(tracker, line), code)
    }
    await askOk(tracker, 'delete_host host=far')
  })
})

describe('domains and classes', () => {
  it('are made and deleted, each when it is empty', async (t) => {
    const cluster = await startMogilefs(t)
    const tracker = trackerOf(cluster)
    assert.equal((await askOk(tracker, 'create_domain domain=d'))['domain'], 'd')
    await askOk(tracker, 'create_class domain=d&class=c&mindevcount=2')
    await upload(cluster, 'k', TEXT, { domain: 'd', className: 'c' })
    for (const [line, code] of [
      ['create_domain domain=d', 'domain_exists'],
      ['create_class domain=d&class=c&mindevcount=2', 'class_exists'],
      ['delete_class domain=d&class=c', 'class_has_files'],
      ['delete_domain domain=d', 'domain_has_files'],
    ] as const) {
      assert.equal(await askError(tracker, line), code)
    }
    await askOk(tracker, 'delete domain=d&key=k')
    assert.equal(await askError(tracker, 'delete_domain domain=d'), 'domain_has_classes')
    await askOk(tracker, 'delete_class domain=d&class=c')
    await askOk(tracker, 'delete_domain domain=d')
    assert.equal(await askError(tracker, 'delete_domain domain=d'), 'domain_not_found')
  })

  it('are changed in part, the default class too', async (t) => {
    const tracker = trackerOf(await startMogilefs(t))
    const ofSums = async () => {
      const all = await askOk(tracker, 'get_domains')
      const prefix =
        Object.keys(all)
          .find((name) => all[name] === 'sums')
          ?.slice(0, -4) ?? ''
      return [all[`${prefix}mindevcount`], all[`${prefix}hashtype`]]
    }
    await askOk(tracker, 'update_class domain=img&class=sums&mindevcount=3&replpolicy=')
    assert.deepEqual(await ofSums(), ['3', 'MD5'])
    await askOk(tracker, 'update_class domain=img&class=sums&mindevcount=3&hashtype=NONE')
    assert.deepEqual(await ofSums(), ['3', 'NONE'])
    await askOk(tracker, 'update_class domain=img&class=default&mindevcount=1')
    for (const [args, code] of [
      ['domain=img&class=x&mindevcount=2', 'class_not_found'],
      ['domain=x&class=sums&mindevcount=2', 'domain_not_found'],
      ['domain=img&class=sums&mindevcount=0', 'invalid_mindevcount'],
      ['domain=img&class=sums&mindevcount=2&hashtype=CRC', 'invalid_hashtype'],
      ['domain=img&class=sums&mindevcount=2&replpolicy=x', 'invalid_replpolicy'],
      ['domain=img&mindevcount=2', 'no_class'],
    ] as const) {
      assert.equal(await askError(tracker, `update_class ${args}`), code)
    }
    const ofDefault = 'delete_class domain=img&class=default'
    assert.equal(await askError(tracker, ofDefault), 'nodel_default_class')
  })

  it('are known to all trackers of the store', async (t) => {
    const address = { host: '127.0.0.1', port: 0 }
    const cluster = await startMogilefs(t, { trackers: [address, address] })
    await askOk(trackerOf(cluster, 0), 'create_domain domain=new')
    const line = 'file_info domain=new&key=k'
    assert.equal(await askError(trackerOf(cluster, 1), line), 'unknown_key')
    await waitFor('both', () => trackerOf(cluster, 1).counters.requests('file_info') === 1)
  })
})
