import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { NginxCache } from '../../src/admin/nginx-cache.ts'
import { cacheFilePath, readCacheFileHead } from '../../src/admin/nginx-cache-file.ts'
import { sliceKey } from '../../src/admin/nginx-cache-keys.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const SLICE = 1000

/** A cache with files as nginx writes them, but for the bytes in front of the key. */
async function setUp(t: { after(fn: () => unknown): void }) {
  const path = join(await temporaryFolder(t), 'cache')
  await mkdir(path)
  const cache = new NginxCache({ path, sliceBytes: SLICE })
  const add = async (key: string, fields = '', suffix = ''): Promise<string> => {
    const file = `${cacheFilePath(path, key)}${suffix}`
    await mkdir(dirname(file), { recursive: true })
    const head = `${'\x05\0\xff'.repeat(112)}\nKEY: ${key}\nHTTP/1.1 206 Partial Content\r\n`
    await writeFile(file, `${head}Server: x\r\n${fields}\r\ncontent`)
    return file
  }
  const addSlice = (key: string, index: number, total: number): Promise<string> =>
    add(sliceKey(key, index * SLICE, SLICE), `Content-Range: bytes 0-1/${total}\r\n`)
  const purge = (key: string, size: number | null) =>
    cache.purge({ contents: [{ key, size }], prefixes: [] })
  return { path, cache, add, addSlice, purge }
}

const there = (files: readonly string[]): readonly string[] => files.filter((it) => existsSync(it))

test('an entry lies where nginx puts it', () => {
  // Made by nginx 1.22.1 with levels=1:2.
  const path = cacheFilePath('/c', 'fastdfs /group1/M00/00/00/a.jpg')
  assert.match(path, /^\/c\/([0-9a-f])\/([0-9a-f]{2})\/[0-9a-f]{29}\2\1$/)
})

test('its head tells the key, and the size of the whole', async (t) => {
  const { add, addSlice } = await setUp(t)
  assert.deepEqual(await readCacheFileHead(await addSlice('a b', 1, 5000)), {
    key: 'a b bytes=1000-1999',
    totalBytes: 5000,
    named: undefined,
  })
  const plain = await add('key', 'X: 1\r\n\r\nContent-Range: bytes 0-1/7\r\n')
  assert.deepEqual(await readCacheFileHead(plain), {
    key: 'key',
    totalBytes: undefined,
    named: undefined,
  })
  const named = await readCacheFileHead(await add('k', 'X-Dfs-Fid: 3\r\nX-Dfs-Size: 7\r\n'))
  assert.deepEqual(named?.named, { key: 'mogilefs fid 3', size: 7 })
  assert.equal(await readCacheFileHead(`${plain}x`), undefined)
  await writeFile(plain, 'no file of nginx')
  assert.equal(await readCacheFileHead(plain), undefined)
})

test('a file goes with its whole entry and all slices, and nothing else does', async (t) => {
  const { add, addSlice, purge } = await setUp(t)
  const own = [await add('k'), ...(await Promise.all([0, 2, 3].map((i) => addSlice('k', i, 3500))))]
  const other = [await addSlice('kk', 0, 3500), await add('k2')]
  assert.deepEqual(await purge('k', 3500), { removed: 4, failed: 0, reason: undefined })
  assert.deepEqual(there([...own, ...other]), other)
  assert.equal((await purge('k', 3500)).removed, 0)
})

test('a slice knows the size better than an id', async (t) => {
  const { addSlice, purge } = await setUp(t)
  const files = await Promise.all(
    Array.from({ length: 200 }, (_, i) => addSlice('k', i, 200 * SLICE)),
  )
  assert.equal((await purge('k', 10)).removed, 200)
  assert.deepEqual(there(files), [])
})

test('without a size the first slice tells it, and without that all keys are read', async (t) => {
  const { addSlice, purge } = await setUp(t)
  await addSlice('k', 0, 9500)
  await addSlice('k', 9, 9500)
  assert.equal((await purge('k', null)).removed, 2)
  await addSlice('k', 5, 9500)
  const other = await addSlice('k bytes', 5, 9500)
  assert.equal((await purge('k', null)).removed, 1)
  assert.deepEqual(there([other]), [other])
})

