import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, afterEach, describe, test } from 'node:test'
import { run } from '../support/command-line.ts'
import { randomContent } from '../support/random-content.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { startMogStand } from './mog-stand.ts'

const { store, mog, file, put, storages } = await startMogStand({ after, afterEach })

describe('mog without a cluster', { concurrency: 4 }, () => {
  for (const args of [
    ['nonsense'],
    ['info', 'key'],
    ['info', '--domain', 'img'],
    ['info', '--domain', 'img', '--key', 'a', 'b'],
    ['info', '--domain', 'img', 'k'.repeat(256)],
    ['upload', '--domain', 'img', '--key', 'a'],
    ['upload', 'package.json', '--domain', 'img'],
    ['upload', 'package.json', '--file', 'package.json', '--domain', 'img', '--key', 'a'],
    ['rename', 'a', '--domain', 'img'],
    ['fetch', 'folder/..', '--domain', 'img'],
    ['list', '--domain', 'img', '--limit', '0'],
    ['class', 'add', 'img', 'a', '--hashtype', 'CRC32'],
    ['class', 'add', 'img', 'a', '--mindevcount', 'two'],
    ['check', '--tracker', 'x:y:z'],
    ['check', '--conf', '/does/not/exist.conf'],
  ]) {
    test(`exit code 2 and a message for: mog ${args.join(' ')}`, async () => {
      const { code, stderr, stdout } = await run(['mog', ...args])
      assert.equal(code, 2, stderr)
      assert.equal(stdout, '')
      assert.ok(stderr.length > 0)
      assert.doesNotMatch(stderr, /\n {4}at /, 'a stack trace')
    })
  }

  test('a tracker that is not there: exit code 1 and one line', async () => {
    const { code, stderr } = await run(['mog', 'domain', 'list', '--tracker', '127.0.0.1:1'])
    assert.equal(code, 1)
    assert.match(stderr, /^dfs-edge: .*127\.0\.0\.1:1.*\n$/)
  })

  test('a configuration without MogileFS: exit code 2 and what it lacks', async (t) => {
    const conf = join(await temporaryFolder(t), 'edge.conf')
    await writeFile(conf, 'tracker_server = 127.0.0.1:22122\n')
    const { code, stderr } = await run(['mog', 'domain', 'list', '--conf', conf])
    assert.equal(code, 2)
    assert.match(stderr, /edge\.conf .*trackers/)
  })

  test('a file that cannot be read is told before anybody is asked', async () => {
    const args = ['mog', 'upload', '/does/not/exist', '--domain', 'img', '--key', 'a']
    const { code, stderr } = await run([...args, '--tracker', '127.0.0.1:1'])
    assert.equal(code, 1)
    assert.match(stderr, /^dfs-edge: cannot read \/does\/not\/exist: ENOENT\n$/)
  })
})

test('a failure is told once', async () => {
  for (const tracker of store.trackers) tracker.faults = { error: 'failure' }
  const { code, stderr } = await mog('list', '--domain', 'img')
  assert.equal(code, 1)
  assert.equal(stderr.match(/failure/g)?.length, 1, stderr)
})

test('rename', async () => {
  const fid = await put('before', Buffer.from('moved'))
  await put('taken', Buffer.from('other'))
  assert.equal((await mog('rename', 'before', 'after', '--domain', 'img')).code, 0)
  const { stdout } = await mog('info', 'after', '--domain', 'img', '--json')
  assert.equal(JSON.parse(stdout).fid, fid)
  const gone = await mog('rename', '--key', 'before', '--to', 'x', '--domain', 'img')
  assert.deepEqual(
    [gone.code, gone.stderr],
    [1, 'dfs-edge: there is no key "before" in the domain img\n'],
  )
  const taken = await mog('rename', 'after', 'taken', '--domain', 'img')
  assert.equal(taken.code, 1)
  assert.match(taken.stderr, /the key exists already/)
})

