import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { DIRECTIVES, formatFaults, readEdgeConf } from '../../src/config/index.ts'
import { confFolder, readText } from './conf-folder.ts'

const name = fc.constantFrom(
  ...Object.keys(DIRECTIVES),
  ...[
    'store_path1',
    'store_path999',
    'base_path',
    'daemonize',
    'include',
    '[group1]',
    '[address_map]',
    '[vhost]',
    '[]',
  ],
)
const value = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '0',
    '1',
    'true',
    'a:1',
    '/',
    '.',
    'DBI:mysql:a:[::1]',
    'edge.conf',
    '../..',
    '[::1]:1',
    'a/b',
    '1KB',
  ),
)
const line = fc.oneof(
  fc.tuple(name, value).map(([key, text]) => `${key} = ${text}`),
  name,
  fc.constantFrom(
    '#include edge.conf',
    '#include .',
    '#include /dev/null',
    '[group2]',
    '[address_map]',
  ),
  fc.string({ unit: 'binary' }),
)

test('whatever stands in a file, there is a configuration or a fault', (t) => {
  const path = join(confFolder(t, {}), 'edge.conf')
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), (text) => {
      writeFileSync(path, text.join('\n'))
      const { conf, faults, warnings } = readEdgeConf(path)
      assert.equal(conf === undefined, faults.length > 0)
      for (const { file, message } of [...faults, ...warnings]) assert.ok(file && message)
      assert.doesNotMatch(formatFaults(faults, warnings), /[^\n\P{Cc}]/u)
    }),
    { numRuns: 300 },
  )
})

test('whatever bytes a file has, there is a configuration or a fault', (t) => {
  const path = join(confFolder(t, {}), 'edge.conf')
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      writeFileSync(path, bytes)
      const { conf, faults } = readEdgeConf(path)
      assert.equal(conf === undefined, faults.length > 0)
    }),
  )
})

test('a file in UTF-16 is told apart', (t) => {
  const path = join(confFolder(t, { 'edge.conf': '' }), 'edge.conf')
  writeFileSync(path, Buffer.from('\uFEFFtracker_server = a\n', 'utf16le'))
  assert.match(readEdgeConf(path).faults[0]?.message ?? '', /UTF-16/)
})

test('comments in GBK do no harm', (t) => {
  const gbk = Buffer.from([0x23, 0x20, 0xc5, 0xe4, 0xd6, 0xc3, 0x0a])
  const text = Buffer.concat([gbk, Buffer.from('tracker_server = a\n')])
  const { faults } = readEdgeConf(join(confFolder(t, { 'edge.conf': text }), 'edge.conf'))
  assert.deepEqual(faults, [])
})

test('a huge file of unknown settings gives a bounded report', (t) => {
  const { faults } = readText(t, 'some_unknown_setting_name = 1\n'.repeat(30_000))
  assert.ok(faults.length <= 201)
})
