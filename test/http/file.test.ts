import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import {
  APPENDER,
  EdgeFixture,
  EMPTY,
  HTML,
  JPG,
  LAST_MODIFIED,
  NO_EXTENSION,
  numberedBytes,
  SLAVE,
} from '../support/edge-fixture.ts'

const BYTES = numberedBytes(1000)
const ETAG = '"2ebc98a1-3e8"'

for (const isCached of [true, false]) {
  describe(`a file ${isCached ? 'in memory' : 'on a storage'}`, () => {
    const edge = EdgeFixture.use({ limits: { lingerMs: 50 } })
    before(() => {
      edge.transfer.add(JPG, BYTES, { isCached })
      edge.transfer.add(EMPTY, Buffer.alloc(0), { isCached })
      edge.transfer.add(HTML, BYTES, { isCached, modified: null })
      edge.transfer.add(APPENDER, BYTES, { isCached, isPermanent: false })
      edge.transfer.add(SLAVE, BYTES, { isCached, isPermanent: false })
      edge.transfer.add(NO_EXTENSION, BYTES, { isCached })
    })
    const get = (headers: Record<string, string>, target = JPG) => edge.request(target, { headers })

    it('is sent whole, with all that caches need', async () => {
      const { status, headers, body } = await get({})
      assert.equal(status, 200)
      assert.deepEqual(body, BYTES)
      const { date, ...others } = headers
      assert.match(date ?? '', / GMT$/)
      assert.deepEqual(others, {
        etag: ETAG,
        'last-modified': LAST_MODIFIED,
        'cache-control': 'public, max-age=31536000, immutable',
        'accept-ranges': 'bytes',
        'content-type': 'image/jpeg',
        'x-content-type-options': 'nosniff',
        'content-length': '1000',
        connection: 'keep-alive',
        'keep-alive': 'timeout=75',
      })
    })

    it('that may change is to be asked for again', async () => {
      for (const target of [APPENDER, SLAVE]) {
        const { headers } = await get({}, target)
        assert.equal(headers['cache-control'], 'public, max-age=5, must-revalidate')
      }
    })

    it('without a time has no Last-Modified', async () => {
      const { headers } = await get({}, HTML)
      assert.equal(headers['last-modified'], undefined)
      assert.equal(headers['content-type'], 'text/html')
      const since = { 'If-Modified-Since': 'Fri, 31 Dec 9999 23:59:59 GMT' }
      assert.equal((await get(since, HTML)).status, 200)
    })

    it('without an extension is bytes', async () => {
      const { headers } = await get({}, NO_EXTENSION)
      assert.equal(headers['content-type'], 'application/octet-stream')
    })

    const ranges: readonly (readonly [string, number, number])[] = [
      ['bytes=0-0', 0, 1],
      ['bytes=0-99', 0, 100],
      ['bytes=0-', 0, 1000],
      ['bytes=990-', 990, 1000],
      ['bytes=990-2000', 990, 1000],
      ['bytes=-1', 999, 1000],
      ['bytes=-5000', 0, 1000],
      ['BYTES=5-6', 5, 7],
      ['bytes=0-9,5-19', 0, 20],
      ['bytes=0-9,5000-', 0, 10],
    ]
    for (const [range, start, end] of ranges) {
      it(`gives ${range}`, async () => {
        const { status, headers, body } = await get({ Range: range })
        assert.equal(status, 206)
        assert.equal(headers['content-range'], `bytes ${start}-${end - 1}/1000`)
        assert.equal(headers['content-length'], `${end - start}`)
        assert.equal(headers['etag'], ETAG)
        assert.equal(headers['last-modified'], LAST_MODIFIED)
        assert.equal(headers['content-type'], 'image/jpeg')
        assert.deepEqual(body, BYTES.subarray(start, end))
      })
    }

    for (const range of ['bytes=5-0', 'bytes=x', 'items=0-9', 'bytes=', 'bytes=0-1,x']) {
      it(`is sent whole for ${range}`, async () => {
        const { status, headers, body } = await get({ Range: range })
        assert.equal(status, 200)
        assert.equal(headers['content-range'], undefined)
        assert.deepEqual(body, BYTES)
      })
    }

    for (const range of ['bytes=1000-', 'bytes=-0', 'bytes=5000-6000,1000-']) {
      it(`has nothing for ${range}`, async () => {
        const { status, headers } = await get({ Range: range })
        assert.equal(status, 416)
        assert.equal(headers['content-range'], 'bytes */1000')
      })
    }

    it('gives several ranges in one multipart body', async () => {
      const { status, headers, body } = await get({ Range: 'bytes=500-509,0-0,-1' })
      assert.equal(status, 206)
      assert.equal(headers['content-range'], undefined)
      const [, boundary] =
        /^multipart\/byteranges; boundary=(\S+)$/.exec(headers['content-type'] ?? '') ?? []
      const part = (range: string, bytes: Buffer) => [
        Buffer.from(
          `--${boundary}\r\nContent-Type: image/jpeg\r\n` +
            `Content-Range: bytes ${range}/1000\r\n\r\n`,
        ),
        bytes,
        Buffer.from('\r\n'),
      ]
      assert.deepEqual(
        body,
        Buffer.concat([
          ...part('500-509', BYTES.subarray(500, 510)),
          ...part('0-0', BYTES.subarray(0, 1)),
          ...part('999-999', BYTES.subarray(999)),
          Buffer.from(`--${boundary}--\r\n`),
        ]),
      )
    })

    it('has ranges for GET only', async () => {
      const options = { method: 'HEAD', headers: { Range: 'bytes=0-0' } }
      const { status, headers } = await edge.request(JPG, options)
      assert.equal(status, 200)
      assert.equal(headers['content-length'], '1000')
    })

    it('takes repeated Range fields for one that is malformed', async () => {
      const client = edge.connect()
      client.send(`GET ${JPG} HTTP/1.1\r\nHost: a\r\nRange: bytes=0-0\r\nRange: bytes=5-5\r\n\r\n`)
      assert.equal((await client.read()).status, 200)
    })

    it('of no byte is sent as it is', async () => {
      for (const range of ['bytes=0-', 'bytes=0-0', 'bytes=-5', 'bytes=x']) {
        const { status, headers } = await get({ Range: range }, EMPTY)
        assert.equal(status, 200)
        assert.equal(headers['content-length'], '0')
      }
      const { status, headers } = await get({ Range: 'bytes=5-' }, EMPTY)
      assert.equal(status, 416)
      assert.equal(headers['content-range'], 'bytes */0')
    })

    const conditions: readonly (readonly [Record<string, string>, number])[] = [
      [{ 'If-None-Match': ETAG }, 304],
      [{ 'If-None-Match': `W/${ETAG}` }, 304],
      [{ 'If-None-Match': '*' }, 304],
      [{ 'If-None-Match': '"x"' }, 200],
      [{ 'If-Modified-Since': LAST_MODIFIED }, 304],
      [{ 'If-Modified-Since': 'Fri, 31 Dec 9999 23:59:59 GMT' }, 304],
      [{ 'If-Modified-Since': 'Sun, 06 Nov 1994 08:49:36 GMT' }, 200],
      [{ 'If-Match': ETAG }, 200],
      [{ 'If-Match': `W/${ETAG}` }, 412],
      [{ 'If-Unmodified-Since': 'Sun, 06 Nov 1994 08:49:36 GMT' }, 412],
      [{ 'If-None-Match': ETAG, Range: 'bytes=0-0' }, 304],
      [{ 'If-Match': '"x"', Range: 'bytes=5000-' }, 412],
      [{ 'If-Match': ETAG, Range: 'bytes=0-0' }, 206],
      [{ 'If-Range': ETAG, Range: 'bytes=0-0' }, 206],
      [{ 'If-Range': LAST_MODIFIED, Range: 'bytes=0-0' }, 206],
      [{ 'If-Range': ETAG, Range: 'bytes=5000-' }, 416],
      [{ 'If-Range': '"x"', Range: 'bytes=0-0' }, 200],
      [{ 'If-Range': '"x"', Range: 'bytes=5000-' }, 200],
      [{ 'If-Range': `W/${ETAG}`, Range: 'bytes=0-0' }, 200],
      [{ 'If-Range': 'Sun, 06 Nov 1994 08:49:38 GMT', Range: 'bytes=0-0' }, 200],
      [{ 'If-Range': 'nonsense', Range: 'bytes=0-0' }, 200],
      [{ 'If-Range': ETAG }, 200],
    ]
    for (const [headers, status] of conditions) {
      it(`answers ${JSON.stringify(headers)} with ${status}`, async () => {
        const response = await get(headers)
        assert.equal(response.status, status)
        const size = { 200: 1000, 206: 1, 304: 0 }[status]
        if (size !== undefined) assert.equal(response.body.length, size)
      })
    }

    it('that is at the client gets its validators again, and no word of content', async () => {
      const { headers, names } = await get({ 'If-None-Match': ETAG })
      assert.equal(headers['etag'], ETAG)
      assert.equal(headers['last-modified'], LAST_MODIFIED)
      assert.equal(headers['cache-control'], 'public, max-age=31536000, immutable')
      assert.deepEqual(
        names.filter((name) => name.startsWith('Content-')),
        [],
      )
    })

    it('is saved under a name', async () => {
      for (const argument of ['filename', 'attname']) {
        const { headers } = await get({}, `${JPG}?${argument}=%E7%85%A7%20%22x%22.jpg`)
        assert.match(
          headers['content-disposition'] ?? '',
          /^attachment; filename="\? \\"x\\"\.jpg"; filename\*=UTF-8''%E7%85%A7%20%22x%22\.jpg$/,
        )
      }
      const { headers } = await get({}, `${JPG}?filename=`)
      assert.equal(headers['content-disposition'], undefined)
    })
  })
}