test('a size that nobody can have written does not keep it busy', async (t) => {
  const { addSlice, purge } = await setUp(t)
  await addSlice('k', 5, 9500)
  assert.equal((await purge('k', Number.MAX_SAFE_INTEGER)).removed, 1)
})

test('ten gigabytes are ten thousand names, found by computing them', async (t) => {
  const { addSlice, purge, path } = await setUp(t)
  const last = 10_239
  const size = (last + 1) * SLICE
  await addSlice('k', last, size)
  assert.equal((await purge('k', size)).removed, 1)
  assert.ok(existsSync(path))
})

test('a prefix takes whatever has such a key', async (t) => {
  const { cache, add, addSlice } = await setUp(t)
  const own = [await add('p /img/a'), await addSlice('p /img/b', 1, 5000), await add('x fid 3')]
  const other = [await add('p /imh'), await add('x fid 33'), await add('q p /img/')]
  const targets = { contents: [{ key: 'x fid 3', size: null }], prefixes: ['p /img/'] }
  assert.equal((await cache.purge(targets)).removed, 3)
  assert.deepEqual(there([...own, ...other]), other)
})

test('the content that a key named goes with it, known to the edge or not', async (t) => {
  const { cache, add, addSlice } = await setUp(t)
  const keys = ['a', 'b'].map((name) => `mogilefs key /img/${name}`)
  const fill = async (): Promise<void> => {
    await add(keys[0] ?? '', 'X-Dfs-Fid: 3\r\nX-Dfs-Size: 5000\r\n')
    await add(keys[1] ?? '', 'X-Dfs-Fid: 4\r\n')
    // Neither has its first slice, which would tell the size.
    await addSlice('mogilefs fid 3', 4, 5000)
    await addSlice('mogilefs fid 4', 4, 5000)
  }
  const other = await addSlice('mogilefs fid 5', 0, 5000)
  await fill()
  const contents = keys.map((key) => ({ key, size: 0 }))
  assert.equal((await cache.purge({ contents, prefixes: [] })).removed, 4)
  await fill()
  assert.equal((await cache.purge({ contents: [], prefixes: ['mogilefs key /img/'] })).removed, 4)
  assert.ok(existsSync(other))
})

test('what nginx is about to keep goes too', async (t) => {
  const { cache, add, purge } = await setUp(t)
  const flight = await add('k', '', '.0000000012')
  const first = await add(sliceKey('k', 0, SLICE), '', '.0000000013')
  const other = await add('other', '', '.0000000014')
  assert.equal((await purge('k', 10)).removed, 2)
  assert.deepEqual(there([flight, first, other]), [other])
  assert.equal((await cache.purge({ contents: [], prefixes: ['o'] })).removed, 1)
})

test('a cache that is not there holds nothing', async () => {
  const cache = new NginxCache({ path: '/does/not/exist', sliceBytes: SLICE })
  const targets = { contents: [{ key: 'k', size: null }], prefixes: ['k'] }
  assert.deepEqual(await cache.purge(targets), { removed: 0, failed: 0, reason: undefined })
  assert.equal(await cache.whyUnusable(), undefined)
})

test('what cannot be removed is told', async (t) => {
  const { cache, add, path, purge } = await setUp(t)
  assert.equal(await cache.whyUnusable(), undefined)
  // A folder in its place is no file that could be unlinked, whoever asks.
  await mkdir(cacheFilePath(path, 'k'), { recursive: true })
  await add('other')
  const { removed, failed, reason } = await purge('k', 10)
  // It can neither be read nor removed.
  assert.deepEqual([removed, failed], [0, 2])
  assert.match(reason ?? '', /EISDIR/)
  const file = new NginxCache({ path: await add('x'), sliceBytes: SLICE })
  assert.match((await file.whyUnusable()) ?? '', /ENOTDIR/)
  assert.ok((await file.purge({ contents: [], prefixes: ['k'] })).failed > 0)
})
