import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { IdReport } from '../../../src/admin/explain/explanation.ts'
import { type KnownStorages, reportId } from '../../../src/admin/explain/read-id.ts'
import { parseFileId } from '../../../src/wire/fastdfs/file-id.ts'

const NORMAL = 'M00/00/00/wKgeAlodCEGAXOuMB3o1rOpTQ-0771.zip'
const LISTED: KnownStorages = { ipAddrs: ['192.168.30.2'], ids: ['192.168.30.2'] }
const LATER = 1_800_000_000

function report(
  filename: string,
  storages: KnownStorages | null = LISTED,
  nowSeconds = LATER,
): IdReport {
  const id = parseFileId({ groupName: 'group1', filename })
  assert.ok(id !== undefined)
  return reportId(id, { storages, nowSeconds })
}

test('the fields of a plain id, in which nothing is odd', () => {
  assert.deepEqual(report(NORMAL), {
    kind: 'normal',
    source: '192.168.30.2',
    createTimestamp: 1_511_852_097,
    size: 125_449_644,
    crc32: 3_931_325_421,
    storePathIndex: 0,
    trunk: null,
    oddities: [],
  })
})

test('a source that no tracker lists is odd, where one has told its list', () => {
  const [oddity = ''] = report(NORMAL, { ipAddrs: ['10.0.0.1'], ids: [] }).oddities
  assert.match(oddity, /^no tracker lists its source 192\.168\.30\.2 in group1: /)
  assert.deepEqual(report(NORMAL, null).oddities, [])
})

test('so are a time in the future, and what is about another file', () => {
  assert.match(report(NORMAL, LISTED, 1_500_000_000).oddities.join(), /in the future/)
  assert.match(report(`${NORMAL}-m`).oddities.join(), /metadata/)
  assert.match(report(NORMAL.replace('.zip', '_150x150.zip')).oddities.join(), /slave/)
})
