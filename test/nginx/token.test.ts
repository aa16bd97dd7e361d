import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import type { EdgeConf } from '../../src/config/index.ts'
import { createToken } from '../../src/wire/token.ts'
import { JPG, numberedBytes, SLAVE } from '../support/edge-fixture.ts'
import { NginxFixture, type Places, SECRET } from '../support/nginx-fixture.ts'
import { APPENDER_HERE, NOT_HERE, normalId, SLAVE_HERE } from './file-ids.ts'

const BYTES = numberedBytes(1000)
const KINDS = { store: JPG, sliced: NOT_HERE, whole: SLAVE_HERE, pass: APPENDER_HERE }
const DENIED = Buffer.from('a picture that says no')
const now = Math.floor(Date.now() / 1000)

const INCLUDE = ({ dir }: Places) => `include ${dir}/ngx_fastdfs_module.conf;`
const CHECK = ({ dir }: Places) => `include ${dir}/token_check.conf;`

function signed(path: string, ts = `${now}`, name = path.replace('/group1/', '')): string {
  return `${path}?token=${createToken(name, ts, SECRET)}&ts=${ts}`
}

const withKey = (checkToken: boolean) => (base: EdgeConf) => ({
  ...base,
  antiSteal: { checkToken, secretKey: SECRET, tokenTtlSeconds: 900, tokenCheckFail: null },
})
const edgeToken = { token: { secret: SECRET, ttlSeconds: 900 } }

/** Each with the check, in every order of the lines. */
const FORMS: { readonly [name: string]: (at: Places) => string } = {
  'a prefix, switched on in edge.conf': (at) => `location /group1/M00 { ${INCLUDE(at)} }`,
  'a prefix, switched on before the include': (at) =>
    `location /group1/M00 { root /data; ${CHECK(at)} ${INCLUDE(at)} }`,
  'a prefix, switched on after the include': (at) =>
    `location /group1/M00 { ${INCLUDE(at)} ${CHECK(at)} alias /data; }`,
  'a prefix, switched on for the server': (at) =>
    `${CHECK(at)} location ^~ /group1/M00 { ${INCLUDE(at)} }`,
  'a regular expression, switched on before': (at) =>
    `location ~ /group[1-9]/M0[0-9] { ${CHECK(at)} ${INCLUDE(at)} }`,
  'a regular expression, switched on after': (at) =>
    `location ~ ^/group1/M00/(.*)$ { alias ${at.storePath}/data/$1; ${INCLUDE(at)} ${CHECK(at)} }`,
  'the whole server with pages for errors': (at) =>
    `error_page 403 404 ${JPG}; proxy_intercept_errors on; location / { ${INCLUDE(at)} ${CHECK(at)} }`,
}

for (const [form, server] of Object.entries(FORMS)) {
  describe(`a token in a location that is ${form}`, () => {
    const nginx = NginxFixture.use({
      server,
      conf: withKey(form.endsWith('edge.conf')),
      edge: edgeToken,
    })
    before(async () => {
      await nginx.put(JPG, BYTES)
      for (const path of Object.values(KINDS)) {
        nginx.edge.transfer.add(path, BYTES, { isPermanent: path === NOT_HERE })
      }
    })

    for (const [way, path] of Object.entries(KINDS)) {
      it(`is checked on the way "${way}", in front of disk and cache`, async () => {
        // Twice, so that the second finds what the first has left in the cache.
        for (const target of [signed(path), signed(path, '0')]) {
          const { status, body } = await nginx.request(target)
          assert.equal(status, 200)
          assert.deepEqual(body, BYTES)
        }
        const [, right = ''] = signed(path).split('?')
        const asked = await nginx.questions(async () => {
          for (const target of [
            path,
            `${path}?`,
            `${path}?token=&ts=`,
            `${path}?ts=${now}`,
            `${path}?token=${'0'.repeat(32)}&ts=${now}`,
            `${path}?token=x&${right}`,
            `${path}?${right.replace('ts=', 'ts=1')}`,
            `${path}?${right}0`,
            signed(path, `${now - 1000}`),
            signed(path, `${now}`, path.slice(1)),
            signed(path, `${now}`, SLAVE),
            signed(path, `${now}xyz`),
          ]) {
            await assertRefused(nginx, target)
          }
        })
        assert.deepEqual(asked, [])
      })
    }

    it('is checked for ranges and for names to download under too', async () => {
      for (const path of Object.values(KINDS)) {
        const headers = { Range: 'bytes=0-0,5-6', 'If-None-Match': '*' }
        assert.equal((await nginx.request(path, { headers })).status, 403)
        assert.equal((await nginx.request(`${path}?filename=%ff&start=1`)).status, 403)
        assert.equal((await nginx.request(path, { method: 'POST' })).status, 403)
      }
    })

    it('is not asked of a preflight', async () => {
      assert.equal((await nginx.request(JPG, { method: 'OPTIONS' })).status, 204)
    })
  })
}

