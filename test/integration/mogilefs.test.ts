import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import pino from 'pino'
import { startEdge } from '../../src/app/wiring.ts'
import { readAll, type TestContext } from '../suites/store-stack.ts'
import {
  type MogilefsStack,
  type MogilefsStackOptions,
  startMogilefs,
} from '../support/mogilefs-stack.ts'
import { randomContent } from '../support/random-content.ts'
import { startDaemon } from '../support/scripted-daemon.ts'

const JPEG = new URL('../fixtures/media/hills.jpg', import.meta.url)
const HELLO = Buffer.from('hello mogile\n')

interface Serving extends MogilefsStack {
  readonly url: string
  /** One request; `path` begins with a slash. */
  get(path: string, init?: RequestInit): Promise<Response>
}

async function startServing(t: TestContext, options: MogilefsStackOptions = {}): Promise<Serving> {
  const stack = await startMogilefs(t, options)
  const listen = [{ host: '127.0.0.1', port: 0 }]
  const edge = await startEdge({ ...stack.conf, listen }, { logger: pino({ level: 'silent' }) })
  t.after(() => edge.close(0))
  const url = (edge.urls[0] ?? '').slice(0, -1)
  return { ...stack, url, get: (path, init) => fetch(url + path, init) }
}

async function bytesOf(response: Response): Promise<Buffer> {
  return Buffer.from(await response.arrayBuffer())
}

describe('a key over HTTP', () => {
  it('has the fid as its etag and no time', async (t) => {
    const { get, putAs } = await startServing(t)
    await putAs('test', HELLO)
    const response = await get('/img/test')
    assert.equal(response.status, 200)
    assert.equal(`${await bytesOf(response)}`, `${HELLO}`)
    assert.match(response.headers.get('etag') ?? '', /^"[0-9]+"$/)
    assert.equal(response.headers.get('last-modified'), null)
    assert.equal(response.headers.get('cache-control'), 'public, max-age=60, must-revalidate')
    assert.equal(response.headers.get('accept-ranges'), 'bytes')
  })

  for (const [range, start, end] of [
    ['bytes=0-4', 0, 5],
    ['bytes=-4', 9, 13],
    ['bytes=5-', 5, 13],
    ['bytes=5-9999', 5, 13],
    ['bytes=0-0', 0, 1],
  ] as const) {
    it(`${range} is bytes ${start} to ${end}, whatever mogstored makes of it`, async (t) => {
      const { get, putAs } = await startServing(t, { isNothingKept: true })
      await putAs('test', HELLO)
      const response = await get('/img/test', { headers: { range } })
      assert.equal(response.status, 206)
      assert.equal(response.headers.get('content-range'), `bytes ${start}-${end - 1}/13`)
      assert.deepEqual(await bytesOf(response), HELLO.subarray(start, end))
    })
  }

  it('answers several ranges, 416, 304, 412 and HEAD', async (t) => {
    const { get, putAs, replicas, downloads } = await startServing(t)
    await putAs('big.bin', randomContent(3_000_000))
    const several = await get('/img/big.bin', { headers: { range: 'bytes=0-9,2999990-' } })
    assert.equal(several.status, 206)
    assert.match(several.headers.get('content-type') ?? '', /^multipart\/byteranges/)
    assert.ok((await bytesOf(several)).includes(randomContent(3_000_000).subarray(-10)))
    const beyond = await get('/img/big.bin', { headers: { range: 'bytes=3000000-' } })
    assert.equal(beyond.status, 416)
    assert.equal(beyond.headers.get('content-range'), 'bytes */3000000')
    const [replica] = replicas
    assert.ok(replica)
    const before = downloads(replica)
    const head = await get('/img/big.bin', { method: 'HEAD' })
    assert.equal(head.headers.get('content-length'), '3000000')
    const etag = head.headers.get('etag') ?? ''
    const same = await get('/img/big.bin', { headers: { 'if-none-match': etag } })
    assert.equal(same.status, 304)
    const other = await get('/img/big.bin', { headers: { 'if-match': '"0"' } })
    assert.equal(other.status, 412)
    assert.equal(downloads(replica), before, 'facts need no storage')
  })

  it('without an extension shows what it is', async (t) => {
    const { get, putAs } = await startServing(t)
    await putAs('test', await readFile(JPEG))
    assert.equal((await get('/img/test')).headers.get('content-type'), 'image/jpeg')
    await putAs('evil', Buffer.from('<html><script>alert(1)</script></html>'))
    const evil = await get('/img/evil')
    assert.equal(evil.headers.get('content-type'), 'application/octet-stream')
    assert.equal(evil.headers.get('x-content-type-options'), 'nosniff')
  })

  it('may be of any characters', async (t) => {
    const { get, putAs } = await startServing(t)
    const keys = [
      'seller/2026/11/a.jpg',
      '买家秀/图1.jpg',
      'a b c.txt',
      'a+b.txt',
      '100%.txt',
      'lit%20eral.txt',
      'c:d:e.txt',
      '/leading/slash.jpg',
      'double//slash.jpg',
      'q?x=1&y=2#f.txt',
      'back\\slash,comma.txt',
      'quote\'"`;--.txt',
      'trailing/',
      '😀.gif',
      '0',
      '图'.repeat(255),
    ]
    for (const [index, key] of keys.entries()) await putAs(key, Buffer.from(`file ${index}`))
    for (const [index, key] of keys.entries()) {
      const path = key.split('/').map(encodeURIComponent).join('/')
      assert.equal(`${await bytesOf(await get(`/img/${path}`))}`, `file ${index}`, key)
    }
    const slashes = encodeURIComponent('seller/2026/11/a.jpg')
    assert.equal(`${await bytesOf(await get(`/img/${slashes}`))}`, 'file 0')
    assert.equal((await get(`/img/${'k'.repeat(256)}`)).status, 400)
  })

  it('in other spellings is the same file, and kept once', async (t) => {
    const { get, putAs, replicas, downloads } = await startServing(t)
    await putAs('Café.jpg', HELLO)
    const etags = new Set<string | null>()
    for (const key of ['Café.jpg', 'café.jpg', 'CAFÉ.JPG', 'cafe.jpg', 'cafe.jpg%20']) {
      const response = await get(`/img/${key}`)
      assert.equal(response.status, 200, key)
      await bytesOf(response)
      etags.add(response.headers.get('etag'))
    }
    assert.equal(etags.size, 1)
    const [replica] = replicas
    assert.equal(replica && downloads(replica), 1)
  })

  it('is 404 where there is none, and in unknown domains', async (t) => {
    const { get } = await startServing(t)
    for (const path of ['/img/nothing', '/nowhere/test', '/img/', '/img', '/']) {
      assert.equal((await get(path)).status, 404, path)
    }
  })
})

