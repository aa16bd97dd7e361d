import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { EdgeError } from '../../src/errors.ts'
import { EdgeFixture, JPG, numberedBytes } from '../support/edge-fixture.ts'

const PROXIES = { trust: { proxies: ['127.0.0.1'] } }
const URLS = {
  urls: {
    fastdfs: { hasGroupName: true, groupName: 'group1', isGroup: () => true },
    mogilefs: {
      domainOfHost: (host: string) => (host === 'img.example.com' ? 'img' : undefined),
      isDomain: () => true,
      hasLeadingSlash: false,
    },
  },
}
const BYTES = numberedBytes(1000)
const QUESTION = { 'X-Dfs-Question': '1' }

describe("a proxy's question about a key", () => {
  const edge = EdgeFixture.use({ ...URLS, ...PROXIES })

  it('is answered with what differs between keys, and without content', async () => {
    edge.transfer.add('/img/a.jpg', BYTES, { isPermanent: false })
    const { status, headers, body } = await edge.request('/img/a.jpg', { headers: QUESTION })
    assert.deepEqual([status, body.length], [200, 0])
    assert.equal(headers['x-dfs-answer'], '200')
    assert.match(headers['x-dfs-fid'] ?? '', /^\S+$/)
    assert.equal(headers['x-dfs-size'], '1000')
    assert.equal(headers['content-type'], 'image/jpeg')
    assert.equal(headers['cache-control'], 'public, max-age=5, must-revalidate')
    assert.equal(headers['x-accel-expires'], '1')
  })

  it('is 404 for seconds where there is none', async () => {
    const { status, headers } = await edge.request('/img/none', { headers: QUESTION })
    assert.deepEqual([status, headers['x-dfs-answer']], [200, '404'])
    assert.equal(headers['cache-control'], 'public, max-age=3')
    assert.equal(headers['x-accel-expires'], '1')
  })

  it('is no question where it is about no key', async () => {
    edge.transfer.add(JPG, BYTES)
    for (const target of [JPG, '/', '/img', '/img/%zz', '/img/a/../b', `/img/${'x'.repeat(256)}`]) {
      const { status, headers, body } = await edge.request(target, { headers: QUESTION })
      assert.deepEqual([status, body.length, headers['x-dfs-answer']], [200, 0, 'pass'], target)
      assert.equal(headers['x-accel-expires'], '0')
    }
  })

  it('is a fault where the answer is one', async () => {
    edge.transfer.fault = new EdgeError('no_tracker', 'none')
    const { status, headers } = await edge.request('/img/a.jpg', { headers: QUESTION })
    edge.transfer.fault = undefined
    assert.equal(status, 503)
    assert.equal(headers['cache-control'], 'no-store')
    assert.equal(headers['x-dfs-answer'], undefined)
  })
})

describe('the domain that a proxy names', () => {
  const edge = EdgeFixture.use({ ...URLS, ...PROXIES })

  it('makes the whole path a key, whatever host and path say', async () => {
    edge.transfer.add('/video/img/a.jpg', BYTES)
    const headers = { 'X-Mogilefs-Domain': 'video', Host: 'img.example.com' }
    const { status, body } = await edge.request('/img/a.jpg', { headers })
    assert.equal(status, 200)
    assert.deepEqual(body, BYTES)
    edge.transfer.add(`/video${JPG}`, BYTES)
    assert.equal((await edge.request(JPG, { headers })).status, 200)
  })
})

describe('a client that is no proxy', () => {
  const edge = EdgeFixture.use(URLS)

  it('names no domain, asks no question and pins no fid', async () => {
    edge.transfer.add('/img/a.jpg', BYTES)
    edge.transfer.add('/video/img/a.jpg', numberedBytes(5))
    const headers = { ...QUESTION, 'X-Mogilefs-Domain': 'video', 'X-Dfs-Fid': '77' }
    const { status, body } = await edge.request('/img/a.jpg', { headers })
    assert.equal(status, 200)
    assert.deepEqual(body, BYTES)
  })
})

describe('a question where tokens are needed', () => {
  const edge = EdgeFixture.use({
    ...URLS,
    token: { secret: 'hush', ttlSeconds: 900 },
    trust: { proxies: ['127.0.0.1'], tokenProof: 'x'.repeat(64) },
  })

  it('tells nothing of a key to a proxy that has checked none', async () => {
    edge.transfer.add('/img/a.jpg', BYTES)
    const { headers } = await edge.request('/img/a.jpg', { headers: QUESTION })
    assert.equal(headers['x-dfs-answer'], 'pass')
    const proof = { ...QUESTION, 'X-Dfs-Token-Checked': 'x'.repeat(64) }
    const checked = await edge.request('/img/a.jpg', { headers: proof })
    assert.equal(checked.headers['x-dfs-answer'], '200')
  })
})
