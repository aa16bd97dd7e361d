import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readEdgeConf } from '../../src/config/index.ts'
import { confFolder, confOf } from './conf-folder.ts'

const FIXTURES = join(import.meta.dirname, '../fixtures/config')
const MOD_FASTDFS = join(FIXTURES, 'mod_fastdfs.conf')

test('a mod_fastdfs.conf with its http.conf and lists is read as it stands', () => {
  const conf = confOf(readEdgeConf(MOD_FASTDFS))
  assert.deepEqual(conf.trackerServers, [
    [{ host: 'tracker-a', port: 22122 }],
    [
      { host: '10.0.0.2', port: 22123 },
      { host: '192.0.2.2', port: 22123 },
    ],
  ])
  assert.deepEqual([conf.timeouts.connectMs, conf.timeouts.networkMs], [3000, 40000])
  assert.deepEqual(conf.localGroups, [
    { groupName: 'group1', storageServerPort: 23001, storePaths: ['/tmp'] },
  ])
  assert.deepEqual([conf.flvExtension, conf.logLevel], ['flv', 'warn'])
  assert.equal(conf.isMultiRangeEnabled, false)
  assert.deepEqual([conf.useStorageId, conf.loadFdfsParametersFromTracker], [true, false])
})

test('its tokens, types and storage ids', () => {
  const conf = confOf(readEdgeConf(MOD_FASTDFS))
  assert.deepEqual(conf.antiSteal, {
    checkToken: true,
    tokenTtlSeconds: 900,
    secretKey: 'a key with blanks',
    tokenCheckFail: { filename: 'denied.txt', content: Buffer.from('Ask for a link.\n') },
  })
  assert.equal(conf.contentType.defaultType, 'image/jpeg')
  assert.deepEqual(
    [...conf.contentType.mimeTypes],
    [
      ['jpeg', 'image/jpeg'],
      ['jpg', 'image/jpeg'],
      ['flv', 'video/x-flv'],
    ],
  )
  assert.deepEqual(
    conf.storageIds.map(({ id }) => id),
    [100001, 100002, 100003],
  )
})

test('each setting without effect has one warning with its place', () => {
  const warned = readEdgeConf(MOD_FASTDFS)
    .warnings.filter(({ message }) => message.includes('has no effect'))
    .map(({ file, line, message }) => {
      const name = message.split(' ')[0] ?? ''
      const text = readFileSync(file, 'utf8').split('\n')[(line ?? 0) - 1] ?? ''
      assert.ok(text.startsWith(name), `${name} is not what stands in ${file}:${line}`)
      return name
    })
  assert.deepEqual(warned.toSorted(), [
    'anti_steal_bypass_header_name',
    'anti_steal_bypass_header_value',
    'base_path',
    'http.disabled',
    'http.multi_range.enabed',
    'http.need_find_content_type',
    'http.server_port',
    'if_alias_prefix',
    'log_filename',
    'storage_sync_file_max_delay',
  ])
})

test('a setting without effect is named once, however often it stands', (t) => {
  const text = 'tracker_server = a\nbase_path = /a\nbase_path = /b\nstore_path0_readonly = true\n'
  const folder = confFolder(t, { 'mod_fastdfs.conf': text })
  const { warnings } = readEdgeConf(join(folder, 'mod_fastdfs.conf'))
  assert.deepEqual(
    warnings.map(({ line }) => line),
    [2, 4],
  )
})

test('an edge.conf may include it and go on with settings of its own', (t) => {
  const text = `#include ${MOD_FASTDFS}\nconnect_timeout = 1\nhedge_ms = 50\n`
  const conf = confOf(readEdgeConf(join(confFolder(t, { 'edge.conf': text }), 'edge.conf')))
  assert.deepEqual([conf.timeouts.connectMs, conf.timeouts.hedgeMs], [1000, 50])
  // Relative names in it are still found from its own folder.
  assert.equal(conf.storageIds.length, 3)
})