test('list goes through all pages, of a prefix, up to a limit', async () => {
  store.store.exec(`INSERT INTO file (fid, dmid, dkey, length, classid, devcount)
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
    SELECT 1000000 + i, (SELECT dmid FROM domain WHERE namespace = 'many'),
      printf('%s/%04d', CASE WHEN i > 1990 THEN 'b' ELSE 'a' END, i), 10, 0, 1 FROM n`)
  const { stdout } = await mog('list', '--domain', 'many')
  const keys = stdout.trimEnd().split('\n')
  assert.equal(keys.length, 2000)
  assert.deepEqual(
    [keys[0], keys[999], keys[1000], keys.at(-1)],
    ['a/0001', 'a/1000', 'a/1001', 'b/2000'],
  )
  const some = await mog('list', 'b/', '--domain', 'many', '--json')
  const expected = Array.from({ length: 10 }, (_, i) => `b/${1991 + i}`)
  assert.deepEqual(JSON.parse(some.stdout), { domain: 'many', keys: expected })
  const limited = await mog('list', '--domain', 'many', '--limit', '1500', '--after', 'a/0001')
  assert.deepEqual(limited.stdout.trimEnd().split('\n'), keys.slice(1, 1501))
  assert.deepEqual(await mog('list', 'c', '--domain', 'many'), {
    code: 0,
    stdout: '',
    stderr: '',
  })
  const nothing = await mog('list', 'c', '--domain', 'many', '--json')
  assert.deepEqual(JSON.parse(nothing.stdout), { domain: 'many', keys: [] })
  store.store.exec('DELETE FROM file WHERE fid > 1000000')
  const unknown = await mog('list', '--domain', 'nope')
  assert.deepEqual([unknown.code, unknown.stderr], [1, 'dfs-edge: there is no domain nope\n'])
})

test('a key cannot command the terminal', async () => {
  await put('bell\u0007\u001b[2J', Buffer.from('x'))
  const { stdout } = await mog('list', 'bell', '--domain', 'img')
  assert.equal(stdout, 'bell\\x07\\x1b[2J\n')
  const { stdout: json } = await mog('list', 'bell', '--domain', 'img', '--json')
  assert.deepEqual(JSON.parse(json).keys, ['bell\u0007\u001b[2J'])
})

test('domains and classes are made and listed', async () => {
  assert.equal((await mog('domain', 'add', 'fresh')).code, 0)
  const again = await mog('domain', 'add', 'fresh')
  assert.equal(again.code, 1)
  assert.match(again.stderr, /the domain exists already/)
  const settings = ['--mindevcount', '3', '--hashtype', 'sha-1', '--replpolicy', 'MultipleHosts(3)']
  assert.equal((await mog('class', 'add', 'fresh', 'big', ...settings)).code, 0)
  assert.match((await mog('domain', 'list')).stdout, /^fresh +2$/m)
  const { domains } = JSON.parse((await mog('class', 'list', 'fresh', '--json')).stdout)
  assert.deepEqual(domains[0].classes[0], {
    name: 'big',
    mindevcount: 3,
    hashtype: 'SHA-1',
    replpolicy: 'MultipleHosts(3)',
  })
  const unknown = await mog('class', 'add', 'nope', 'big')
  assert.equal(unknown.code, 1)
  assert.match(unknown.stderr, /there is no such domain/)
  assert.equal((await mog('class', 'list', 'nope')).code, 1)
  const path = await file('classless', Buffer.from('x'))
  const args = ['upload', path, '--domain', 'fresh', '--key', 'k', '--class', 'nope']
  assert.match((await mog(...args)).stderr, /there is no such class/)
})

