import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { numberedBytes } from '../support/edge-fixture.ts'
import { NginxFixture } from '../support/nginx-fixture.ts'
import { waitFor } from '../support/wait-for.ts'
import { APPENDER_HERE, largeId, NOT_HERE, normalId, SLAVE_HERE, TRUNK } from './file-ids.ts'

const SLICE = 65_536
/** Four slices and a bit. */
const LARGE = numberedBytes(4 * SLICE + 1000)
const SMALL = numberedBytes(1000)

const useNginx = (edit?: (text: string) => string) =>
  NginxFixture.use({
    conf: (base) => ({ ...base, nginx: { ...base.nginx, sliceBytes: SLICE } }),
    server: ({ dir }) => `location /group1/M00 { include ${dir}/ngx_fastdfs_module.conf; }`,
    ...(edit && { edit }),
  })

const slicesOf = (questions: readonly string[]): number[] =>
  questions.flatMap((question) => {
    const [, start] = / ([0-9]+)\.\.[0-9]+$/.exec(question) ?? []
    return start === undefined ? [] : [Number(start) / SLICE]
  })

describe('a large file in slices', () => {
  const nginx = useNginx()
  let next = 0
  const add = (path = largeId(next++)): string => {
    nginx.edge.transfer.add(path, LARGE)
    return path
  }
  const range = (path: string, value: string) => nginx.request(path, { headers: { Range: value } })

  it('is fetched once, slice by slice, and then comes out of the cache', async () => {
    const path = add()
    const first = await nginx.questions(async () => {
      const { status, body, headers } = await nginx.request(path)
      assert.equal(status, 200)
      assert.deepEqual(body, LARGE)
      assert.equal(headers['x-cache-status'], 'MISS')
    })
    assert.deepEqual(slicesOf(first), [0, 1, 2, 3, 4])
    const again = await nginx.questions(async () => {
      const { body, headers } = await nginx.request(path)
      assert.deepEqual(body, LARGE)
      assert.equal(headers['x-cache-status'], 'HIT')
      assert.equal(headers['etag'], `"2ebc98a1-${LARGE.length.toString(16)}"`)
    })
    assert.deepEqual(again, [])
  })

  it('whose end is asked for first costs the first and the last slice', async () => {
    const path = add()
    const asked = await nginx.questions(async () => {
      const { status, body, headers } = await range(path, 'bytes=-500')
      assert.equal(status, 206)
      assert.deepEqual(body, LARGE.subarray(-500))
      const size = LARGE.length
      assert.equal(headers['content-range'], `bytes ${size - 500}-${size - 1}/${size}`)
    })
    assert.deepEqual(slicesOf(asked), [0, 4])
  })

  it('of which a part is asked for costs the slices of that part', async () => {
    const path = add()
    const asked = await nginx.questions(async () => {
      const { body } = await range(path, `bytes=${2 * SLICE}-${3 * SLICE}`)
      assert.deepEqual(body, LARGE.subarray(2 * SLICE, 3 * SLICE + 1))
      const { status } = await range(path, `bytes=${3 * SLICE + 1}-${3 * SLICE + 1}`)
      assert.equal(status, 206)
    })
    assert.deepEqual(slicesOf(asked), [2, 3])
  })

  it('answers HEAD and ranges out of its cached slices', async () => {
    const path = add()
    await nginx.request(path)
    const asked = await nginx.questions(async () => {
      const { status, headers } = await nginx.request(path, { method: 'HEAD' })
      assert.deepEqual([status, headers['content-length']], [200, `${LARGE.length}`])
      for (const [value, start, end] of [
        ['bytes=0-0', 0, 1],
        ['bytes=65535-65536', 65_535, 65_537],
        ['bytes=70000-', 70_000, LARGE.length],
      ] as const) {
        assert.deepEqual((await range(path, value)).body, LARGE.subarray(start, end))
      }
      assert.equal((await range(path, `bytes=${LARGE.length - 1}-`)).body.length, 1)
      const since = { headers: { 'If-Modified-Since': 'Sun, 06 Nov 1994 08:49:38 GMT' } }
      assert.equal((await nginx.request(path, since)).status, 304)
    })
    assert.deepEqual(asked, [])
  })

  it('costs HEAD one slice', async () => {
    const path = add()
    const asked = await nginx.questions(async () => {
      const { status, headers } = await nginx.request(path, { method: 'HEAD' })
      assert.deepEqual([status, headers['content-length']], [200, `${LARGE.length}`])
    })
    assert.deepEqual(slicesOf(asked), [0])
  })

  it('has its several ranges made by the edge, past the cache', async () => {
    const path = add()
    for (const value of ['bytes=0-0,2-2', 'bytes=0-0, 70000-70001']) {
      const { status, headers } = await range(path, value)
      assert.equal(status, 206)
      assert.match(headers['content-type'] ?? '', /^multipart\/byteranges/)
      assert.equal(headers['x-cache-status'], undefined)
    }
  })

  it('whose start is beyond its end is 416, and that is not kept', async () => {
    const path = add()
    for (let i = 0; i < 2; i++) {
      const asked = await nginx.questions(async () => {
        const { status, headers } = await range(path, `bytes=${9 * SLICE}-`)
        assert.equal(status, 416)
        assert.equal(headers['content-range'], `bytes */${LARGE.length}`)
      })
      assert.equal(asked.length, 1)
    }
  })

  it('has conditions go before a range that is outside of it', async () => {
    const path = add()
    const etag = (await nginx.request(path)).headers['etag'] ?? ''
    for (const [condition, status] of [
      [{ 'If-None-Match': etag }, 304],
      [{ 'If-Match': '"x"' }, 412],
      [{ 'If-Match': etag }, 416],
      [{}, 416],
    ] as const) {
      for (const start of [LARGE.length, 9 * SLICE]) {
        const headers = { Range: `bytes=${start}-`, ...condition }
        assert.equal((await nginx.request(path, { headers })).status, status)
      }
    }
  })

  it('whose If-Range is stale comes whole', async () => {
    const path = add()
    const headers = { Range: 'bytes=200000-', 'If-Range': '"other"' }
    const { status, body } = await nginx.request(path, { headers })
    assert.equal(status, 200)
    assert.deepEqual(body, LARGE)
  })

  it('that a hundred clients want at once comes whole to each', async () => {
    const path = add()
    const asked = await nginx.questions(async () => {
      const answers = await Promise.all(Array.from({ length: 100 }, () => nginx.request(path)))
      for (const { status, body } of answers) {
        assert.equal(status, 200)
        assert.ok(body.equals(LARGE))
      }
    })
    assert.deepEqual([...new Set(slicesOf(asked))].toSorted(), [0, 1, 2, 3, 4])
  })

  it('of which a slice takes long does not keep a second client waiting until it has come', async () => {
    const path = add()
    const { transfer } = nginx.edge
    const { promise, resolve } = Promise.withResolvers<void>()
    transfer.gate = promise
    const asked = transfer.questions.length
    const answers = [nginx.request(path), nginx.request(path)]
    await waitFor('two questions', () => transfer.questions.length === asked + 2)
    resolve()
    for (const { body } of await Promise.all(answers)) assert.ok(body.equals(LARGE))
    assert.equal((await nginx.request(path)).headers['x-cache-status'], 'HIT')
  })

  it('of one slice, and of none, comes whole', async () => {
    const [small, empty] = [normalId(next++), normalId(next++)]
    nginx.edge.transfer.add(small, SMALL)
    nginx.edge.transfer.add(empty, Buffer.alloc(0))
    nginx.edge.transfer.add(TRUNK, SMALL)
    for (const status of ['MISS', 'HIT']) {
      for (const path of [small, TRUNK]) {
        const answer = await nginx.request(path)
        assert.deepEqual(answer.body, SMALL)
        assert.equal(answer.headers['x-cache-status'], status)
      }
      const answer = await nginx.request(empty)
      assert.deepEqual([answer.status, answer.headers['content-length']], [200, '0'])
      assert.equal(answer.headers['x-cache-status'], status)
    }
    assert.equal((await range(empty, 'bytes=0-')).status, 200)
  })
})