describe('domains by host name and keys with a leading slash', () => {
  it('make the whole path the key', async (t) => {
    const vhosts = { exact: new Map([['127.0.0.1', 'img']]), wildcards: new Map() }
    const { get, putAs } = await startServing(t, { mogilefs: { vhosts } })
    await putAs('img/seller/a.jpg', HELLO)
    assert.equal((await get('/img/seller/a.jpg')).status, 200)
    assert.equal((await get('/seller/a.jpg')).status, 404)
  })

  it('leading_slash puts the slash there', async (t) => {
    const { get, putAs } = await startServing(t, { mogilefs: { hasLeadingSlash: true } })
    await putAs('/seller/a.jpg', HELLO)
    assert.equal((await get('/img/seller/a.jpg')).status, 200)
    assert.equal((await get('/img//seller/a.jpg')).status, 404)
  })
})

describe('a key that changes', () => {
  const fresh = { mogilefs: { locationMs: 0 } }

  it('overwritten has other bytes and another etag', async (t) => {
    const { get, putAs } = await startServing(t, fresh)
    await putAs('a.txt', Buffer.from('first'))
    const first = await get('/img/a.txt')
    await putAs('a.txt', Buffer.from('second'))
    const second = await get('/img/a.txt')
    assert.deepEqual([`${await first.text()}`, `${await second.text()}`], ['first', 'second'])
    assert.notEqual(first.headers.get('etag'), second.headers.get('etag'))
  })

  it('deleted is 404, renamed is elsewhere under its etag', async (t) => {
    const { get, putAs, clusters } = await startServing(t, fresh)
    const { signal } = new AbortController()
    const ref = await putAs('a.txt', HELLO)
    const before = await get('/img/a.txt')
    await clusters.mogilefs?.tracker.rename({ ...ref, newKey: 'b.txt' }, signal)
    assert.equal((await get('/img/a.txt')).status, 404)
    const after = await get('/img/b.txt')
    assert.equal(after.headers.get('etag'), before.headers.get('etag'))
    await clusters.mogilefs?.tracker.delete({ ...ref, key: 'b.txt' }, signal)
    assert.equal((await get('/img/b.txt')).status, 404)
  })

  it('whose remembered copies are gone is looked up anew', async (t) => {
    const { get, putAs, store } = await startServing(t, { replicas: 2 })
    await putAs('a.bin', randomContent(2_000_000, 1))
    assert.deepEqual(await bytesOf(await get('/img/a.bin')), randomContent(2_000_000, 1))
    await putAs('a.bin', randomContent(2_000_000, 2))
    await store.settled()
    const second = await get('/img/a.bin')
    assert.deepEqual(await bytesOf(second), randomContent(2_000_000, 2))
  })

  it('is another one by the time that a range of it is opened', async (t) => {
    const { get, putAs, store } = await startServing(t, { replicas: 2 })
    await putAs('a.bin', randomContent(2_000_000, 1))
    const first = await get('/img/a.bin', { method: 'HEAD' })
    // The fid that is remembered has no copies any more.
    await putAs('a.bin', randomContent(2_000_000, 2))
    await store.settled()
    const range = await get('/img/a.bin', { headers: { range: 'bytes=10-1999999' } })
    assert.equal(range.status, 206)
    assert.deepEqual(await bytesOf(range), randomContent(2_000_000, 2).subarray(10))
    assert.notEqual(range.headers.get('etag'), first.headers.get('etag'))
  })

  it('deleted with its copies is 404 before its time', async (t) => {
    const { get, putAs, store, clusters } = await startServing(t)
    const ref = await putAs('a.bin', randomContent(2_000_000))
    await bytesOf(await get('/img/a.bin'))
    await clusters.mogilefs?.tracker.delete(ref, new AbortController().signal)
    await store.settled()
    assert.equal((await get('/img/a.bin')).status, 404)
  })
})

