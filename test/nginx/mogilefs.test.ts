import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { allDownloads } from '../suites/store-stack.ts'
import { numberedBytes } from '../support/edge-fixture.ts'
import { MogilefsNginx, SLICE } from '../support/mogilefs-nginx.ts'
import { waitFor } from '../support/wait-for.ts'

/** Four slices and a bit. */
const LARGE = numberedBytes(4 * SLICE + 1000)
const SMALL = numberedBytes(1000)
const size = LARGE.length

describe('a MogileFS key through nginx', () => {
  const nginx = MogilefsNginx.use()
  let next = 0
  const add = async (bytes = LARGE, extension = 'mp4'): Promise<string> => {
    next += 1
    await nginx.stack.putAs(`${next}.${extension}`, bytes)
    return `/img/${next}.${extension}`
  }
  const range = (path: string, value: string) => nginx.request(path, { headers: { Range: value } })

  it('is fetched once, slice by slice, and then comes out of the cache', async () => {
    const path = await add()
    const first = await nginx.slices(async () => {
      const { status, body, headers } = await nginx.request(path)
      assert.equal(status, 200)
      assert.ok(body.equals(LARGE))
      assert.equal(headers['x-cache-status'], 'MISS')
    })
    assert.deepEqual(first, [0, 1, 2, 3, 4])
    const again = await nginx.slices(async () => {
      const { body, headers } = await nginx.request(path)
      assert.ok(body.equals(LARGE))
      assert.equal(headers['x-cache-status'], 'HIT')
      assert.match(headers['etag'] ?? '', /^"[0-9]+"$/)
      assert.equal(headers['content-type'], 'video/mp4')
      assert.equal(headers['last-modified'], undefined)
      // The content is kept for long, the key is not: clients are told of the key.
      assert.equal(headers['cache-control'], 'public, max-age=5, must-revalidate')
    })
    assert.deepEqual(again, [])
  })

  it('is fetched whole, kept and given by parts where it is less than a slice', async () => {
    const path = await add(SMALL, 'jpg')
    const asked = await nginx.questions(async () => {
      for (const cache of ['MISS', 'HIT']) {
        const { status, body, headers } = await nginx.request(path)
        assert.deepEqual([status, headers['x-cache-status']], [200, cache])
        assert.deepEqual(body, SMALL)
        assert.match(headers['etag'] ?? '', /^"[0-9]+"$/)
        assert.equal(headers['content-type'], 'image/jpeg')
        assert.equal(headers['cache-control'], 'public, max-age=5, must-revalidate')
      }
      const part = await range(path, 'bytes=10-19')
      assert.equal(part.status, 206)
      assert.equal(part.headers['content-range'], `bytes 10-19/${SMALL.length}`)
      assert.deepEqual(part.body, SMALL.subarray(10, 20))
      const head = await nginx.request(path, { method: 'HEAD' })
      assert.deepEqual([head.status, head.headers['content-length']], [200, `${SMALL.length}`])
    })
    assert.equal(asked.filter((question) => question.startsWith('open ')).length, 1)
  })

  it('is not looked up for every request', async () => {
    const path = await add(SMALL)
    const before = nginx.transfer.questions.length
    for (let i = 0; i < 50; i++) await nginx.request(path)
    assert.ok(nginx.transfer.questions.length - before < 20)
  })

  it('whose end is asked for first costs the first slice and the last', async () => {
    const path = await add()
    const asked = await nginx.slices(async () => {
      const { status, body, headers } = await range(path, 'bytes=-500')
      assert.equal(status, 206)
      assert.ok(body.equals(LARGE.subarray(-500)))
      assert.equal(headers['content-range'], `bytes ${size - 500}-${size - 1}/${size}`)
      assert.equal(headers['content-type'], 'video/mp4')
    })
    assert.deepEqual(asked, [0, 4])
  })

  it('of which a part is asked for costs the slices of that part', async () => {
    const path = await add()
    const asked = await nginx.slices(async () => {
      const { body } = await range(path, `bytes=${2 * SLICE}-${3 * SLICE}`)
      assert.ok(body.equals(LARGE.subarray(2 * SLICE, 3 * SLICE + 1)))
    })
    assert.deepEqual(asked, [2, 3])
  })

  it('answers HEAD, ranges and conditions out of cached slices', async () => {
    const path = await add()
    const { headers } = await nginx.request(path)
    const etag = headers['etag'] ?? ''
    const asked = await nginx.slices(async () => {
      const head = await nginx.request(path, { method: 'HEAD' })
      assert.deepEqual([head.status, head.headers['content-length']], [200, `${size}`])
      assert.equal(head.headers['content-type'], 'video/mp4')
      for (const [value, start, end] of [
        ['bytes=0-0', 0, 1],
        [`bytes=${SLICE - 1}-${SLICE}`, SLICE - 1, SLICE + 1],
        ['bytes=70000-', 70_000, size],
        ['bytes=-5', size - 5, size],
      ] as const) {
        const part = await range(path, value)
        assert.ok(part.body.equals(LARGE.subarray(start, end)), value)
      }
      for (const condition of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
        const same = await nginx.request(path, { headers: { 'If-None-Match': condition } })
        assert.deepEqual([same.status, same.headers['etag']], [304, etag])
        assert.equal(same.headers['content-type'], undefined)
      }
      const part = { Range: 'bytes=5-9', 'If-Range': etag }
      assert.equal((await nginx.request(path, { headers: part })).status, 206)
      const whole = { Range: 'bytes=5-9', 'If-Range': '"1"' }
      assert.ok((await nginx.request(path, { headers: whole })).body.equals(LARGE))
    })
    assert.deepEqual(asked, [])
  })

  it('has several ranges made by the edge, past the cache', async () => {
    const path = await add()
    for (const value of ['bytes=0-0,2-2', 'bytes=0-0, 70000-70001']) {
      const { status, headers } = await range(path, value)
      assert.equal(status, 206)
      assert.match(headers['content-type'] ?? '', /^multipart\/byteranges/)
      assert.equal(headers['x-cache-status'], undefined)
    }
  })

  it('is 416 beyond its end, and whole for a malformed Range', async () => {
    const path = await add()
    const beyond = await range(path, `bytes=${size}-`)
    assert.deepEqual([beyond.status, beyond.headers['content-range']], [416, `bytes */${size}`])
    for (const value of ['bytes=x-y', 'items=0-1', 'bytes=', 'bytes=-']) {
      const { status, body } = await range(path, value)
      assert.deepEqual([value, status, body.length], [value, 200, size])
    }
  })

  it('has one type beyond its end, and is for no cache to keep there', async () => {
    for (const bytes of [LARGE, SMALL, Buffer.alloc(1), Buffer.alloc(0)]) {
      const path = await add(bytes, 'jpg')
      // nginx finds it itself in the slice that is there, the edge in one that is not.
      for (const start of [bytes.length + 1, 9 * SLICE]) {
        const { status, headers, body } = await range(path, `bytes=${start}-`)
        assert.deepEqual([status, headers['content-range']], [416, `bytes */${bytes.length}`])
        assert.match(
          headers['content-type'] ?? '',
          body.length === 0 ? /^image\/jpeg$/ : /^text\/plain/,
        )
        assert.match(headers['cache-control'] ?? 'no-store', /(?:^|, )no-store$/)
      }
      assert.equal((await nginx.request(path)).status, 200)
    }
  })

  it('that a hundred clients want at once, and soon, costs the storages no more than for a few', async () => {
    const large = numberedBytes(4 * 2 ** 20)
    const path = await add(large)
    const { promise, resolve } = Promise.withResolvers<void>()
    nginx.transfer.gates.content = promise
    const { questions } = nginx.transfer
    const opens = () => questions.filter((question) => question.startsWith(`open ${path} `)).length
    const before = allDownloads(nginx.stack)
    const answers = Array.from({ length: 100 }, () => range(path, 'bytes=10-99'))
    // All of them want the first slice, and nobody waits for long for another one's.
    await waitFor('a question of each', () => opens() === 100)
    resolve()
    for (const { status, body } of await Promise.all(answers)) {
      assert.equal(status, 206)
      assert.ok(body.equals(large.subarray(10, 100)))
    }
    // For the first one, for all others together, and the whole file for the sums of its blocks.
    assert.equal(allDownloads(nginx.stack) - before, 3)
  })

  it('whose question takes long does not keep a second client waiting until it is answered', async () => {
    const path = await add()
    const { promise, resolve } = Promise.withResolvers<void>()
    nginx.transfer.gates.facts = promise
    const asked = nginx.transfer.questions.length
    const answers = [nginx.request(path), nginx.request(path)]
    await waitFor('two questions', () => nginx.transfer.questions.length === asked + 2)
    resolve()
    for (const { body } of await Promise.all(answers)) assert.ok(body.equals(LARGE))
  })

  it('that is empty is 200, twice', async () => {
    const path = await add(Buffer.alloc(0), 'jpg')
    for (const status of ['MISS', 'HIT']) {
      const { headers, ...answer } = await nginx.request(path)
      assert.deepEqual([answer.status, headers['content-length']], [200, '0'])
      assert.deepEqual([headers['content-type'], headers['x-cache-status']], ['image/jpeg', status])
    }
    assert.equal((await range(path, 'bytes=0-')).status, 200)
  })

  it('that is not there is 404 for seconds, without a question for each', async () => {
    const asked = await nginx.questions(async () => {
      for (let i = 0; i < 10; i++) {
        const { status, headers } = await nginx.request('/img/later.jpg')
        assert.equal(status, 404)
        assert.equal(headers['cache-control'], 'public, max-age=3')
        assert.match(headers['x-request-id'] ?? '', /^[0-9a-f]{32}$/)
      }
    })
    assert.ok(asked.length < 5, `${asked.length} questions`)
    await nginx.stack.putAs('later.jpg', SMALL)
    const deadline = Date.now() + 10_000
    let answer = await nginx.request('/img/later.jpg')
    while (answer.status === 404 && Date.now() < deadline) {
      answer = await nginx.request('/img/later.jpg')
    }
    assert.ok(answer.body.equals(SMALL))
  })
})

