import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import fc from 'fast-check'
import { Findings } from '../../src/config/fault.ts'
import { readEdgeConf } from '../../src/config/index.ts'
import { parseStorageIds } from '../../src/config/storage-ids.ts'
import { brief, confFolder, confOf } from './conf-folder.ts'

function parse(text: string) {
  const findings = new Findings()
  return { storages: parseStorageIds(text, 'ids', findings), faults: brief(findings.faults) }
}

test('an id, a group, one address or two, a port, options, comments', () => {
  const text = `\uFEFF# comment\r
100001 group1 192.0.2.1\r
\t7\tgroup2   storage.example,10.0.0.7:23001   rw=none extra
16777215 g [2001:db8::3,10.0.0.9]:23002
8 g [2001:db8::3]`
  assert.deepEqual(parse(text), {
    faults: [],
    storages: [
      { id: 100001, groupName: 'group1', ipAddrs: ['192.0.2.1'], port: 23000 },
      { id: 7, groupName: 'group2', ipAddrs: ['storage.example', '10.0.0.7'], port: 23001 },
      { id: 16777215, groupName: 'g', ipAddrs: ['2001:db8::3', '10.0.0.9'], port: 23002 },
      { id: 8, groupName: 'g', ipAddrs: ['2001:db8::3'], port: 23000 },
    ],
  })
})

test('a line that is no storage is a fault with its line', () => {
  const lines = [
    '1',
    '0 g a',
    '01 g a',
    '16777216 g a',
    'x g a',
    '1 g-1 a',
    '1 g',
    '1 g 10.0.0.300',
  ]
  const { storages, faults } = parse([...lines, '1 g a:0', '1 g \x1b[2J'].join('\n'))
  assert.deepEqual(storages, [])
  const expected = [...lines.map((_, index) => String(index + 1)), '9', '10', '-']
  assert.deepEqual(
    faults.map((fault) => fault.split(':')[0]),
    expected,
  )
  assert.ok(!faults.join().includes('\x1b'))
})

test('an id twice in a group is a fault', () => {
  assert.deepEqual(parse('1 g a\n1 h b\n1 g c').faults, ['3: id 1 is also in line 1'])
})

test('a file without any storage is a fault', () => {
  assert.deepEqual(parse('# nothing\n').faults, ['-: lists no storage'])
})

test('no text makes it throw', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parse(text)))
})

function readConf(t: TestContext, text: string) {
  const files = { 'edge.conf': `tracker_server = a\n${text}`, 'ids.conf': '1 g a\n' }
  return readEdgeConf(join(confFolder(t, files), 'edge.conf'))
}

test('the list is read only where use_storage_id is set', (t) => {
  const name = 'storage_ids_filename = ids.conf\n'
  assert.equal(confOf(readConf(t, name)).storageIds.length, 0)
  assert.equal(confOf(readConf(t, `${name}use_storage_id = true\n`)).storageIds.length, 1)
  assert.deepEqual(readConf(t, 'storage_ids_filename = none\n').faults, [])
})

test('a missing list is a fault, unless a tracker knows the ids', (t) => {
  const text = 'use_storage_id = true\n'
  const load = 'load_fdfs_parameters_from_tracker'
  const without = readConf(t, `${text}${load} = false\n`)
  assert.match(brief(without.faults).join(), /^2: .*storage_ids\.conf" cannot be read/)
  const withTracker = readConf(t, `${text}${load} = true\nstorage_ids_filename = none\n`)
  assert.deepEqual(withTracker.faults, [])
  assert.match(brief(withTracker.warnings).join(), /^4: .*none" cannot be read/)
})
