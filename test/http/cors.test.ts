import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { EdgeFixture, JPG, numberedBytes } from '../support/edge-fixture.ts'

const SHOP = 'https://shop.example'
const PREFLIGHT = { Origin: SHOP, 'Access-Control-Request-Method': 'GET' }

describe('without CORS', () => {
  const edge = EdgeFixture.use()
  before(() => void edge.transfer.add(JPG, numberedBytes(10)))

  it('no answer speaks of origins', async () => {
    for (const method of ['GET', 'OPTIONS']) {
      const { names } = await edge.request(JPG, { method, headers: PREFLIGHT })
      assert.deepEqual(
        names.filter((name) => /^(Access-Control-|Vary)/.test(name)),
        [],
      )
    }
  })
})

describe('CORS for all origins', () => {
  const edge = EdgeFixture.use({ cors: { origins: '*', maxAgeSeconds: 60 } })
  before(() => void edge.transfer.add(JPG, numberedBytes(10)))

  it('is said on every answer', async () => {
    const cases: readonly (readonly [string, Record<string, string>, number])[] = [
      [JPG, {}, 200],
      [JPG, { Range: 'bytes=0-0' }, 206],
      [JPG, { 'If-None-Match': '*' }, 304],
      [JPG, { Range: 'bytes=50-' }, 416],
      ['/none', {}, 404],
    ]
    for (const [target, headers, status] of cases) {
      const response = await edge.request(target, { headers })
      assert.equal(response.status, status)
      assert.equal(response.headers['access-control-allow-origin'], '*')
      assert.match(response.headers['access-control-expose-headers'] ?? '', /Content-Range/)
      assert.equal(response.headers['vary'], undefined)
    }
  })

  it('permits a preflight', async () => {
    const { status, headers } = await edge.request(JPG, { method: 'OPTIONS', headers: PREFLIGHT })
    assert.equal(status, 204)
    assert.equal(headers['access-control-allow-origin'], '*')
    assert.equal(headers['access-control-allow-methods'], 'GET, HEAD, OPTIONS')
    assert.match(headers['access-control-allow-headers'] ?? '', /\bRange\b/)
    assert.equal(headers['access-control-max-age'], '60')
    assert.equal(headers['allow'], 'GET, HEAD, OPTIONS')
  })

  it('takes an OPTIONS without Origin for no preflight', async () => {
    const { headers } = await edge.request(JPG, { method: 'OPTIONS' })
    assert.equal(headers['access-control-allow-methods'], undefined)
  })
})

describe('CORS for some origins', () => {
  const edge = EdgeFixture.use({ cors: { origins: [SHOP] } })
  before(() => void edge.transfer.add(JPG, numberedBytes(10)))

  const cases: readonly (readonly [Record<string, string>, string | undefined])[] = [
    [{ Origin: SHOP }, SHOP],
    [{ Origin: 'https://other.example' }, undefined],
    [{ Origin: `${SHOP}, https://other.example` }, undefined],
    [{ Origin: 'null' }, undefined],
    [{}, undefined],
  ]
  for (const [headers, allowed] of cases) {
    it(`${JSON.stringify(headers)} is ${allowed ? '' : 'not '}allowed, and caches know`, async () => {
      for (const extra of [{}, { 'If-None-Match': '*' }, { Range: 'bytes=50-' }]) {
        const response = await edge.request(JPG, { headers: { ...headers, ...extra } })
        assert.equal(response.headers['access-control-allow-origin'], allowed)
        assert.equal(response.headers['vary'], 'Origin')
      }
    })
  }

  it('permit no preflight of others', async () => {
    const headers = { ...PREFLIGHT, Origin: 'https://other.example' }
    const response = await edge.request(JPG, { method: 'OPTIONS', headers })
    assert.equal(response.status, 204)
    assert.equal(response.headers['access-control-allow-methods'], undefined)
  })
})
