import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { numberedBytes } from '../support/edge-fixture.ts'
import { NginxFixture } from '../support/nginx-fixture.ts'
import { APPENDER_HERE, normalId, SLAVE_HERE } from './file-ids.ts'

const BYTES = numberedBytes(1000)
const STORED = normalId(1)
const CACHED = normalId(2)

describe('a name to download under', () => {
  const nginx = NginxFixture.use({
    server: ({ dir }) => `location /group1/M00 { include ${dir}/ngx_fastdfs_module.conf; }`,
  })
  before(async () => {
    await nginx.put(STORED, BYTES)
    for (const path of [STORED, CACHED, SLAVE_HERE, APPENDER_HERE]) {
      nginx.edge.transfer.add(path, BYTES, { isPermanent: path === CACHED })
    }
  })
  const disposition = async (target: string): Promise<string | undefined> => {
    const { status, headers, body } = await nginx.request(target)
    assert.equal(status, 200, target)
    assert.deepEqual(body, BYTES)
    return headers['content-disposition']
  }

  const SAFE: readonly (readonly [string, string | undefined])[] = [
    ['filename=hat.jpg', 'attachment; filename=hat.jpg'],
    ['x=1&attname=A_b-1.2.jpg&ts=0', 'attachment; filename=A_b-1.2.jpg'],
    ['filename=%E5%B8%BD.jpg', "attachment; filename*=UTF-8''%E5%B8%BD.jpg"],
    ['filename=', undefined],
    ['filename', undefined],
    ['xfilename=a', undefined],
    ['Filename=a', undefined],
    ['download=a', undefined],
  ]
  for (const [query, wanted] of SAFE) {
    it(`is set by nginx for ${query}`, async () => {
      for (const path of [STORED, CACHED, SLAVE_HERE]) {
        await disposition(path)
        const asked = await nginx.questions(async () => {
          assert.equal(await disposition(`${path}?${query}`), wanted)
          assert.equal(await disposition(path), undefined)
        })
        assert.deepEqual(asked, [])
      }
    })
  }

  const UNSAFE = [
    'filename=a%20b.jpg',
    'filename=a+b.jpg',
    'filename=%22x%0d%0aSet-Cookie:%20a.jpg',
    'filename=..%2F..%2Fx',
    'filename=%E2%80%AEgpj.exe',
    'attname=caf%C3%A9.jpg',
    "filename='%F0%9F%8E%A9'.jpg",
    'filename=a.jpg&attname=b.jpg',
    `filename=${'x'.repeat(250)}`,
  ]
  for (const query of UNSAFE) {
    it(`is left to the edge, past the cache, for ${query.slice(0, 40)}`, async () => {
      for (const path of [STORED, CACHED, SLAVE_HERE, APPENDER_HERE]) {
        const alone = await nginx.edge.request(`${path}?${query}`)
        const wanted = alone.headers['content-disposition']
        assert.match(wanted ?? '', /^attachment; filename/)
        assert.equal(await disposition(`${path}?token=x&${query}`), wanted)
        assert.equal(await disposition(path), undefined)
      }
    })
  }

  it('may be UTF-8 that was not encoded', async () => {
    const raw = Buffer.from('中文 é.jpg'.replace(' ', '+')).toString('latin1')
    for (const query of [
      `filename=${raw}`,
      `token=x&attname=${raw}`,
      `filename=%E4%B8%AD${raw.slice(3)}`,
    ]) {
      for (const path of [STORED, CACHED, SLAVE_HERE, APPENDER_HERE]) {
        const wanted =
          'attachment; filename="?? ?.jpg"; filename*=UTF-8\'\'%E4%B8%AD%E6%96%87%20%C3%A9.jpg'
        const got = (await disposition(`${path}?${query}`)) ?? ''
        assert.equal(got.replace(/filename="[^"]*"/, 'filename="?? ?.jpg"'), wanted)
        assert.equal(await disposition(path), undefined)
      }
    }
  })

  it('that is no text is 400', async () => {
    for (const value of ['%zz', '%ff', '%', 'a\xff']) {
      for (const path of [STORED, CACHED]) {
        assert.equal((await nginx.request(`${path}?filename=${value}`)).status, 400, value)
      }
    }
  })
})

describe('a seek in an FLV file', () => {
  const flv = normalId(1, '48.flv')
  const nginx = NginxFixture.use({
    conf: (base) => ({ ...base, flvExtension: 'flv' }),
    server: ({ dir }) => `location /group1/M00 { include ${dir}/ngx_fastdfs_module.conf; }`,
  })

  it('is left to the edge', async () => {
    nginx.edge.transfer.add(flv, BYTES)
    await nginx.put(flv, BYTES)
    for (let i = 0; i < 2; i++) {
      const { body } = await nginx.request(`${flv}?token=x&start=100&end=199`)
      assert.deepEqual(body.subarray(13), BYTES.subarray(100, 200))
    }
    const asked = await nginx.questions(() => nginx.request(flv))
    assert.deepEqual(asked, [])
  })
})
