import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GroupStorages } from '../../src/resolver/group-storages.ts'
import { READ_WRITE, STORAGE_STATUS } from '../../src/wire/fastdfs/tracker-messages.ts'

const WRITE_ONLY = 2

function storage(ipAddr: string, status: number, rwMode = READ_WRITE) {
  return { ipAddr, storagePort: 23_000, status, rwMode }
}

function server(ipAddr: string, port = 23_000) {
  return { ipAddr, port }
}

function listing(...lists: readonly (readonly ReturnType<typeof storage>[])[]) {
  const state = { now: 0, fetches: 0 }
  const groups = new GroupStorages({
    fetch: async () => lists[Math.min(state.fetches++, lists.length - 1)] ?? [],
    refreshMs: 60_000,
    now: () => state.now,
  })
  return { state, groups }
}

test('the rest of a group are all that may answer, those that are ACTIVE first', async () => {
  const { groups } = listing([
    storage('10.0.0.1', STORAGE_STATUS.ACTIVE),
    storage('10.0.0.2', STORAGE_STATUS.WAIT_SYNC),
    storage('10.0.0.3', STORAGE_STATUS.OFFLINE),
    storage('10.0.0.4', STORAGE_STATUS.DELETED),
    storage('10.0.0.5', STORAGE_STATUS.ACTIVE, WRITE_ONLY),
    storage('10.0.0.6', STORAGE_STATUS.ACTIVE),
  ])
  await groups.add('group1', [server('10.0.0.1')])
  const others = groups.others('group1', [server('10.0.0.1')])
  assert.deepEqual(
    others,
    ['10.0.0.6', '10.0.0.2', '10.0.0.3'].map((ip) => server(ip)),
  )
})

test('of a group that no tracker has named nothing is known', () => {
  const { groups, state } = listing([])
  assert.equal(groups.of('group1'), undefined)
  assert.deepEqual(groups.others('group1', [server('10.0.0.1')]), [])
  assert.equal(state.fetches, 0)
})

test('the list is waited for once, and read again in the background', async () => {
  const first = storage('10.0.0.1', STORAGE_STATUS.ACTIVE)
  const { groups, state } = listing([first], [first, storage('10.0.0.2', STORAGE_STATUS.ACTIVE)])
  await groups.add('group1', [server('10.0.0.1')])
  await groups.add('group1', [server('10.0.0.1')])
  assert.equal(state.fetches, 1)
  state.now += 60_001
  await groups.add('group1', [server('10.0.0.1')])
  assert.equal(state.fetches, 2)
  await new Promise(setImmediate)
  assert.deepEqual(groups.others('group1', [server('10.0.0.1')]), [server('10.0.0.2')])
})

test('a tracker that does not list them takes nothing away', async () => {
  const groups = new GroupStorages({
    fetch: () => Promise.reject(new Error('no tracker')),
    refreshMs: 60_000,
    now: () => 0,
  })
  await groups.add('group1', [server('10.0.0.1')])
  assert.deepEqual(groups.of('group1'), [server('10.0.0.1')])
})

test('a storage that a tracker lists as deleted is one of the group no longer', async () => {
  const [first, second] = ['10.0.0.1', '10.0.0.2'] as const
  const list = (status: number) => [storage(first, STORAGE_STATUS.ACTIVE), storage(second, status)]
  const { groups, state } = listing(list(STORAGE_STATUS.ACTIVE), list(STORAGE_STATUS.DELETED))
  await groups.add('group1', [server(first), server(second)])
  assert.deepEqual(groups.of('group1'), [server(first), server(second)])
  state.now += 60_001
  await groups.add('group1', [server(first)])
  await new Promise(setImmediate)
  assert.deepEqual(groups.of('group1'), [server(first)])
})
