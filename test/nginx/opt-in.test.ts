import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { numberedBytes } from '../support/edge-fixture.ts'
import { NginxFixture, type Places } from '../support/nginx-fixture.ts'
import { normalId } from './file-ids.ts'

const BYTES = numberedBytes(1000)
const STORED = normalId(1)
const CACHED = normalId(2)
const ORIGIN = 'https://shop.example'

const location =
  (name: string, more = '') =>
  ({ dir }: Places) =>
    `location /group1/M00 { include ${dir}/ngx_fastdfs_module.conf; include ${dir}/${name}; ${more} }`

const fill = (nginx: NginxFixture) =>
  before(async () => {
    await nginx.put(STORED, BYTES)
    nginx.edge.transfer.add(CACHED, BYTES)
  })

for (const origins of [[], [ORIGIN]]) {
  describe(`cors.conf with ${origins[0] ?? 'no origins named'}`, () => {
    const nginx = NginxFixture.use({
      conf: (base) => ({ ...base, cors: { allowOrigins: origins, maxAgeSeconds: 600 } }),
      edge: origins.length === 0 ? {} : { cors: { origins } },
      server: location('cors.conf'),
    })
    fill(nginx)

    it('lets pages of allowed origins read files, once, whoever filled the cache', async () => {
      for (const path of [CACHED, STORED]) {
        for (const origin of ['https://other.example', ORIGIN, 'https://other.example']) {
          const { headers, status } = await nginx.request(path, { headers: { Origin: origin } })
          const wanted = origins.length === 0 ? '*' : origin === ORIGIN ? ORIGIN : undefined
          assert.equal(status, 200)
          assert.equal(headers['access-control-allow-origin'], wanted)
          assert.equal(headers['vary'], origins.length === 0 ? undefined : 'Origin')
          assert.match(headers['access-control-expose-headers'] ?? '', /Content-Range/)
          assert.equal(headers['access-control-allow-methods'], undefined)
        }
      }
    })

    it('answers preflights', async () => {
      const headers = { Origin: ORIGIN, 'Access-Control-Request-Method': 'GET' }
      const preflight = await nginx.request(STORED, { method: 'OPTIONS', headers })
      assert.equal(preflight.status, 204)
      assert.equal(preflight.headers['access-control-allow-methods'], 'GET, HEAD, OPTIONS')
      assert.equal(preflight.headers['access-control-max-age'], '600')
      assert.match(preflight.headers['access-control-allow-headers'] ?? '', /Range/)
    })
  })
}

describe('hotlink.conf', () => {
  const nginx = NginxFixture.use({
    server: (at) =>
      `server_name a; ${location('hotlink.conf', 'valid_referers *.shop.example;')(at)}`,
  })
  fill(nginx)

  it("keeps other people's pages out, from disk and cache", async () => {
    for (const path of [STORED, CACHED]) {
      const statusFor = async (referer?: string) =>
        (await nginx.request(path, { headers: referer ? { Referer: referer } : {} })).status
      assert.equal(await statusFor(), 200)
      assert.equal(await statusFor('http://a/page'), 200)
      assert.equal(await statusFor('https://www.shop.example/x'), 200)
      assert.equal(await statusFor('https://other.example/'), 403)
      assert.equal(await statusFor('https://other.example/www.shop.example'), 403)
    }
    const headers = { Referer: 'https://other.example/' }
    assert.equal((await nginx.request(STORED, { headers })).headers['cache-control'], 'no-store')
  })
})

describe('limits.conf', () => {
  const nginx = NginxFixture.use({
    edit: (text) => text.replace('burst=400', 'burst=5').replace('rate=200r/s', 'rate=1r/m'),
    server: location('limits.conf'),
  })
  fill(nginx)

  it('says 429 to who asks for too much', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => nginx.request(STORED)))
    const statuses = answers.map(({ status }) => status).sort()
    assert.deepEqual(statuses, [...Array(6).fill(200), ...Array(14).fill(429)])
  })
})
