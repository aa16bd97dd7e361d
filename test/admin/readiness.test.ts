import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ClusterReport } from '../../src/admin/cluster-report.ts'
import { readinessOf } from '../../src/admin/readiness.ts'
import { cache, NOW, processReport, status } from '../support/status-fixture.ts'

const NOTHING: ClusterReport = { at: NOW, fastdfs: null, mogilefs: null, databases: [] }
const lost = { tracker: 't:1', error: 'refused' }
const FASTDFS_LOST = { ...NOTHING, fastdfs: { trackers: [lost], groups: [] } }

function ready(clusters: ClusterReport, caches: readonly ReturnType<typeof cache>[] = []) {
  return readinessOf(status({ clusters, processes: [processReport({ caches })] }))
}

test('one tracker or one database is enough', () => {
  assert.deepEqual(ready(FASTDFS_LOST), {
    ready: false,
    reasons: ['tracker t:1 does not answer: refused'],
  })
  const trackers = [lost, { tracker: 't:2', error: null }]
  assert.equal(ready({ ...NOTHING, fastdfs: { trackers, groups: [] } }).ready, true)
  const database = { host: 'd:1', role: 'replica', error: null, lag: null } as const
  assert.equal(ready({ ...FASTDFS_LOST, databases: [database] }).ready, true)
})

test('a tracker of MogileFS without its database finds no file', () => {
  const tracker = { tracker: 't:1', error: null, databaseError: 'gone' }
  const mogilefs = { trackers: [tracker], hosts: [], devices: [] }
  assert.deepEqual(ready({ ...NOTHING, mogilefs }), {
    ready: false,
    reasons: ['tracker t:1 does not answer: gone'],
  })
})

test('what is remembered serves, but for memory that is lent', () => {
  assert.equal(ready(FASTDFS_LOST, [cache({ entries: 1 })]).ready, true)
  assert.equal(ready(FASTDFS_LOST, [cache({ name: 'mogilefs locations' })]).ready, true)
  assert.equal(ready(FASTDFS_LOST, [cache({ entries: 0 })]).ready, false)
  assert.equal(ready(FASTDFS_LOST, [cache({ name: 'verify pool' })]).ready, false)
})

test('without an edge process nothing serves', () => {
  assert.deepEqual(readinessOf(status({ processes: [] })), {
    ready: false,
    reasons: ['no edge process answers'],
  })
})

test('files on this host need nobody', () => assert.equal(ready(NOTHING).ready, true))
