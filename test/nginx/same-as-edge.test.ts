import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import {
  APPENDER,
  EMPTY,
  JPG,
  numberedBytes,
  type RequestOptions,
} from '../support/edge-fixture.ts'
import { NginxFixture } from '../support/nginx-fixture.ts'
import { comparable } from './comparable.ts'
import { APPENDER_HERE, normalId, SLAVE_HERE, TRUNK } from './file-ids.ts'

// The edge's main behaviours, asked of the edge alone and through nginx: from the store path, and
// through the cache, not there yet and there. What nginx makes different has its reason beside it.

const BYTES = numberedBytes(30_720)
const ETAG = '"2ebc98a1-7800"'
const DATE = 'Sun, 06 Nov 1994 08:49:37 GMT'
const LATER = 'Fri, 31 Dec 9999 23:59:59 GMT'
const EARLIER = 'Sun, 06 Nov 1994 08:49:36 GMT'
const FILES = { store: normalId(1), cache: normalId(2) }
type Way = keyof typeof FILES

interface Row extends RequestOptions {
  readonly name: string
  /** Behind the path. */
  readonly query?: string
  /** Where nginx's own answer counts: the status that it has, and why. */
  readonly nginx?: { readonly status: number; readonly why: string; readonly only?: Way }
}

const MALFORMED_RANGE = 'nginx takes a malformed Range for one outside of the file'
const range = (value: string, nginx?: Row['nginx']): Row => ({
  name: `Range: ${value}`,
  headers: { Range: value },
  ...(nginx && { nginx }),
})

const ROWS: readonly Row[] = [
  { name: 'GET' },
  { name: 'HEAD', method: 'HEAD' },
  ...['bytes=0-0', 'bytes=5-9', 'bytes=30719-', 'bytes=-1', 'bytes=-99999'].map((it) => range(it)),
  ...['bytes=0-99999', 'BYTES=0-9', 'items=0-9', 'bytes=30720-', 'bytes=-0'].map((it) => range(it)),
  range('bytes=5-0', { status: 416, why: MALFORMED_RANGE }),
  ...['bytes=x-y', 'bytes=-', 'bytes=0-1,x'].map((it) =>
    range(it, { status: 416, why: MALFORMED_RANGE, only: 'store' }),
  ),
  range('bytes 0-9'),
  range('bytes=5-99999999999999999999999', {
    status: 416,
    why: 'nginx cannot count so far',
    only: 'store',
  }),
  ...[
    { 'If-None-Match': ETAG },
    { 'If-None-Match': `W/${ETAG}, "x"` },
    { 'If-None-Match': '*' },
    { 'If-None-Match': '"x"' },
    { 'If-Modified-Since': DATE },
    { 'If-Modified-Since': LATER },
    { 'If-Modified-Since': EARLIER },
    { 'If-Match': ETAG },
    // After a 412 nginx ends the connection without a word.
    { 'If-Match': '"x"', Connection: 'close' },
    { 'If-Unmodified-Since': DATE },
    { 'If-Unmodified-Since': EARLIER, Connection: 'close' },
    { 'If-Range': ETAG, Range: 'bytes=5-9' },
    { 'If-Range': DATE, Range: 'bytes=5-9' },
    { 'If-Range': '"x"', Range: 'bytes=5-9' },
    { 'If-Range': EARLIER, Range: 'bytes=5-9' },
    { 'If-None-Match': ETAG, Range: 'bytes=5-9' },
    { 'If-None-Match': ETAG, Range: 'bytes=30720-' },
    { 'If-Match': '"x"', Range: 'bytes=30720-', Connection: 'close' },
    // RFC 9110 5.6.7: the obsolete forms of a date, and what is none.
    { 'If-Modified-Since': 'Sunday, 06-Nov-94 08:49:37 GMT' },
    { 'If-Modified-Since': 'Sun Nov  6 08:49:37 1994' },
    { 'If-Modified-Since': 'Sun, 06 Nov 2094 08:49:37' },
    { 'If-Modified-Since': 'Sun, 06 Foo 2094 08:49:37 GMT' },
    { 'If-Modified-Since': 'Sat, 32 Nov 2094 08:49:37 GMT' },
    { 'If-Unmodified-Since': 'yesterday' },
    { 'If-Unmodified-Since': EARLIER, 'If-Match': ETAG },
  ].map((headers) => ({ name: JSON.stringify(headers), headers })),
  { name: 'HEAD of a range', method: 'HEAD', headers: { Range: 'bytes=5-9' } },
  { name: 'HEAD beyond the end', method: 'HEAD', headers: { Range: 'bytes=30720-' } },
  { name: 'OPTIONS', method: 'OPTIONS' },
  { name: 'DELETE', method: 'DELETE' },
  { name: 'a name', query: '?filename=a.jpg' },
  { name: 'a name with blanks', query: '?filename=a%20b.jpg' },
  { name: 'a name that injects', query: '?attname=a%0d%0aX:%20b' },
  { name: 'other arguments', query: '?x=1&redirect=1&download=y' },
]