describe('what a storage is asked', () => {
  const edge = EdgeFixture.use()
  before(() => void edge.transfer.add(JPG, BYTES))
  const asked = async (options: Parameters<EdgeFixture['request']>[1]) => {
    edge.transfer.questions.length = 0
    await edge.request(JPG, options)
    return edge.transfer.questions.map((question) => question.replace(` ${JPG}`, ''))
  }

  it('is as little as can be', async () => {
    assert.deepEqual(await asked({}), ['open whole'])
    assert.deepEqual(await asked({ method: 'HEAD' }), ['facts'])
    assert.deepEqual(await asked({ headers: { 'If-None-Match': '*' } }), ['facts'])
    assert.deepEqual(await asked({ headers: { Range: 'bytes=0-9' } }), ['facts', 'open 0..10'])
    assert.deepEqual(await asked({ headers: { Range: 'bytes=0-' } }), ['facts', 'open whole'])
    assert.deepEqual(await asked({ headers: { Range: 'bytes=0-0,5-5' } }), [
      'facts',
      'open 0..1',
      'open 5..6',
    ])
    assert.deepEqual(await asked({ method: 'OPTIONS' }), [])
  })
})

describe('switches', () => {
  const edge = EdgeFixture.use({
    isMultiRangeEnabled: false,
    cacheControl: { immutable: 'public, max-age=60', mutable: 'no-cache' },
    urls: { fastdfs: { hasGroupName: false, groupName: 'group1', isGroup: () => true } },
  })
  before(() => {
    edge.transfer.add(JPG, BYTES)
    edge.transfer.add(APPENDER, BYTES, { isPermanent: false })
  })

  it('of multiple ranges: they are ignored', async () => {
    assert.equal((await edge.request(JPG, { headers: { Range: 'bytes=0-0,5-5' } })).status, 200)
    assert.equal((await edge.request(JPG, { headers: { Range: 'bytes=0-0' } })).status, 206)
  })

  it('of Cache-Control', async () => {
    assert.equal((await edge.request(JPG)).headers['cache-control'], 'public, max-age=60')
    assert.equal((await edge.request(APPENDER)).headers['cache-control'], 'no-cache')
  })

  it('of group names in URLs', async () => {
    assert.equal((await edge.request(JPG.replace('/group1', ''))).status, 200)
  })
})

describe('a page', () => {
  const page = { contentType: 'text/html; charset=utf-8', body: Buffer.from('<p>hello') }
  const edge = EdgeFixture.use({ page: (path) => (path === '/' ? page : undefined) })

  it('is given under its path', async () => {
    const { status, headers, body } = await edge.request('/?x')
    assert.equal(status, 200)
    assert.deepEqual(body, page.body)
    assert.equal(headers['content-type'], page.contentType)
    assert.equal(headers['cache-control'], 'no-cache')
    const again = await edge.request('/', { headers: { 'If-None-Match': headers['etag'] ?? '' } })
    assert.equal(again.status, 304)
    assert.equal((await edge.request('/', { method: 'HEAD' })).headers['content-length'], '8')
    assert.equal((await edge.request('/other')).status, 404)
  })
})
