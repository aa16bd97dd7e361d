import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { createToken } from '../../src/wire/token.ts'
import { MogilefsNginx, SECRET } from '../support/mogilefs-nginx.ts'

const BYTES = Buffer.from('for those who have a token')
const DENIED = Buffer.from('a picture that says no')
const now = Math.floor(Date.now() / 1000)
const KEYS = ['a.jpg', 'b c//ü.jpg', 'why?', '买家秀/图1.jpg', '/slash', 'fixed/a.jpg']

const argumentsFor = (key: string, ts = `${now}`): string =>
  `token=${createToken(key, ts, SECRET)}&ts=${ts}`
const targetOf = (key: string): string => `/img/${key.split('/').map(encodeURIComponent).join('/')}`

const CHECK = (dir: string) => `include ${dir}/token_check.conf;`
const MODULE = (dir: string) => `include ${dir}/ngx_mogilefs_module.conf;`

const FORMS: { readonly [name: string]: (dir: string) => string } = {
  'in edge.conf': (dir) => `location /img/ { ${MODULE(dir)} }`,
  'before the include': (dir) => `location /img/ { ${CHECK(dir)} ${MODULE(dir)} }`,
  'after the include': (dir) => `location /img/ { ${MODULE(dir)} ${CHECK(dir)} }`,
  'for the server': (dir) => `${CHECK(dir)} location ~ ^/img/ { ${MODULE(dir)} }`,
  'with pages for errors': (dir) =>
    `error_page 403 404 /img/a.jpg; proxy_intercept_errors on; location / { ${MODULE(dir)} ${CHECK(dir)} }`,
}

for (const [form, server] of Object.entries(FORMS)) {
  describe(`a token of a MogileFS key, switched on ${form}`, () => {
    const checkToken = form === 'in edge.conf'
    const nginx = MogilefsNginx.use({
      server,
      conf: (base) => ({
        ...base,
        antiSteal: { checkToken, secretKey: SECRET, tokenTtlSeconds: 900, tokenCheckFail: null },
      }),
      edge: { token: { secret: SECRET, ttlSeconds: 900 } },
    })
    before(async () => {
      for (const key of KEYS) await nginx.stack.putAs(key, BYTES)
    })

    for (const key of KEYS) {
      it(`is over the key ${key}, in front of the cache`, async () => {
        const target = targetOf(key)
        for (const query of [argumentsFor(key), argumentsFor(key, '0')]) {
          const { status, body } = await nginx.request(`${target}?${query}`)
          assert.deepEqual([status, `${body}`], [200, `${BYTES}`])
        }
        const asked = await nginx.questions(async () => {
          for (const query of [
            '',
            '?token=&ts=',
            `?${argumentsFor('other')}`,
            `?${argumentsFor(`img/${key}`)}`,
            `?${argumentsFor(key, `${now - 1000}`)}`,
          ]) {
            for (const headers of [{}, { Range: 'bytes=0-1' }, { Range: 'bytes=0-1,5-6' }]) {
              const { status, headers: got } = await nginx.request(`${target}${query}`, { headers })
              assert.equal(status, 403, query)
              assert.equal(got['cache-control'], 'no-store')
              assert.equal(got['etag'], undefined)
            }
          }
        })
        assert.deepEqual(asked, [])
      })
    }

    it('tells nobody without one what is there', async () => {
      assert.equal((await nginx.request('/img/none')).status, 403)
      const query = argumentsFor('none')
      assert.equal((await nginx.request(`/img/none?${query}`)).status, 404)
    })
  })
}

describe('a token of a key whose domain does not stand in the URL', () => {
  const tokenCheckFail = { filename: 'denied.jpg', content: DENIED }
  const nginx = MogilefsNginx.use({
    server: (dir) => `
      location /fixed/ { set $dfs_domain img; ${MODULE(dir)} }
      location / { ${MODULE(dir)} }`,
    conf: (base) => ({
      ...base,
      antiSteal: { checkToken: true, secretKey: SECRET, tokenTtlSeconds: 900, tokenCheckFail },
    }),
    edge: { token: { secret: SECRET, ttlSeconds: 900 } },
  })

  it('is over the same key, and a picture is for those without', async () => {
    for (const key of KEYS) await nginx.stack.putAs(key, BYTES)
    const query = argumentsFor('fixed/a.jpg')
    assert.equal(`${(await nginx.request(`/fixed/a.jpg?${query}`)).body}`, `${BYTES}`)
    for (const target of ['/fixed/a.jpg', '/img/a.jpg', '/img/none', '/img/why%3F']) {
      const { status, body, headers } = await nginx.request(`${target}?${argumentsFor('x')}`)
      assert.equal(status, 403, target)
      assert.ok(!body.equals(BYTES))
      if (target.includes('%3F')) continue
      assert.equal(`${body}`, `${DENIED}`)
      assert.equal(headers['content-type'], 'image/jpeg')
    }
  })
})
