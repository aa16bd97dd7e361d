import assert from 'node:assert/strict'
import { statfs } from 'node:fs/promises'
import { test } from 'node:test'
import { get } from './http-peer.ts'
import { askError, askOk } from './line-peer.ts'
import { mogstoredOf, startMogilefs, trackerOf } from './mogilefs-fixture.ts'

test('settings are kept, shown to all trackers, and refused where nobody knows them', async (t) => {
  const tracker = trackerOf(await startMogilefs(t))
  await askOk(tracker, 'set_server_setting key=memcache_ttl&value=5')
  assert.deepEqual(await askOk(tracker, 'server_settings'), {
    key_count: '2',
    key_1: 'memcache_ttl',
    value_1: '5',
    key_2: 'schema_version',
    value_2: '17',
  })
  const { value } = await askOk(tracker, 'server_setting key=memcache_ttl')
  assert.equal(value, '5')
  assert.equal((await askOk(tracker, 'server_setting key=nope'))['value'], '')
  for (const [question, code] of [
    ['set_server_setting key=schema_version&value=1', 'not_writable'],
    ['set_server_setting key=toString&value=1', 'not_writable'],
    ['set_server_setting key=memcache_ttl&value=soon', 'invalid_format'],
    ['set_server_setting value=1', 'bad_params'],
    ['server_setting', 'bad_params'],
  ] as const) {
    assert.equal(await askError(tracker, question), code)
  }
})

test('a check of all files or a rebalance never runs, and can be asked for', async (t) => {
  const tracker = trackerOf(await startMogilefs(t))
  const { running, max_fid_checked: checked } = await askOk(tracker, 'fsck_status')
  assert.deepEqual([running, checked], ['0', '0'])
  assert.equal(await askError(tracker, 'rebalance_status'), 'no_rebal_state')
  assert.deepEqual(await askOk(tracker, 'clear_cache'), {})
})

test('no two hosts have one address and port', async (t) => {
  const tracker = trackerOf(await startMogilefs(t))
  await askOk(tracker, 'create_host host=a&ip=127.0.0.9&port=7500')
  await askOk(tracker, 'create_host host=b&ip=127.0.0.9&port=7501')
  assert.equal(await askError(tracker, 'create_host host=c&ip=127.0.0.9&port=7500'), 'dup')
})

test('a disk is as large as what files may use of it, and unknown where nobody runs', async (t) => {
  const cluster = await startMogilefs(t)
  const tracker = trackerOf(cluster)
  const { address } = mogstoredOf(cluster, 1)
  const { body } = await get(`http://${address.host}:${address.port}/dev1/usage`)
  const usage = Object.fromEntries(
    body
      .toString()
      .split('\n')
      .map((line) => line.split(': ')),
  )
  assert.equal(Number(usage.total), Number(usage.available) + Number(usage.used))
  const { blocks, bfree, bsize } = await statfs(cluster.pathOf(1, 1).replace(/\/dev1\/.*/, ''))
  const usedKib = ((blocks - bfree) * bsize) / 1024
  assert.ok(Math.abs(Number(usage.used) - usedKib) < 1024 * 1024, `${usage.used} of ${usedKib}`)
  await askOk(tracker, 'create_host host=away&ip=127.0.0.9&port=7500&status=alive')
  await askOk(tracker, 'create_device hostname=away&devid=9')
  const away = await askOk(tracker, 'get_devices devid=9')
  assert.deepEqual([away['dev1_mb_total'], away['dev1_mb_used']], ['0', '0'])
})
