import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { JPG, numberedBytes } from '../support/edge-fixture.ts'
import { NginxFixture, type Places } from '../support/nginx-fixture.ts'
import { APPENDER_HERE, NOT_HERE, SLAVE_HERE, TRUNK } from './file-ids.ts'

const ON_DISK = numberedBytes(30_720)
const ELSEWHERE = numberedBytes(1000)

const INCLUDE = ({ dir }: Places) => `include ${dir}/ngx_fastdfs_module.conf;`

/** As operators of the C module write them. */
const FORMS: { readonly [name: string]: (at: Places) => string } = {
  'a prefix with root': (at) =>
    `location /group1/M00 { root ${at.storePath}/data; ${INCLUDE(at)} }`,
  'a prefix without root': (at) => `location /group1/M00 { ${INCLUDE(at)} }`,
  'a prefix that leaves regular expressions out': (at) =>
    `location ^~ /group1/M00/ { ${INCLUDE(at)} }`,
  'a prefix with alias': (at) =>
    `location /group1/M00 { alias ${at.storePath}/data; ${INCLUDE(at)} }`,
  'a regular expression of several groups': (at) =>
    `location ~ /group[1-9]/M0[01] { ${INCLUDE(at)} }`,
  'an anchored one with root': (at) =>
    `location ~ ^/group([0-9])/M0[0-9]/.*\\.(jpg|bin)$ { root /data; ${INCLUDE(at)} }`,
  'one with alias': (at) =>
    `location ~ ^/group1/M00/(.*)$ { alias ${at.storePath}/data/$1; ${INCLUDE(at)} }`,
  'the whole server': (at) => `location / { ${INCLUDE(at)} }`,
  'the include first, then settings': (at) =>
    `location /group1/M00 { ${INCLUDE(at)} root /data; expires 1h; }`,
}

for (const [form, server] of Object.entries(FORMS)) {
  describe(`a location that is ${form}`, () => {
    const nginx = NginxFixture.use({ server })
    before(async () => {
      const { transfer } = nginx.edge
      await nginx.put(JPG, ON_DISK)
      for (const path of [SLAVE_HERE, APPENDER_HERE, TRUNK]) {
        // What lies on the disk under these names is nobody's business.
        await nginx.put(path, Buffer.from('not this'))
        transfer.add(path, ELSEWHERE, { isPermanent: path === TRUNK })
      }
      transfer.add(NOT_HERE, ELSEWHERE)
      await nginx.put(`${JPG}-m`, Buffer.from('secret'))
    })

    it('serves a normal file from the store path, and asks the edge nothing', async () => {
      const asked = await nginx.questions(async () => {
        const { status, body, headers } = await nginx.request(JPG)
        assert.equal(status, 200)
        assert.deepEqual(body, ON_DISK)
        assert.equal(headers['etag'], '"2ebc98a1-7800"')
        assert.equal(headers['content-type'], 'image/jpeg')
        const range = await nginx.request(JPG, { headers: { Range: 'bytes=5-9' } })
        assert.deepEqual(range.body, ON_DISK.subarray(5, 10))
        const head = await nginx.request(JPG, { method: 'HEAD' })
        assert.equal(head.headers['content-length'], '30720')
      })
      assert.deepEqual(asked, [])
    })

    for (const [kind, path] of Object.entries({
      'a normal file that is not there': NOT_HERE,
      'a trunk file': TRUNK,
      'a slave': SLAVE_HERE,
      'an appender': APPENDER_HERE,
    })) {
      it(`serves ${kind} from the edge`, async () => {
        const asked = await nginx.questions(async () => {
          const { status, body } = await nginx.request(path)
          assert.equal(status, 200)
          assert.deepEqual(body, ELSEWHERE)
        })
        assert.notDeepEqual(asked, [])
      })
    }

    it('has no file that nobody has, and no metadata', async () => {
      assert.equal((await nginx.request(NOT_HERE.replace('fwAAA3', 'fwAAA4'))).status, 404)
      assert.equal((await nginx.request(`${JPG}-m`)).status, 404)
    })
  })
}