const MALFORMED = [
  '/group1/M00/00/00/short',
  JPG.replace('/00/00/', '/000/00/'),
  JPG.replace('/00/00/', '/aa/bb/'),
  JPG.replace('.jpg', '%00.jpg'),
]

describe('through nginx', () => {
  const nginx = NginxFixture.use({
    edge: {
      cacheControl: { immutable: 'public, max-age=31536000, immutable', mutable: 'max-age=60' },
    },
    server: ({ dir }) => `location ~ ^/group1/M0[01]/ { include ${dir}/ngx_fastdfs_module.conf; }`,
  })
  before(async () => {
    await nginx.put(FILES.store, BYTES)
    for (const path of Object.values(FILES)) nginx.edge.transfer.add(path, BYTES)
    nginx.edge.transfer.add(TRUNK, BYTES)
    for (const path of [SLAVE_HERE, APPENDER_HERE]) {
      nginx.edge.transfer.add(path, BYTES, { isPermanent: false })
    }
  })

  for (const row of ROWS) {
    for (const way of ['store', 'cache'] as const) {
      it(`${row.name} of a file from the ${way} is as from the edge`, async () => {
        const target = `${FILES[way]}${row.query ?? ''}`
        const alone = await nginx.edge.request(target, row)
        // The first may find nothing in the cache, the second does.
        for (let i = 0; i < 2; i++) {
          const answer = await nginx.request(target, row)
          if (row.nginx !== undefined && (row.nginx.only ?? way) === way) {
            assert.notEqual(alone.status, row.nginx.status, `no difference: ${row.nginx.why}`)
            assert.equal(answer.status, row.nginx.status)
          } else assert.deepEqual(comparable(answer), comparable(alone))
        }
      })
    }
  }

  for (const [kind, path] of Object.entries({
    slave: SLAVE_HERE,
    appender: APPENDER_HERE,
    trunk: TRUNK,
  })) {
    for (const row of ROWS.filter(({ name }) => !/x-y|5-0|=-$|,x/.test(name))) {
      it(`${row.name} of a ${kind} is as from the edge`, async () => {
        const target = `${path}${row.query ?? ''}`
        const alone = await nginx.edge.request(target, row)
        assert.deepEqual(comparable(await nginx.request(target, row)), comparable(alone))
      })
    }
  }

  it('what is beyond the end is for no cache to keep', async () => {
    const elsewhere = FILES.cache.replace('M00', 'M01')
    nginx.edge.transfer.add(elsewhere, BYTES)
    for (const path of [FILES.store, elsewhere]) {
      const { status, headers } = await nginx.request(path, { headers: { Range: 'bytes=30720-' } })
      assert.equal(status, 416)
      assert.match(headers['cache-control'] ?? '', /(?:^|, )no-store$/)
      assert.equal(headers['content-range'], 'bytes */30720')
    }
  })

  it('a body that does not come is not waited for', async () => {
    for (const path of [...Object.values(FILES), '/group1/M00/none']) {
      const client = nginx.connect()
      client.send(`POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n`)
      const { status, headers } = await client.read()
      assert.deepEqual([status, headers['allow']], [405, 'GET, HEAD, OPTIONS'])
      assert.equal(headers['cache-control'], 'no-store')
    }
  })

  it('several ranges hold the same parts', async () => {
    for (const path of [...Object.values(FILES), SLAVE_HERE]) {
      const { status, body } = await nginx.request(path, {
        headers: { Range: 'bytes=0-9,100-109' },
      })
      assert.equal(status, 206)
      const text = body.toString('latin1')
      assert.ok(text.includes(BYTES.toString('latin1', 100, 110)))
      assert.match(text, /Content-Range: bytes 0-9\/30720/)
    }
  })

  it('what is malformed is 400, what is not there 404', async () => {
    for (const target of MALFORMED) assert.equal((await nginx.request(target)).status, 400, target)
    for (const target of [JPG, EMPTY.replace('group2', 'group1'), APPENDER, `${TRUNK}-m`]) {
      assert.equal((await nginx.request(target)).status, 404, target)
    }
  })

  // The C module sees what nginx has made of a URL, and operators rely on it; the edge alone is 400.
  it('dot segments and doubled slashes are resolved by nginx', async () => {
    for (const way of Object.values(FILES)) {
      for (const target of [
        way.replace('/M00/', '/M00/../M00/'),
        way.replace('/M00/', '/./M00/'),
        way.replace('/M00/', '//M00/'),
        way.replace('group1', '%67roup1'),
      ]) {
        assert.deepEqual((await nginx.request(target)).body, BYTES, target)
      }
    }
  })
})