describe('a fid that is asked for by its number', () => {
  it('is read as long as it has copies, whatever its key stands for', async (t) => {
    const { transfer, putAs, store, clusters } = await startMogilefs(t, { replicas: 2 })
    const { signal } = new AbortController()
    const ref = await putAs('a.bin', HELLO)
    const info = await clusters.mogilefs?.tracker.fileInfo(ref, signal)
    assert.ok(info !== undefined && typeof info !== 'string')
    store.store.exec('DELETE FROM file')
    const pinned = { ...ref, fid: info.fid }
    assert.deepEqual(await readAll(await transfer.open(pinned, null, { signal })), HELLO)
    assert.equal(await transfer.open({ ...ref, fid: info.fid + 1 }, null, { signal }), null)
    assert.equal(await transfer.open(ref, null, { signal }), null)
  })
})

describe('mogstored that answers wrongly', () => {
  for (const [what, faults] of [
    ['ignores Range', { ignoreRange: true }],
    ['gives another range', { wrongContentRange: 'bytes 1-5/13' }],
    ['says nothing of the range', { wrongContentRange: '' }],
    ['gives too little', { wrongLength: -1 }],
  ] as const) {
    it(`one that ${what} is passed by`, async (t) => {
      const { get, putAs, replicas } = await startServing(t, { replicas: 2, isNothingKept: true })
      const content = randomContent(2_000_000)
      await putAs('a.bin', content)
      for (const replica of replicas.slice(0, 1)) replica.faults = faults
      for (let i = 0; i < 4; i += 1) {
        const response = await get('/img/a.bin', { headers: { range: 'bytes=1000-1999999' } })
        assert.equal(response.status, 206)
        assert.deepEqual(await bytesOf(response), content.subarray(1000))
      }
    })
  }
})