describe('a large file of which everyone waits for slices on their way', () => {
  const nginx = useNginx((text) => text.replace('lock_timeout 50ms', 'lock_timeout 60s'))

  it('is fetched once for a hundred clients', async () => {
    const path = largeId(0)
    nginx.edge.transfer.add(path, LARGE)
    const asked = await nginx.questions(async () => {
      const answers = await Promise.all(Array.from({ length: 100 }, () => nginx.request(path)))
      for (const { status, body } of answers) {
        assert.equal(status, 200)
        assert.ok(body.equals(LARGE))
      }
    })
    assert.deepEqual(slicesOf(asked), [0, 1, 2, 3, 4])
  })
})

describe('a slave', () => {
  const nginx = useNginx()
  before(() => void nginx.edge.transfer.add(SLAVE_HERE, LARGE, { isPermanent: false }))

  it('is cached whole, its ranges are not', async () => {
    assert.equal((await nginx.request(SLAVE_HERE)).headers['x-cache-status'], 'MISS')
    const asked = await nginx.questions(async () => {
      const { body, headers } = await nginx.request(SLAVE_HERE)
      assert.deepEqual(body, LARGE)
      assert.equal(headers['x-cache-status'], 'HIT')
      assert.equal(headers['cache-control'], 'public, max-age=5, must-revalidate')
    })
    assert.deepEqual(asked, [])
    const options = { headers: { Range: 'bytes=5-9' } }
    const part = await nginx.questions(async () => {
      const { status, body, headers } = await nginx.request(SLAVE_HERE, options)
      assert.deepEqual([status, headers['x-cache-status']], [206, undefined])
      assert.deepEqual(body, LARGE.subarray(5, 10))
    })
    assert.notDeepEqual(part, [])
  })
})