describe('a location without groups in its URLs', () => {
  const nginx = NginxFixture.use({
    conf: (base) => ({ ...base, urlHaveGroupName: false }),
    edge: { urls: { fastdfs: { hasGroupName: false, groupName: 'group1', isGroup: () => true } } },
    server: (at) => `location /M00 { root ${at.storePath}/data; ${INCLUDE(at)} }`,
  })

  it('serves the store path and the edge', async () => {
    await nginx.put(JPG, ON_DISK)
    nginx.edge.transfer.add(NOT_HERE, ELSEWHERE)
    assert.deepEqual((await nginx.request(JPG.replace('/group1', ''))).body, ON_DISK)
    assert.deepEqual((await nginx.request(NOT_HERE.replace('/group1', ''))).body, ELSEWHERE)
  })
})

describe('what operators have beside the include', () => {
  const nginx = NginxFixture.use({
    server: (at) => `
add_header X-Of-Server lost;
location /group1/M00 {
  ${INCLUDE(at)}
  add_header Access-Control-Allow-Origin *;
  if ($http_x_after) { return 410; }
  if ($request_method = DELETE) { return 405; }
  if ($arg_attname ~ "^(.+)$") { add_header X-Attname $arg_attname; }
}
location /group1/M01 { if ($http_x_before) { return 410; } ${INCLUDE(at)} }
location /group1/M02 { deny all; ${INCLUDE(at)} }
location /group1/M03 { satisfy any; deny all; auth_basic x; auth_basic_user_file /dev/null; ${INCLUDE(at)} }
location /files/ { rewrite ^/files/(.*)$ /group1/M00/00/00/$1 last; }
rewrite ^/raw(/.*)$ $1 last;`,
  })
  const other = (path: string, m: string): string => path.replace('M00', m)
  before(async () => {
    await nginx.put(JPG, ON_DISK)
    for (const m of ['M00', 'M01', 'M02', 'M03']) nginx.edge.transfer.add(other(JPG, m), ELSEWHERE)
    nginx.edge.transfer.add(NOT_HERE, ELSEWHERE)
  })

  it('an `if` counts, before the include and after it', async () => {
    assert.equal((await nginx.request(JPG, { headers: { 'X-After': '1' } })).status, 410)
    assert.equal((await nginx.request(NOT_HERE, { headers: { 'X-After': '1' } })).status, 410)
    const before = { headers: { 'X-Before': '1' } }
    assert.equal((await nginx.request(other(JPG, 'M01'), before)).status, 410)
    assert.equal((await nginx.request(other(JPG, 'M01'))).status, 200)
  })

  it('deny and passwords count', async () => {
    assert.equal((await nginx.request(other(JPG, 'M02'))).status, 403)
    assert.equal((await nginx.request(other(JPG, 'M03'))).status, 401)
  })

  it('add_header of the location stays, from disk and from the edge', async () => {
    for (const path of [JPG, NOT_HERE]) {
      const { headers } = await nginx.request(path)
      assert.equal(headers['access-control-allow-origin'], '*')
      assert.equal(headers['x-content-type-options'], 'nosniff')
    }
  })

  it('a rewrite to the location leads to the file', async () => {
    const name = JPG.slice(JPG.lastIndexOf('/') + 1)
    assert.deepEqual((await nginx.request(`/files/${name}`)).body, ON_DISK)
  })

  it('a rewrite past the location leads nowhere', async () => {
    for (const way of ['store', 'sliced', 'whole', 'pass']) {
      for (const target of [
        `/raw/group1/M00/x/dfs-${way}/etc/passwd`,
        `/raw${JPG}/dfs-${way}${JPG}`,
        `/files/../dfs-${way}/x`,
        `/files/dfs-${way}/etc/passwd`,
        `${JPG}/dfs-${way}${JPG}`,
      ]) {
        const { status, body } = await nginx.request(target)
        assert.ok(status === 404 || status === 400, `${target}: ${status}`)
        assert.ok(body.length < 300)
      }
    }
  })
})