describe('trackers', () => {
  const THREE = [1, 2, 3].map((n) => ({ host: `127.0.0.${n}`, port: 0 }))

  it('of which one is dead and one hangs are not waited for after the first requests', async (t) => {
    const { get, putAs, store } = await startServing(t, {
      isNothingKept: true,
      embedded: { trackers: THREE },
    })
    await putAs('test', HELLO)
    const [dead, hung, well] = store.trackers
    await dead?.stop()
    if (hung !== undefined) hung.faults = { hang: true }
    for (let i = 0; i < 4; i += 1) assert.equal((await get('/img/test')).status, 200)
    const asked = hung?.counters.requests('get_paths') ?? 0
    for (let i = 0; i < 20; i += 1) assert.equal((await get('/img/test')).status, 200)
    assert.equal(hung?.counters.requests('get_paths'), asked)
    assert.ok((well?.counters.requests('get_paths') ?? 0) >= 20)
  })

  it('that say "failure" are no 404: 503, and what is known goes on', async (t) => {
    const { get, putAs, store } = await startServing(t, {
      conf: (conf) => ({
        ...conf,
        memory: { ...conf.memory, objectCacheBytes: 0 },
        mogilefs: conf.mogilefs && { ...conf.mogilefs, locationMs: 1 },
      }),
    })
    await putAs('test', HELLO)
    assert.equal((await get('/img/test')).status, 200)
    for (const tracker of store.trackers) tracker.faults = { error: 'failure' }
    assert.equal((await get('/img/test')).status, 200)
    const unknown = await get('/img/other')
    assert.equal(unknown.status, 503)
    assert.match(unknown.headers.get('retry-after') ?? '', /^[0-9]+$/)
  })

  it('that name unlisted addresses are not believed, and FILE_DEBUG tells better ones', async (t) => {
    const { get, putAs, store } = await startServing(t)
    const unlisted = await startDaemon((socket) => socket.destroy())
    t.after(() => unlisted.close())
    await putAs('test', HELLO)
    const lie = lieOf(unlisted.host)
    for (const tracker of store.trackers) tracker.faults = { lie }
    assert.equal((await get('/img/test')).status, 200)
    assert.equal(unlisted.connections.length, 0)
  })

  it('one that names unlisted addresses is passed by for another', async (t) => {
    const { get, putAs, store } = await startServing(t, {
      isNothingKept: true,
      embedded: { trackers: THREE },
    })
    await putAs('test', HELLO)
    const [liar] = store.trackers
    if (liar !== undefined) liar.faults = { lie: lieOf('127.0.0.1:1') }
    for (let i = 0; i < 6; i += 1) assert.equal((await get('/img/test')).status, 200)
    const asked = store.trackers.map(({ counters }) => counters.requests('file_debug'))
    assert.deepEqual(asked, [0, 0, 0], 'the others said enough')
    assert.ok((liar?.counters.requests('get_paths') ?? 0) > 0)
  })
})

function lieOf(address: string): (paths: readonly string[]) => readonly string[] {
  return (paths) => paths.map((path) => path.replace(/^http:\/\/[^/]+/, `http://${address}`))
}

describe('odd rows of the database', () => {
  it('no copies: 503', async (t) => {
    const { get, putAs, store } = await startServing(t, { isNothingKept: true })
    await putAs('test', HELLO)
    store.store.exec('DELETE FROM file_on')
    const response = await get('/img/test')
    assert.equal(response.status, 503)
    assert.ok(response.headers.get('retry-after'))
  })

  it('a copy on an unknown device does not hide the good one', async (t) => {
    const { get, putAs, store } = await startServing(t, { isNothingKept: true })
    await putAs('test', HELLO)
    store.store.exec('INSERT INTO file_on (fid, devid) SELECT fid, 99 FROM file')
    assert.equal(`${await (await get('/img/test')).text()}`, `${HELLO}`)
  })

  it('a class without a row: the length is that of the copies', async (t) => {
    const { get, putAs, store } = await startServing(t, { isNothingKept: true })
    await putAs('test', HELLO)
    store.store.exec('UPDATE file SET classid = 77')
    const response = await get('/img/test', { headers: { range: 'bytes=-4' } })
    assert.equal(response.headers.get('content-range'), 'bytes 9-12/13')
    assert.equal(await response.text(), 'ile\n')
  })

  it('a wrong length is never sent', async (t) => {
    const { get, putAs, store } = await startServing(t, { isNothingKept: true })
    await putAs('test', HELLO)
    store.store.exec('UPDATE file SET length = 20')
    assert.equal((await get('/img/test')).status, 502)
  })
})