test('stats counts what lies in each class, and says where it stopped', async () => {
  await put('a', randomContent(1000), 'stats')
  await put('b', randomContent(24), 'stats')
  const all = JSON.parse((await mog('stats', '--json')).stdout)
  const one = all.classes.find(({ domain }: { domain: string }) => domain === 'stats')
  assert.deepEqual(one, {
    domain: 'stats',
    className: 'one',
    files: 2,
    bytes: 1024,
    copies: 2,
    storedBytes: 1024,
  })
  assert.deepEqual([all.isComplete, all.source, all.devices.length], [true, 'tracker', 2])
  const { files } = all.total
  const exact = JSON.parse((await mog('stats', '--json', '--max-files', `${files}`)).stdout)
  assert.deepEqual([exact.total.files, exact.isComplete], [files, true])
  const fewer = ['stats', '--max-files', `${files - 1}`]
  const cut = JSON.parse((await mog(...fewer, '--json')).stdout)
  assert.deepEqual([cut.total.files, cut.isComplete], [files - 1, false])
  assert.match((await mog(...fewer)).stdout, /there are more: see --max-files/)
  assert.match((await mog('stats')).stdout, /^stats +one +2 +1\.0 KB +2 +1\.0 KB$/m)
})

test('--conf names the trackers as well', async () => {
  await put('by-conf', Buffer.from('found'))
  const addresses = store.trackers.map(({ address }) => `127.0.0.1:${address.port}`)
  const conf = await file('edge.conf', Buffer.from(`trackers = ${addresses.join(',')}\n`))
  const args = ['fetch', 'by-conf', '-', '--domain', 'img', '--conf', conf]
  assert.equal((await run(['mog', ...args])).stdout, 'found')
})

describe('check', () => {
  test('all is well', async () => {
    const { code, stdout } = await mog('check')
    assert.equal(code, 0, stdout)
    assert.match(stdout, /^127\.0\.0\.1:[0-9]+ +yes +answers$/m)
    assert.match(stdout, /^node2 +127\.0\.0\.1:[0-9]+ +alive +yes$/m)
    assert.match(stdout, /^dev1 +node1 +alive +writeable +.* +100$/m)
    assert.match(stdout, /\nall is well\n$/)
  })

  test('a tracker is down, and another one answers with errors', async () => {
    const [, second] = store.trackers
    assert.ok(second)
    second.faults = { error: 'failure' }
    const broken = await mog('check', '--tracker', '127.0.0.1:1', '--json')
    assert.equal(broken.code, 1)
    const { problems, trackers, devices } = JSON.parse(broken.stdout)
    const [down, failing, ...others] = problems
    assert.match(down, /^tracker 127\.0\.0\.1:1 does not answer: /)
    assert.match(failing, /^tracker 127\.0\.0\.1:[0-9]+ does not answer: .*failure/)
    assert.deepEqual(others, [])
    assert.equal(trackers.length, 3)
    assert.equal(devices.length, 2, 'one tracker knows the devices')
  })

  test('the database of the trackers is down', async (t) => {
    t.after(() => store.store.exec('ALTER TABLE file_away RENAME TO file'))
    store.store.exec('ALTER TABLE file RENAME TO file_away')
    const { code, stdout } = await mog('check')
    assert.equal(code, 1)
    assert.match(stdout, /^127\.0\.0\.1:[0-9]+ +yes +fails$/m)
    assert.match(
      stdout,
      /^tracker 127\.0\.0\.1:[0-9]+ has trouble with its database: failure: [^:]+$/m,
    )
  })

  test('a storage is down', async (t) => {
    const [first] = storages()
    const { port } = first.address
    await first.stop()
    t.after(() => first.start())
    const { code, stdout } = await mog('check')
    assert.equal(code, 1)
    assert.match(stdout, new RegExp(`^node1 +127\\.0\\.0\\.1:${port} +alive +no$`, 'm'))
    assert.match(stdout, /^dev1 +node1 +alive +unreachable /m)
    assert.match(stdout, /^host node1 does not answer: /m)
    assert.doesNotMatch(stdout, /all is well|dev2 on/)
  })

  test('what is marked down is told, what is dead is not', async () => {
    store.store.exec("UPDATE device SET status = 'down' WHERE devid = 2")
    const down = await mog('check')
    assert.equal(down.code, 1)
    assert.match(down.stdout, /^dev2 on node2 is marked down$/m)
    store.store.exec("UPDATE device SET status = 'dead' WHERE devid = 2")
    const dead = await mog('check')
    assert.equal(dead.code, 0, dead.stdout)
  })
})