async function assertRefused(nginx: NginxFixture, target: string): Promise<void> {
  for (const options of [
    {},
    { method: 'HEAD' },
    { headers: { Range: 'bytes=0-9' } },
    { headers: { 'X-Dfs-Token-Checked': 'yes', Cookie: 'a=b' } },
  ]) {
    const { status, body, headers } = await nginx.request(target, options)
    assert.equal(status, 403, target)
    assert.ok(!body.includes(BYTES.subarray(0, 10)))
    assert.equal(headers['cache-control'], 'no-store')
  }
}

describe('a location that is public where edge.conf wants tokens', () => {
  const nginx = NginxFixture.use({
    conf: withKey(true),
    edge: edgeToken,
    server: (at) => `location /group1/M00 { ${INCLUDE(at)} set $dfs_token_check off; }`,
  })

  it('serves without one, and the edge believes it', async () => {
    nginx.edge.transfer.add(NOT_HERE, BYTES)
    assert.equal((await nginx.request(NOT_HERE)).status, 200)
    assert.equal((await nginx.edge.request(NOT_HERE)).status, 403)
  })
})

describe('a token made with a secret of odd characters', () => {
  const secretKey = `"a" $key 'with' \\ {;} # é @DIR@ \\n \n\t.`
  const nginx = NginxFixture.use({
    conf: (base) => ({ ...base, antiSteal: { ...base.antiSteal, secretKey } }),
    server: (at) => `location /group1/M00 { ${CHECK(at)} ${INCLUDE(at)} }`,
  })

  it('is right, and one of a part of it is wrong', async () => {
    await nginx.put(JPG, BYTES)
    const ts = `${now}`
    const queryOf = (secret: string) => `token=${createToken(JPG.slice(8), ts, secret)}&ts=${ts}`
    assert.equal((await nginx.request(`${JPG}?${queryOf(secretKey)}`)).status, 200)
    for (const part of [
      '',
      secretKey.slice(0, -1),
      secretKey.slice(1),
      secretKey.replace('$key', ''),
    ]) {
      assert.equal((await nginx.request(`${JPG}?${queryOf(part)}`)).status, 403, part)
    }
  })
})

describe('a location with the check and no secret', () => {
  const nginx = NginxFixture.use({
    server: (at) => `location /group1/M00 { ${CHECK(at)} ${INCLUDE(at)} }`,
  })

  it('refuses everybody', async () => {
    await nginx.put(JPG, BYTES)
    assert.equal((await nginx.request(signed(JPG))).status, 403)
  })
})

describe('token_check_fail', () => {
  const nginx = NginxFixture.use({
    edge: edgeToken,
    conf: (base) => {
      const { antiSteal } = withKey(true)(base)
      return {
        ...base,
        antiSteal: { ...antiSteal, tokenCheckFail: { filename: 'no $x.jpg', content: DENIED } },
      }
    },
    server: (at) => `location ~ /group1/M00 { ${INCLUDE(at)} }`,
  })
  before(async () => {
    await nginx.put(JPG, BYTES)
  })

  it('is the body of the 403, whole and not to be kept', async () => {
    for (const target of [JPG, NOT_HERE, `${NOT_HERE}%3Fx`]) {
      const headers = { Range: 'bytes=0-0', 'If-Modified-Since': 'Fri, 31 Dec 9999 23:59:59 GMT' }
      const response = await nginx.request(target, { headers })
      assert.equal(response.status, 403)
      if (target.endsWith('jpg')) assert.deepEqual(response.body, DENIED)
      assert.equal(response.headers['cache-control'], 'no-store')
    }
    for (const path of [JPG, normalId(7, '4.mp4')]) {
      assert.equal((await nginx.request(path)).headers['content-type'], 'image/jpeg', path)
    }
    assert.equal((await nginx.request(JPG, { method: 'HEAD' })).status, 403)
    assert.equal((await nginx.request(signed(JPG))).status, 200)
  })

  it('cannot be asked for by itself', async () => {
    const { status, body } = await nginx.request(`${JPG}/dfs-body-of-denied${JPG}`)
    assert.equal(status, 404)
    assert.notDeepEqual(body, DENIED)
  })
})
