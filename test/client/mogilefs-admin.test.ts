import assert from 'node:assert/strict'
import { test } from 'node:test'
import { error, ok, startTracker } from '../support/scripted-tracker.ts'
import { first, signal, start, trackerOf } from './tracker-fixture.ts'

test('what changes a cluster is sent in the words of upstream`s programs', async (t) => {
  const daemon = await startTracker(() => ok())
  t.after(() => daemon.close())
  const { admin } = trackerOf(t, [daemon.address]).tracker
  const host = { hostname: 'node1', ip: '10.0.0.1', port: 7500, status: 'alive' }
  const device = { hostname: 'node1', devid: 3 }
  await admin.createDomain('img', signal)
  await admin.deleteDomain('img', signal)
  await admin.createClass({ domain: 'img', className: 'a', mindevcount: 2 }, signal)
  const replpolicy = 'MultipleHosts(3)'
  const settings = { domain: 'img', className: 'a', mindevcount: 3, replpolicy, hashtype: 'MD5' }
  await admin.changeClass(settings, signal)
  await admin.deleteClass('img', 'a', signal)
  await admin.createHost(host, signal)
  await admin.updateHost({ hostname: 'node1', getport: 80 }, signal)
  await admin.deleteHost('node1', signal)
  await admin.createDevice({ ...device, state: 'alive' }, signal)
  await admin.setState({ ...device, state: 'drain' }, signal)
  await admin.setWeight({ ...device, weight: 0 }, signal)
  const sent = daemon.requests.map(({ command, args }) => {
    const { callid: _, ...others } = Object.fromEntries(args)
    return [command, others]
  })
  assert.deepEqual(sent, [
    ['create_domain', { domain: 'img' }],
    ['delete_domain', { domain: 'img' }],
    ['create_class', { domain: 'img', class: 'a', mindevcount: '2', replpolicy: '' }],
    ['update_class', { domain: 'img', class: 'a', mindevcount: '3', replpolicy, hashtype: 'MD5' }],
    ['delete_class', { domain: 'img', class: 'a' }],
    ['create_host', { host: 'node1', ip: '10.0.0.1', port: '7500', status: 'alive' }],
    ['update_host', { host: 'node1', getport: '80' }],
    ['delete_host', { host: 'node1' }],
    ['create_device', { hostname: 'node1', devid: '3', state: 'alive' }],
    ['set_state', { host: 'node1', device: '3', state: 'drain' }],
    ['set_weight', { host: 'node1', device: '3', weight: '0' }],
  ])
})

test('what is refused says why', async (t) => {
  const { tracker } = await start(t, [{ delete_domain: error('domain_has_files') }])
  const deleting = tracker.admin.deleteDomain('img', signal)
  await assert.rejects(deleting, { code: 'refused_by_server', message: /^domain_has_files: / })
})

test('each tracker can be asked for itself', async (t) => {
  const hosts = (name: string) => ({
    get_hosts: ok({
      hosts: 1,
      host1_hostid: 1,
      host1_hostname: name,
      host1_hostip: '10.0.0.1',
      host1_status: 'alive',
      host1_http_port: 7500,
    }),
  })
  const { daemons, tracker } = await start(t, [hosts('a'), hosts('b')])
  const names = []
  for (const { address } of daemons) {
    names.push(...(await tracker.at(address).getHosts(signal)).map(({ hostname }) => hostname))
  }
  assert.deepEqual(names, ['a', 'b'])
})

test('keys are listed page by page, and none is no error', async (t) => {
  const { daemons, tracker } = await start(t, [
    { list_keys: ok({ key_count: 2, key_1: 'a', key_2: 'b c', next_after: 'b c' }) },
  ])
  const page = await tracker.listKeys({ domain: 'img', after: 'A&x', limit: 2 }, signal)
  assert.deepEqual(page, { keys: ['a', 'b c'], nextAfter: 'b c' })
  const { callid: _, ...sent } = Object.fromEntries(first(daemons).requests[0]?.args ?? [])
  assert.deepEqual(sent, { domain: 'img', after: 'A&x', limit: '2' })

  const empty = await start(t, [{ list_keys: error('none_match') }])
  const nothing = { keys: [], nextAfter: null }
  assert.deepEqual(await empty.tracker.listKeys({ domain: 'img' }, signal), nothing)
  const unknown = await start(t, [{ list_keys: error('unreg_domain') }])
  assert.equal(await unknown.tracker.listKeys({ domain: 'x' }, signal), 'no_domain')
})

test('files are listed and looked at by fid', async (t) => {
  const { daemons, tracker } = await start(t, [
    { list_fids: ok({ fid_count: 0 }), file_debug: ok({ checksum: 'NONE' }) },
  ])
  assert.deepEqual(await tracker.listFids({ from: 5, count: 10 }, signal), [])
  const found = await tracker.fileDebug({ fid: 9 }, signal)
  assert.equal(typeof found === 'object' && found.file, null)
  const [list, debug] = first(daemons).requests
  assert.deepEqual([list?.args.get('from'), list?.args.get('to')], ['5', '10'])
  assert.equal(debug?.args.get('fid'), '9')
})
