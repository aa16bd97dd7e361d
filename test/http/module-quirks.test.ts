import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { EdgeError } from '../../src/errors.ts'
import { createToken } from '../../src/wire/token.ts'
import {
  APPENDER,
  EdgeFixture,
  EMPTY,
  FLV,
  formatRequest,
  JPG,
  LAST_MODIFIED,
  numberedBytes,
  SLAVE,
} from '../support/edge-fixture.ts'

// One test for each thing that fastdfs-nginx-module 1.27 was seen to do: what the edge does instead,
// or, where operators rely on it, as well.

const BYTES = numberedBytes(30_720)
const ETAG = '"2ebc98a1-7800"'

describe('where fastdfs-nginx-module is odd, the edge', () => {
  const edge = EdgeFixture.use({ limits: { lingerMs: 50 } })
  before(() => {
    for (const path of [JPG, FLV]) edge.transfer.add(path, BYTES)
    edge.transfer.add(EMPTY, Buffer.alloc(0))
    edge.transfer.add(APPENDER, BYTES, { isPermanent: false, modified: 784_111_999 })
    edge.transfer.add(SLAVE, BYTES, { isPermanent: false, modified: 784_111_888 })
  })
  const get = (headers: Record<string, string> = {}, target = JPG) =>
    edge.request(target, { headers })

  it('200 headers: sends an ETag and says how long to keep the file', async () => {
    const { headers } = await get()
    assert.equal(headers['etag'], ETAG)
    assert.equal(headers['cache-control'], 'public, max-age=31536000, immutable')
    assert.equal(headers['content-type'], 'image/jpeg')
    assert.equal(headers['content-length'], '30720')
    assert.equal(headers['accept-ranges'], 'bytes')
  })

  it('Last-Modified: takes it from the facts, of slaves and appenders their own', async () => {
    assert.equal((await get()).headers['last-modified'], LAST_MODIFIED)
    const slave = await get({}, SLAVE)
    assert.equal(slave.headers['last-modified'], 'Sun, 06 Nov 1994 08:51:28 GMT')
    const appender = await get({}, APPENDER)
    assert.equal(appender.headers['last-modified'], 'Sun, 06 Nov 1994 08:53:19 GMT')
  })

  it('If-Modified-Since: compares dates, not strings, and repeats Last-Modified', async () => {
    for (const date of ['Sun, 06 Nov 1994 08:49:38 GMT', 'Sunday, 06-Nov-94 08:49:37 GMT']) {
      const { status, headers } = await get({ 'If-Modified-Since': date })
      assert.equal(status, 304)
      assert.equal(headers['last-modified'], LAST_MODIFIED)
      assert.equal(headers['content-length'], undefined)
    }
  })

  it('If-None-Match: *: sends no byte after the 304', async () => {
    assert.equal((await get({ 'If-None-Match': '*' })).status, 304)
  })

  it('If-Unmodified-Since: sends no file after the 412', async () => {
    const { status, body } = await get({ 'If-Unmodified-Since': 'Sun, 06 Nov 1994 08:49:36 GMT' })
    assert.equal(status, 412)
    assert.ok(body.length < 200)
  })

  it('If-Range: heeds it', async () => {
    const stale = await get({ Range: 'bytes=5-9', 'If-Range': '"stale"' })
    assert.equal(stale.status, 200)
    assert.deepEqual(stale.body, BYTES)
    assert.equal((await get({ Range: 'bytes=5-9', 'If-Range': ETAG })).status, 206)
  })

  it('Range unit: reads it', async () => {
    for (const range of ['items=0-9', 'bytes 0-9'])
      assert.equal((await get({ Range: range })).status, 200)
    assert.equal((await get({ Range: 'BYTES=0-9' })).status, 206)
  })

  it('Range bytes=0-0: is one byte; 5-0 is ignored; -0 is 416', async () => {
    assert.deepEqual((await get({ Range: 'bytes=0-0' })).body, BYTES.subarray(0, 1))
    assert.equal((await get({ Range: 'bytes=5-0' })).status, 200)
    assert.equal((await get({ Range: 'bytes=-0' })).status, 416)
  })

  it('Range suffix beyond the size: is the whole file, as there', async () => {
    const { status, headers, body } = await get({ Range: 'bytes=-99999' })
    assert.equal(status, 206)
    assert.equal(headers['content-range'], 'bytes 0-30719/30720')
    assert.deepEqual(body, BYTES)
  })

  it('bad ranges: 416 with Content-Range for what is outside, 200 for what is malformed', async () => {
    const { status, headers } = await get({ Range: 'bytes=30720-' })
    assert.equal(status, 416)
    assert.equal(headers['content-range'], 'bytes */30720')
    for (const range of ['bytes=9-5', 'bytes=x-y', 'bytes=-', 'bytes=0-1,2-3,4-5,6-7,8-9,x']) {
      assert.equal((await get({ Range: range })).status, 200)
    }
  })

  it('multi-range: merges, takes more than five, and frames parts by the RFC', async () => {
    const merged = await get({ Range: 'bytes=0-9,5-19' })
    assert.equal(merged.headers['content-range'], 'bytes 0-19/30720')
    const six = await get({ Range: 'bytes=0-0,2-2,4-4,6-6,8-8,10-10' })
    assert.equal(six.status, 206)
    const text = six.body.toString('latin1')
    assert.match(text, /^--[0-9a-f]{32}\r\nContent-Type: image\/jpeg\r\nContent-Range: bytes 0-0\//)
    assert.equal(text.match(/Content-Range/g)?.length, 6)
  })

  it('Range value of 64 bytes and more: is read', async () => {
    const range = `bytes=${'0'.repeat(40)}0-${'0'.repeat(40)}9`
    assert.equal((await get({ Range: range })).status, 206)
  })

  it('zero-byte file: ignores a range from its start', async () => {
    assert.equal((await get({ Range: 'bytes=0-' }, EMPTY)).status, 200)
    assert.equal((await get({}, EMPTY)).headers['content-length'], '0')
  })

  it('other methods: says which ones there are', async () => {
    const { status, headers } = await edge.request(JPG, { method: 'POST' })
    assert.equal(status, 405)
    assert.equal(headers['allow'], 'GET, HEAD, OPTIONS')
  })

  it('?filename=: lets no header be injected, and knows ?attname= too', async () => {
    for (const argument of ['filename', 'attname']) {
      const { headers } = await get({}, `${JPG}?${argument}=a%0d%0aSet-Cookie:%20x%22%E4%B8%AD`)
      assert.equal(headers['set-cookie'], undefined)
      assert.match(
        headers['content-disposition'] ?? '',
        /^attachment; filename="aSet-Cookie: x\\"\?"/,
      )
      assert.match(headers['content-disposition'] ?? '', /UTF-8''aSet-Cookie%3A%20x%22%E4%B8%AD$/)
    }
    const { headers } = await get({}, `${JPG}?download=x`)
    assert.equal(headers['content-disposition'], undefined)
  })

  it('flv ?start=N[&end=M]: as there, and without ranges', async () => {
    const header = Buffer.from('464c5601050000000900000000', 'hex')
    const seek = await get({ Range: 'bytes=0-9' }, `${FLV}?start=100`)
    assert.equal(seek.status, 200)
    assert.equal(seek.headers['accept-ranges'], 'none')
    assert.equal(seek.headers['content-type'], 'video/x-flv')
    assert.deepEqual(seek.body, Buffer.concat([header, BYTES.subarray(100)]))
    const part = await get({}, `${FLV}?start=100&end=199`)
    assert.deepEqual(part.body, Buffer.concat([header, BYTES.subarray(100, 200)]))
    assert.notEqual(part.headers['etag'], ETAG)
    const again = await get(
      { 'If-None-Match': part.headers['etag'] ?? '' },
      `${FLV}?start=100&end=199`,
    )
    assert.equal(again.status, 304)
    assert.deepEqual((await get({}, `${FLV}?start=0`)).body, BYTES)
    assert.deepEqual((await get({}, `${FLV}?start=x`)).body, BYTES)
    assert.equal((await get({}, `${FLV}?start=30720`)).status, 400)
    assert.deepEqual((await get({}, `${JPG}?start=100`)).body, BYTES)
  })

  it('the source in an id: asks the transfer by group and name, whatever the id names', async () => {
    edge.transfer.questions.length = 0
    await get()
    await get({}, JPG.replace('group1', 'group7'))
    assert.deepEqual(edge.transfer.questions, [
      `open ${JPG} whole`,
      `open ${JPG.replace('group1', 'group7')} whole`,
    ])
  })

  it('?redirect=1 and missing files: 404, and never a redirect', async () => {
    for (const query of ['', '?redirect=1']) {
      const { status, headers } = await get({}, `${JPG.replace('group1', 'group7')}${query}`)
      assert.equal(status, 404)
      assert.equal(headers['location'], undefined)
      assert.ok(Number(headers['content-length']) > 0)
    }
  })

  it('metadata: is not public', async () => {
    edge.transfer.add(`${JPG}-m`, Buffer.from('secret'))
    assert.equal((await get({}, `${JPG}-m`)).status, 404)
  })

  it('malformed: 400; an unknown Mxx or group 404; a long name a slave; a long query fine', async () => {
    const malformed = [
      '/group1/M00/00/00/short',
      JPG.replace('/00/00/', '/000/00/'),
      JPG.replace('/00/00/', '/aa/bb/'),
      JPG.replace('/00/00/', '/00//00/'),
    ]
    for (const target of malformed) assert.equal((await get({}, target)).status, 400)
    assert.equal((await get({}, JPG.replace('M00', 'M77'))).status, 404)
    assert.equal((await get({}, JPG.replace('group1', 'group7'))).status, 404)
    assert.equal((await get({}, JPG.replace('.jpg', '_150x150.jpg'))).status, 404)
    assert.equal((await get({}, `${JPG}?x=${'y'.repeat(2000)}`)).status, 200)
  })

  it('nginx normalisation: refuses dot segments, decodes once, keeps //', async () => {
    assert.equal((await get({}, JPG.replace('/M00/', '/M00/../M00/'))).status, 400)
    assert.equal((await get({}, JPG.replace('/M00/', '/./M00/'))).status, 400)
    assert.equal((await get({}, JPG.replace('/M00/', '//M00/'))).status, 400)
    assert.equal((await get({}, JPG.replace('group1', '%67roup1'))).status, 200)
  })
})

describe('where fastdfs-nginx-module fails, the edge', () => {
  const edge = EdgeFixture.use()
  const statusOf = async (fault: EdgeError) => {
    edge.transfer.fault = fault
    return (await edge.request(JPG)).status
  }

  it('a dead source: 502 when all replicas are, 504 when they hang, 503 without a tracker', async () => {
    assert.equal(await statusOf(new EdgeError('replicas_failed', 'x')), 502)
    assert.equal(await statusOf(new EdgeError('replicas_timed_out', 'x')), 504)
    assert.equal(await statusOf(new EdgeError('no_tracker', 'x')), 503)
  })

  it('a storage id not in the table: no mistake of the server', async () => {
    assert.equal(await statusOf(new EdgeError('no_replica', 'x')), 503)
  })

  it('a body that cannot be ended: a connection that breaks, never an unfinished chunk', async () => {
    edge.transfer.fault = undefined
    edge.transfer.add(JPG, BYTES, {
      stream: async function* (bytes) {
        yield bytes.subarray(0, 100)
        throw new EdgeError('connection_lost', 'x')
      },
    })
    const client = edge.connect().send(formatRequest(JPG, {}))
    assert.doesNotMatch((await client.readToEnd()).toString('latin1'), /Transfer-Encoding/i)
  })
})

describe('where fastdfs-nginx-module checks tokens, the edge', () => {
  const secret = 'FastDFS1234567890'
  const failBody = { bytes: Buffer.alloc(23_981, 'x'), contentType: 'image/jpeg' }
  const now = 1_790_000_000
  const edge = EdgeFixture.use({
    token: { secret, ttlSeconds: 900, failBody },
    now: () => now * 1000,
  })
  before(() => void edge.transfer.add(JPG, BYTES))
  const name = JPG.replace('/group1/', '')
  const signed = (ts: string, filename = name) =>
    `${JPG}?token=${createToken(filename, ts, secret)}&ts=${ts}`

  it('token check: answers 403 with the image, uncacheable, HEAD without body', async () => {
    for (const target of [JPG, `${JPG}?token=x&ts=${now}`, signed(`${now - 901}`)]) {
      const { status, headers, body } = await edge.request(target, {
        headers: { Range: 'bytes=0-0' },
      })
      assert.equal(status, 403)
      assert.deepEqual(body, failBody.bytes)
      assert.equal(headers['cache-control'], 'no-store')
      assert.equal(headers['last-modified'], undefined)
      const head = await edge.request(target, { method: 'HEAD' })
      assert.equal(head.headers['content-length'], '23981')
    }
  })

  it('token rules: without the group, 0 for ever, future ones taken, "NNNxyz" refused', async () => {
    assert.equal((await edge.request(signed('0'))).status, 200)
    assert.equal((await edge.request(signed(`${now + 9999}`))).status, 200)
    assert.equal((await edge.request(signed(`${now}`, `group1/${name}`))).status, 403)
    assert.equal((await edge.request(signed(`${now}xyz`))).status, 403)
    assert.equal((await edge.request(signed('never'))).status, 403)
    const upper = signed(`${now}`).replace(/=[0-9a-f]{32}/, (text) => text.toUpperCase())
    assert.equal((await edge.request(upper)).status, 403)
  })
})