describe('a MogileFS key of which everyone waits for slices on their way', () => {
  const edit = (text: string) => text.replace('lock_timeout 50ms', 'lock_timeout 60s')
  const nginx = MogilefsNginx.use({ edit })

  it('is fetched once for a hundred clients', async () => {
    await nginx.stack.putAs('hot.mp4', LARGE)
    const slices = await nginx.slices(async () => {
      const answers = await Promise.all(
        Array.from({ length: 100 }, () => nginx.request('/img/hot.mp4')),
      )
      for (const { status, body } of answers) {
        assert.equal(status, 200)
        assert.ok(body.equals(LARGE))
      }
    })
    assert.deepEqual(slices, [0, 1, 2, 3, 4])
  })
})

describe('a client of a MogileFS key that stalls', () => {
  const nginx = MogilefsNginx.use({ sliceBytes: 2 ** 20 })

  it('makes nginx fetch what fits between the two, and not the file', async () => {
    await nginx.stack.putAs('long.mp4', Buffer.alloc(64 * 2 ** 20, 1))
    const client = nginx.connect()
    client.socket.pause()
    client.send('GET /img/long.mp4 HTTP/1.1\r\nHost: a\r\n\r\n')
    const { questions } = nginx.transfer
    let seen = -1
    // Nothing more is asked in the time that a hundred others take.
    while (questions.length !== seen) {
      seen = questions.length
      for (let i = 0; i < 100; i++) await nginx.request('/alive')
    }
    const slices = questions.filter((question) => question.startsWith('open')).length
    assert.ok(slices > 2 && slices < 30, `${slices} of 64 slices were fetched`)
  })
})
