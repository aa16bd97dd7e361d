import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { readEdgeConf } from '../../src/config/index.ts'
import { brief, confFolder, confOf } from './conf-folder.ts'

const FOLDERS = { 's0/data/': '', 's1/data/': '', 'plain/': '', file: '' }
const HEAD = 'tracker_server = a\nurl_have_group_name = true\n'

/** `@/` in `text` is the temporary folder. */
function read(t: TestContext, text: string, head = HEAD) {
  const folder = confFolder(t, FOLDERS)
  const conf = (head + text).replaceAll('@/', `${folder}/`)
  const found = readEdgeConf(join(confFolder(t, { 'edge.conf': conf }), 'edge.conf'))
  const strip = (list: string[]) => list.map((line) => line.replaceAll(`${folder}/`, '@/'))
  return {
    found,
    groups: found.conf?.localGroups.map(({ groupName, storageServerPort, storePaths }) =>
      [groupName, storageServerPort, ...strip([...storePaths])].join(' '),
    ),
    faults: strip(brief(found.faults)),
    warnings: strip(brief(found.warnings)),
  }
}

test('one group with its store paths, slashes at their ends taken off', (t) => {
  const { groups, warnings } = read(t, 'group_name=g\nstore_path1=@/s1//\nstore_path0=@/s0\n')
  assert.deepEqual(groups, ['g 23000 @/s0 @/s1'])
  assert.deepEqual(warnings, [])
})

test('a group name without a store path is no local group', (t) => {
  const { groups, found } = read(t, 'group_name = g\n')
  assert.deepEqual([groups, confOf(found).groupNames], [[], ['g']])
})

test('store paths without a tracker are enough, with a warning', (t) => {
  const text = 'url_have_group_name = true\ngroup_name=g\nstore_path0=@/s0\n'
  const { groups, warnings } = read(t, text, '')
  assert.deepEqual(groups, ['g 23000 @/s0'])
  assert.deepEqual(warnings, [
    '3: tracker_server is not set: only files on store paths here are found',
  ])
})

test('store_path_count says how many paths there are', (t) => {
  const two = 'group_name=g\nstore_path0=@/s0\nstore_path1=@/s1\n'
  const fewer = read(t, `${two}store_path_count=1\n`)
  assert.deepEqual(fewer.groups, ['g 23000 @/s0'])
  assert.deepEqual(fewer.warnings, ['5: store_path1 is not used: store_path_count is 1'])
  assert.deepEqual(read(t, `${two}store_path_count=3\n`).faults, ['6: store_path2 of 3 is not set'])
  assert.deepEqual(read(t, 'group_name=g\nstore_path_count=1\n').faults, [
    '4: store_path0 of 1 is not set',
  ])
})

test('a gap between store paths is a fault', (t) => {
  const { faults } = read(t, 'group_name=g\nstore_path0=@/s0\nstore_path2=@/s1\n')
  assert.deepEqual(faults, ['5: store_path1 of 3 is not set'])
})

test('a store path is an absolute folder that exists', (t) => {
  const text = 'group_name=g\nstore_path0=s0\nstore_path1=@/none\nstore_path2=@/file\n'
  assert.deepEqual(read(t, text).faults, [
    '4: store_path0: "s0": it is not an absolute path',
    '5: store_path1: "@/none": no such file or folder',
    '6: store_path2: "@/file": it is not a folder',
  ])
})

test('a store path without a folder data is a warning', (t) => {
  const { groups, warnings } = read(t, 'group_name=g\nstore_path0=@/plain\n')
  assert.deepEqual(groups, ['g 23000 @/plain'])
  assert.match(warnings.join(), /^4: store_path0: "@\/plain" holds no readable folder "data"/)
})

test('store paths need one group name', (t) => {
  assert.deepEqual(read(t, 'store_path0=@/s0\n').faults, [
    '3: store_path0 is set, but no group_name',
  ])
  assert.match(
    read(t, 'group_name=a/b\nstore_path0=@/s0\n').faults.join(),
    /^3: group_name: store paths of several groups need group_count and a section for each$/,
  )
})

test('several groups stand in sections, and what is before them is not a group', (t) => {
  const text = `group_count = 2
group_name = g1/g2
store_path0 = /nowhere
[group1]
group_name = g1
store_path0 = @/s0
[group2]
group_name = g2
storage_server_port = 23001
store_path_count = 1
store_path0 = @/s1
`
  const { groups, found } = read(t, text)
  assert.deepEqual(groups, ['g1 23000 @/s0', 'g2 23001 @/s1'])
  assert.deepEqual(confOf(found).groupNames, ['g1', 'g2'])
})

test('a section that is missing, twice the same or too much', (t) => {
  const one = '[group1]\ngroup_name = g\nstore_path0 = @/s0\n'
  const two = '[group2]\ngroup_name = g\nstore_path0 = @/s1\n'
  assert.deepEqual(read(t, `group_count = 2\n${one}`).faults, [
    '3: group_count is 2, but [group2] names no store path',
  ])
  assert.deepEqual(read(t, `group_count = 2\n${one}${two}`).faults, [
    '3: group_name g stands in 2 sections',
  ])
  const unused = read(t, `group_count = 1\n${one}${two}`)
  assert.deepEqual(unused.groups, ['g 23000 @/s0'])
  assert.deepEqual(unused.warnings, ['8: [group2] is not used: group_count is 1'])
})

test('group names are those that FastDFS allows', (t) => {
  for (const name of ['a-b', 'a b', '..', 'abcdefghijklmnopq', 'g1,g2']) {
    assert.match(
      read(t, `group_name = ${name}\n`).faults.join(),
      /^3: group_name: .* letters and digits/,
    )
  }
})