describe('a file of less than 1 MiB', () => {
  const nginx = useNginx()

  it('is kept whole, and in slices where a part of it is asked for', async () => {
    const path = normalId(1)
    nginx.edge.transfer.add(path, LARGE)
    const options = { headers: { Range: `bytes=${3 * SLICE}-` } }
    const asked = await nginx.questions(async () => {
      const { status, body, headers } = await nginx.request(path, options)
      assert.deepEqual([status, headers['x-cache-status']], [206, 'MISS'])
      assert.deepEqual(body, LARGE.subarray(3 * SLICE))
    })
    assert.deepEqual(slicesOf(asked), [3, 4])
    const whole = await nginx.questions(async () => {
      for (const cache of ['MISS', 'HIT']) {
        const { status, body, headers } = await nginx.request(path)
        assert.deepEqual([status, headers['x-cache-status']], [200, cache])
        assert.deepEqual(body, LARGE)
      }
    })
    assert.deepEqual([whole.length, slicesOf(whole)], [1, []])
  })
})

describe('a slave that may be kept for a second', () => {
  const nginx = NginxFixture.use({
    edge: { cacheControl: { immutable: '', mutable: 'max-age=1' } },
    server: ({ dir }) => `location /group1/M00 { include ${dir}/ngx_fastdfs_module.conf; }`,
  })
  const seen = async (wanted: string): Promise<void> => {
    let status: string | undefined
    const deadline = Date.now() + 10_000
    while (status !== wanted) {
      assert.ok(Date.now() < deadline, `never ${wanted}, last ${status}`)
      const { headers, body } = await nginx.request(SLAVE_HERE)
      assert.deepEqual(body, SMALL)
      status = headers['x-cache-status']
    }
  }

  it('is then asked for again with its validator, and goes on while the edge is gone', async () => {
    nginx.edge.transfer.add(SLAVE_HERE, SMALL, { isPermanent: false })
    await seen('MISS')
    await seen('REVALIDATED')
    assert.ok(nginx.edge.transfer.questions.at(-1)?.startsWith('facts '))
    await nginx.edge.server.close(0)
    await seen('STALE')
  })
})

describe('an edge that is gone', () => {
  const nginx = useNginx()

  it('leaves what is cached, and 502 for the rest', async () => {
    nginx.edge.transfer.add(NOT_HERE, LARGE)
    await nginx.request(NOT_HERE)
    await nginx.edge.server.close(0)
    const { body, headers } = await nginx.request(NOT_HERE)
    assert.deepEqual(body, LARGE)
    assert.equal(headers['x-cache-status'], 'HIT')
    assert.equal((await nginx.request(normalId(1))).status, 502)
  })
})

describe('what is not kept', () => {
  const nginx = useNginx()
  const counted = async (path: string, status: number): Promise<number> => {
    const asked = await nginx.questions(async () => {
      for (let i = 0; i < 3; i++) assert.equal((await nginx.request(path)).status, status)
    })
    return asked.length
  }

  it('an appender', async () => {
    nginx.edge.transfer.add(APPENDER_HERE, SMALL, { isPermanent: false })
    assert.equal(await counted(APPENDER_HERE, 200), 3)
  })

  it('a fault', async () => {
    const { transfer } = nginx.edge
    transfer.fault = new Error('x')
    for (const path of [normalId(1), SLAVE_HERE]) assert.equal(await counted(path, 500), 3)
    transfer.fault = undefined
  })

  it('"not found", for longer than seconds', async () => {
    const path = normalId(2)
    assert.equal(await counted(path, 404), 1)
    nginx.edge.transfer.add(path, SMALL)
    const deadline = Date.now() + 10_000
    while ((await nginx.request(path)).status === 404) assert.ok(Date.now() < deadline)
  })
})

describe('a client that stalls', () => {
  const nginx = NginxFixture.use({
    server: ({ dir }) => `location /group1/M00 { include ${dir}/ngx_fastdfs_module.conf; }`,
  })

  it('makes nginx fetch what fits between the two, and not the file', async () => {
    const path = largeId(1)
    nginx.edge.transfer.add(path, Buffer.alloc(100 * 2 ** 20, 1))
    const client = nginx.connect()
    client.socket.pause()
    client.send(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`)
    const { questions } = nginx.edge.transfer
    let seen = -1
    // Nothing more is asked in the time that a hundred others take.
    while (questions.length !== seen) {
      seen = questions.length
      for (let i = 0; i < 100; i++) await nginx.request('/alive')
    }
    assert.ok(seen > 2 && seen < 60, `${seen / 2} of 100 slices were fetched`)
  })
})
