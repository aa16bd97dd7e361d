import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, afterEach, test } from 'node:test'
import { randomContent } from '../support/random-content.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { startMogStand } from './mog-stand.ts'

const stand = await startMogStand({ after, afterEach })
const { store, folder, mog, mogGiven, file, put, storages } = stand

async function fetched(key: string): Promise<Buffer> {
  const target = join(folder, 'fetched')
  const { code, stderr } = await mog('fetch', '--domain', 'img', `--key=${key}`, target)
  assert.equal(code, 0, stderr)
  return readFile(target)
}

/** Trackers name the first device first, but for one time in ten thousand. */
function preferFirst(): void {
  store.store.exec('UPDATE device SET weight = CASE devid WHEN 1 THEN 10000 ELSE 1 END')
}

test('upload, info, fetch and delete a file', async () => {
  const content = randomContent(2_000_000)
  const path = await file('a.jpg', content)
  const photos = ['--domain', 'img', '--class', 'photos']
  const uploaded = await mog('upload', path, ...photos, '--key', 'seller/1/a.jpg')
  assert.equal(uploaded.code, 0, uploaded.stderr)
  const fid = uploaded.stdout.trim()
  assert.match(fid, /^[0-9]+$/)
  await store.settled()
  const { stdout } = await mog('info', 'seller/1/a.jpg', '--domain', 'img', '--json')
  const { copies, ...info } = JSON.parse(stdout)
  assert.deepEqual(info, {
    domain: 'img',
    key: 'seller/1/a.jpg',
    fid: Number(fid),
    length: content.length,
    className: 'photos',
    devcount: 2,
    checksum: `MD5:${createHash('md5').update(content).digest('hex')}`,
  })
  assert.deepEqual(
    copies.map((copy: { isListed: boolean; answers: string }) => [copy.isListed, copy.answers]),
    [
      [true, 'yes'],
      [true, 'yes'],
    ],
  )
  assert.ok((await fetched('seller/1/a.jpg')).equals(content))
  const key = ['--domain', 'img', '--key', 'seller/1/a.jpg']
  assert.equal((await mog('delete', ...key)).code, 0)
  for (const command of ['delete', 'info', 'fetch']) {
    const { code, stderr } = await mog(command, ...key)
    assert.deepEqual(
      [code, stderr],
      [1, 'dfs-edge: there is no key "seller/1/a.jpg" in the domain img\n'],
    )
  }
})

test('a key that has a file gets another fid and other bytes', async () => {
  const first = await put('same', randomContent(1000))
  const path = await file('same', randomContent(1000, 2))
  const { stdout } = await mog('upload', path, '--domain', 'img', '--key', 'same')
  assert.ok(Number(stdout) > first, stdout)
  assert.ok((await fetched('same')).equals(randomContent(1000, 2)))
})

for (const key of ['-x', '/leading//slash 买家秀', 'a+b%20&c=d e"']) {
  test(`a key may be ${JSON.stringify(key)}`, async () => {
    const path = await file('odd', Buffer.from(`content of ${key}`))
    assert.equal((await mog('upload', path, '--domain', 'img', `--key=${key}`)).code, 0)
    assert.equal(`${await fetched(key)}`, `content of ${key}`)
    assert.equal((await mog('delete', '--domain', 'img', `--key=${key}`)).code, 0)
  })
}

test('upload takes what comes on standard input, also nothing', async () => {
  for (const content of [randomContent(300_000), Buffer.alloc(0)]) {
    const args = ['upload', '-', '--domain', 'img', '--key', 'stdin', '--json']
    const { code, stdout, stderr } = await mogGiven(content, ...args)
    assert.equal(code, 0, stderr)
    const { key, size } = JSON.parse(stdout)
    assert.deepEqual([key, size], ['stdin', content.length])
    assert.ok((await fetched('stdin')).equals(content))
  }
})

test('fetch writes to standard output', async () => {
  await put('deep/down/name.txt', Buffer.from('text'))
  const { stdout } = await mog('fetch', 'deep/down/name.txt', '-', '--domain', 'img')
  assert.equal(stdout, 'text')
  const { stdout: again } = await mog('fetch', 'deep/down/name.txt', '--file=-', '--domain=img')
  assert.equal(again, 'text')
})

test('a device that does not take the file: it goes to the next', async () => {
  const [broken] = storages()
  broken.faults = { status: 500 }
  broken.counters.reset()
  const content = randomContent(500_000, 3)
  const path = await file('next', content)
  const args = ['upload', '--file', path, '--domain', 'img', '--key', 'next', '--json']
  // A tracker names the devices in any order.
  for (let tries = 0; broken.counters.requests('PUT') === 0; tries += 1) {
    assert.ok(tries < 30, 'the device was never tried first')
    const { stdout, stderr } = await mog(...args)
    assert.equal(JSON.parse(stdout || '{}').devid, 2, stderr)
  }
  assert.ok((await fetched('next')).equals(content))
})

test('no device takes the file: exit code 1, and the key stays what it was', async () => {
  await put('kept', Buffer.from('old'))
  for (const storage of storages()) storage.faults = { status: 507 }
  const path = await file('new', Buffer.from('new'))
  const { code, stderr } = await mog('upload', path, '--domain', 'img', '--key', 'kept')
  assert.equal(code, 1)
  assert.match(stderr, /^dfs-edge: no device takes the file: .*507.*\n$/)
  for (const storage of storages()) storage.faults = {}
  assert.equal(`${await fetched('kept')}`, 'old')
})

test('fetch takes the other copy where one is wrong, cut or gone', async () => {
  const content = randomContent(200_000, 4)
  await put('replicated', content)
  preferFirst()
  const [first] = storages()
  for (const faults of [{ wrongByteAt: 7 }, { cutAfterBytes: 1000 }, { missing: () => true }]) {
    first.faults = faults
    first.counters.reset()
    assert.ok((await fetched('replicated')).equals(content), JSON.stringify(faults))
    assert.ok(first.counters.requests('GET') > 0, 'the device was not asked')
  }
})

test('where no copy is right nothing is left, and info says which are not', async (t) => {
  await put('spoilt', randomContent(2_000_000, 5))
  const target = await temporaryFolder(t)
  for (const storage of storages()) storage.faults = { wrongByteAt: 1_999_999 }
  const args = ['fetch', 'spoilt', join(target, 'file'), '--domain', 'img']
  const { code, stderr } = await mog(...args)
  assert.equal(code, 1)
  assert.match(stderr, /^dfs-edge: [^\n]+\n$/)
  assert.deepEqual(await readdir(target), [])
  const [first, second] = storages()
  first.faults = { missing: () => true }
  second.faults = { hang: true }
  const { stdout } = await mog('info', 'spoilt', '--domain', 'img')
  assert.match(stdout, /\/dev1\/.*no, it is not there/)
  assert.match(stdout, /\/dev2\/.*no, .*sent nothing/)
})

test('what changes something is not told to a tracker that hangs', async () => {
  const [first] = store.trackers
  assert.ok(first)
  first.faults = { hang: true }
  const path = await file('hung', Buffer.from('told'))
  const { code, stderr } = await mog('upload', path, '--domain', 'img', '--key', 'hung')
  assert.equal(code, 0, stderr)
  assert.equal(`${await fetched('hung')}`, 'told')
})
