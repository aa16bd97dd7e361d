import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { numberedBytes, type RequestOptions } from '../support/edge-fixture.ts'
import { MogilefsNginx } from '../support/mogilefs-nginx.ts'
import { comparable } from './comparable.ts'

// The edge's main behaviours, asked of the edge alone and through nginx: not in the cache yet, and in it.
// What nginx makes different has its reason beside it.

const BYTES = numberedBytes(150_000)
const DATE = 'Sun, 06 Nov 1994 08:49:37 GMT'
interface Row extends RequestOptions {
  readonly name: string
  readonly target?: string
  /** Where nginx's own answer counts: the status that it has, and why. */
  readonly nginx?: { readonly status: number; readonly why: string }
}

const range = (value: string, nginx?: Row['nginx']): Row => ({
  name: `Range: ${value}`,
  headers: { Range: value },
  ...(nginx && { nginx }),
})
const on = (target: string, options: RequestOptions = {}): Row => ({
  name: `${options.method ?? 'GET'} ${target} ${JSON.stringify(options.headers ?? {})}`,
  target,
  ...options,
})

function rowsFor(etag: string): readonly Row[] {
  return [
    { name: 'GET' },
    { name: 'HEAD', method: 'HEAD' },
    ...['bytes=0-0', 'bytes=5-9', 'bytes=149999-', 'bytes=-1', 'bytes=-999999'].map((it) =>
      range(it),
    ),
    ...['bytes=65535-65536', 'bytes=0-999999', 'BYTES=0-9', 'items=0-9'].map((it) => range(it)),
    ...['bytes=150000-', 'bytes=-0', 'bytes=x-y', 'bytes=-', 'bytes=0-1,x'].map((it) => range(it)),
    range('bytes=5-0', { status: 416, why: 'nginx takes it for one outside of the file' }),
    range('bytes 0-9'),
    ...[
      { 'If-None-Match': etag },
      { 'If-None-Match': `W/${etag}, "x"` },
      { 'If-None-Match': '*' },
      { 'If-None-Match': '"x"' },
      { 'If-Modified-Since': DATE },
      { 'If-Match': etag },
      // After a 412 nginx ends the connection without a word.
      { 'If-Match': '"x"', Connection: 'close' },
      { 'If-Unmodified-Since': DATE },
      { 'If-Range': etag, Range: 'bytes=5-9' },
      { 'If-Range': DATE, Range: 'bytes=5-9' },
      { 'If-Range': '"x"', Range: 'bytes=5-9' },
      { 'If-Range': `W/${etag}`, Range: 'bytes=5-9' },
      { 'If-None-Match': etag, Range: 'bytes=5-9' },
      { 'If-None-Match': etag, Range: 'bytes=150000-' },
      { 'If-Match': '"x"', Range: 'bytes=150000-', Connection: 'close' },
      { 'If-Unmodified-Since': DATE, 'If-Match': etag },
      { Range: 'bytes=5-99999999999999999999999' },
    ].map((headers) => ({ name: JSON.stringify(headers), headers })),
    { name: 'HEAD of a range', method: 'HEAD', headers: { Range: 'bytes=5-9' } },
    { name: 'HEAD with a condition', method: 'HEAD', headers: { 'If-None-Match': etag } },
    { name: 'OPTIONS', method: 'OPTIONS' },
    { name: 'DELETE', method: 'DELETE' },
    on('/img/a.jpg?filename=b.jpg'),
    on('/img/a.jpg?filename=a%20b.jpg'),
    on('/img/a.jpg?attname=a%0d%0aX:%20b'),
    on('/img/a.jpg?attname=%zz'),
    on('/img/a.jpg?x=1&redirect=1'),
    on('/img/a.flv?start=1000'),
    on('/img/a.flv?start=999999999'),
    on('/img/a.flv', { headers: { Range: 'bytes=-7' } }),
    on('/img/empty.jpg'),
    on('/img/empty.jpg', { headers: { Range: 'bytes=0-' } }),
    on('/img/empty.jpg', { headers: { Range: 'bytes=5-' } }),
    on('/img/none.jpg'),
    on('/img/none.jpg', { method: 'HEAD' }),
    on('/none/a.jpg'),
    on('/img/'),
    on(`/img/${'x'.repeat(256)}`),
    on('/img/unknown-type'),
  ]
}

describe('a MogileFS key through nginx', () => {
  const nginx = MogilefsNginx.use({
    conf: (base) => ({ ...base, flvExtension: 'flv' }),
    mogilefs: { vhosts: { exact: new Map([['pics.example.com', 'img']]), wildcards: new Map() } },
    server: (dir) => `location / { include ${dir}/ngx_mogilefs_module.conf; }`,
  })
  let etag = ''
  before(async () => {
    await nginx.stack.putAs('a.jpg', BYTES)
    await nginx.stack.putAs('a.flv', BYTES)
    await nginx.stack.putAs('unknown-type', BYTES)
    await nginx.stack.putAs('empty.jpg', Buffer.alloc(0))
    etag = (await nginx.alone('/img/a.jpg')).headers['etag'] ?? ''
  })

  // The names only: the etag is known later.
  rowsFor('ETAG').forEach(({ name }, index) => {
    it(`${name.slice(0, 80)} is as from the edge`, async () => {
      const row = rowsFor(etag)[index]
      if (row === undefined) throw new Error('there is no such row')
      const { target = '/img/a.jpg' } = row
      const alone = await nginx.alone(target, row)
      // The first may find nothing in the cache, the second does.
      for (let i = 0; i < 2; i++) {
        const answer = await nginx.request(target, row)
        if (row.nginx === undefined) assert.deepEqual(comparable(answer), comparable(alone))
        else {
          assert.notEqual(alone.status, row.nginx.status, `no difference: ${row.nginx.why}`)
          assert.equal(answer.status, row.nginx.status)
        }
      }
    })
  })

  it('several ranges hold the same parts', async () => {
    const { status, body } = await nginx.request('/img/a.jpg', {
      headers: { Range: 'bytes=0-9,100-109' },
    })
    assert.equal(status, 206)
    assert.ok(body.includes(BYTES.subarray(100, 110)))
    assert.match(body.toString('latin1'), /Content-Range: bytes 0-9\/150000/)
  })

  it('a host name stands for the same domain', async () => {
    for (const target of ['/a.jpg', '/img/a.jpg', '/none.jpg']) {
      const options = { headers: { Host: 'pics.example.com' } }
      const alone = await nginx.alone(target, options)
      assert.deepEqual(comparable(await nginx.request(target, options)), comparable(alone))
    }
  })
})
