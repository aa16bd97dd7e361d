import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { HandoverOptions } from '../../src/http/handover.ts'
import type { Elsewhere, Ref } from '../../src/resolver/resolver.ts'
import {
  EdgeFixture,
  FLV,
  JPG,
  LAST_MODIFIED,
  NO_EXTENSION,
  numberedBytes,
  SLAVE,
} from '../support/edge-fixture.ts'

const BYTES = numberedBytes(1000)
const ETAG = '"2ebc98a1-3e8"'
const PATH = '/group1/M00/00/00/file.jpg'

/** An edge whose files are where the test says. */
function useEdge(
  mode: HandoverOptions['mode'],
  { isTrusted = true, ...more }: Partial<HandoverOptions> & { isTrusted?: boolean } = {},
) {
  const state: { elsewhere: Elsewhere | null } = { elsewhere: null }
  const edge: EdgeFixture = EdgeFixture.use({
    trust: { proxies: isTrusted ? ['127.0.0.1'] : [] },
    flvExtensions: ['flv'],
    handover: {
      mode,
      redirectPort: 8888,
      hasGroupName: true,
      locate: async (ref: Ref) => {
        const facts = await edge.transfer.facts(ref, new AbortController().signal)
        return facts && { facts, elsewhere: state.elsewhere }
      },
      ...more,
    },
  })
  for (const path of [JPG, FLV, SLAVE, NO_EXTENSION]) edge.transfer.add(path, BYTES)
  return { edge, state }
}

describe('response_mode = accel', () => {
  const { edge, state } = useEdge('accel')

  it('tells nginx where the file is, and of what type it is', async () => {
    state.elsewhere = { kind: 'file', path: PATH }
    for (const method of ['GET', 'HEAD']) {
      const { status, headers, body } = await edge.request(JPG, { method })
      assert.deepEqual([status, body.length], [200, 0])
      assert.equal(headers['x-accel-redirect'], `/.dfs-store${PATH}`)
      assert.equal(headers['content-type'], 'image/jpeg')
      assert.equal(headers['content-length'], '0')
      assert.match(headers['cache-control'] ?? '', /immutable/)
      assert.equal(headers['etag'], undefined)
    }
  })

  it('leaves ranges to nginx, and keeps the name of a download', async () => {
    const options = { headers: { Range: 'bytes=5-9' } }
    const { status, headers } = await edge.request(`${JPG}?attname=a.jpg`, options)
    assert.deepEqual([status, headers['content-range']], [200, undefined])
    assert.equal(headers['x-accel-redirect'], `/.dfs-store${PATH}`)
    assert.match(headers['content-disposition'] ?? '', /a\.jpg/)
  })

  it('answers conditions that decide', async () => {
    const notModified = await edge.request(JPG, { headers: { 'If-None-Match': ETAG } })
    assert.deepEqual([notModified.status, notModified.headers['etag']], [304, ETAG])
    assert.equal(notModified.headers['x-accel-redirect'], undefined)
    const since = await edge.request(JPG, { headers: { 'If-Modified-Since': LAST_MODIFIED } })
    assert.equal(since.status, 304)
    const failed = await edge.request(JPG, { headers: { 'If-Match': '"other"' } })
    assert.equal(failed.status, 412)
    const passed = await edge.request(JPG, { headers: { 'If-Match': ETAG } })
    assert.equal(passed.headers['x-accel-redirect'], `/.dfs-store${PATH}`)
  })

  it('encodes what a path in a header cannot hold', async () => {
    state.elsewhere = { kind: 'file', path: '/group1/M00/00/00/a?b%20é c' }
    const { headers } = await edge.request(JPG)
    const path = '/.dfs-store/group1/M00/00/00/a%3Fb%2520%C3%A9%20c'
    assert.equal(headers['x-accel-redirect'], path)
  })

  it('tells the type of a file without an extension by its first bytes', async () => {
    state.elsewhere = { kind: 'file', path: PATH }
    edge.transfer.add(NO_EXTENSION, Buffer.concat([Buffer.from('GIF89a'), BYTES]))
    const { headers } = await edge.request(NO_EXTENSION)
    assert.equal(headers['content-type'], 'image/gif')
    assert.equal(headers['x-accel-redirect'], `/.dfs-store${PATH}`)
  })

  it('sends what is elsewhere, and seeks in FLV, itself', async () => {
    const storage = { kind: 'host', host: '10.0.0.1' } as const
    for (const elsewhere of [null, storage]) {
      state.elsewhere = elsewhere
      const { status, headers, body } = await edge.request(JPG)
      assert.deepEqual([status, headers['x-accel-redirect']], [200, undefined])
      assert.deepEqual(body, BYTES)
    }
    state.elsewhere = { kind: 'file', path: PATH }
    const seek = await edge.request(`${FLV}?start=10`)
    assert.equal(seek.headers['x-accel-redirect'], undefined)
    assert.equal(seek.body.length, 990 + 13)
  })

  it('says of what is not there that it is not', async () => {
    const { status, headers } = await edge.request(JPG.replace('fwAAA2', 'fwAAA4'))
    assert.deepEqual([status, headers['x-accel-redirect']], [404, undefined])
  })
})

describe('response_mode = accel, to those that are no trusted proxy', () => {
  const { edge, state } = useEdge('accel', { isTrusted: false })

  it('is proxy', async () => {
    state.elsewhere = { kind: 'file', path: PATH }
    const { headers, body } = await edge.request(JPG, { headers: { 'X-Real-IP': '127.0.0.1' } })
    assert.equal(headers['x-accel-redirect'], undefined)
    assert.deepEqual(body, BYTES)
  })
})

describe('response_mode = redirect', () => {
  const { edge, state } = useEdge('redirect', { isTrusted: false })

  it('sends clients to the storage, and nobody keeps that', async () => {
    state.elsewhere = { kind: 'host', host: '10.0.0.1' }
    for (const [method, range] of [
      ['GET', ''],
      ['HEAD', ''],
      ['GET', 'bytes=5-9'],
    ] as const) {
      const options = { method, headers: range === '' ? {} : { Range: range } }
      const { status, headers, body } = await edge.request(JPG, options)
      assert.deepEqual([status, body.length], [302, 0])
      assert.equal(headers['location'], `http://10.0.0.1:8888${JPG}?redirect=1`)
      assert.equal(headers['cache-control'], 'no-store')
      assert.equal(headers['content-length'], '0')
      assert.equal(headers['content-range'], undefined)
    }
  })

  it('takes a token along, for the storage may check it as well', async () => {
    const { headers } = await edge.request(`${JPG}?token=ab%0D%0Ac&v=1&ts=5`)
    const query = '?token=ab%0D%0Ac&ts=5&redirect=1'
    assert.equal(headers['location'], `http://10.0.0.1:8888${JPG}${query}`)
  })

  it('answers conditions that decide', async () => {
    const { status } = await edge.request(JPG, { headers: { 'If-None-Match': ETAG } })
    assert.equal(status, 304)
    const failed = await edge.request(JPG, { headers: { 'If-Match': '"other"' } })
    assert.equal(failed.status, 412)
  })

  it('is proxy for files here, for downloads under a name, and for whom another host sent', async () => {
    for (const query of ['?redirect=1', '?filename=a.jpg', '?attname=a.jpg']) {
      assert.deepEqual((await edge.request(`${JPG}${query}`)).body, BYTES, query)
    }
    state.elsewhere = { kind: 'file', path: PATH }
    assert.deepEqual((await edge.request(JPG)).body, BYTES)
    state.elsewhere = null
    assert.deepEqual((await edge.request(JPG)).body, BYTES)
  })

  it('knows IPv6', async () => {
    state.elsewhere = { kind: 'host', host: '2001:db8::1' }
    const { headers } = await edge.request(JPG)
    assert.equal(headers['location'], `http://[2001:db8::1]:8888${JPG}?redirect=1`)
  })
})

describe('response_mode = redirect, where URLs have no group', () => {
  const { edge, state } = useEdge('redirect', { redirectPort: 80, hasGroupName: false })

  it('makes them so, and leaves out port 80', async () => {
    state.elsewhere = { kind: 'host', host: 'storage1' }
    const { headers } = await edge.request(JPG)
    const path = JPG.replace('/group1', '')
    assert.equal(headers['location'], `http://storage1${path}?redirect=1`)
  })
})
