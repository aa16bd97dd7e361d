import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatAccel } from '../../src/app/nginx-accel.ts'
import { defaultEdgeConf } from '../../src/config/index.ts'
import type { Ref } from '../../src/resolver/resolver.ts'
import { numberedBytes } from '../support/edge-fixture.ts'
import { NginxFixture } from '../support/nginx-fixture.ts'
import { normalId, SLAVE_HERE } from './file-ids.ts'

const BYTES = numberedBytes(30_720)

describe('an edge with response_mode = accel behind nginx', () => {
  const nginx: NginxFixture = NginxFixture.use({
    server: ({ storePath, dir }) => {
      const localGroups = [
        { groupName: 'group1', storageServerPort: 23000, storePaths: [storePath] },
      ]
      return `${formatAccel({ ...defaultEdgeConf(), localGroups })}
location / { include ${dir}/edge_request.conf; proxy_pass http://dfs_edge; }`
    },
    edge: {
      handover: {
        mode: 'accel',
        redirectPort: 80,
        hasGroupName: true,
        locate: async (ref: Ref) => {
          const facts = await nginx.edge.transfer.facts(ref, new AbortController().signal)
          if (facts === null || ref.system !== 'fastdfs') return null
          const path = `/${ref.groupName}/${ref.filename}`
          return { facts, elsewhere: { kind: 'file', path } }
        },
      },
    },
  })
  const put = async (path: string): Promise<string> => {
    nginx.edge.transfer.add(path, BYTES)
    await nginx.put(path, BYTES)
    return path
  }
  const opened = (questions: readonly string[]): readonly string[] =>
    questions.filter((question) => question.startsWith('open '))

  it('believes no client what only nginx may say', async () => {
    const path = await put(normalId(9))
    for (const name of ['X-Dfs-Question', 'X-Dfs-Fid', 'X-Mogilefs-Domain', 'X-Dfs-Args']) {
      const { status, headers, body } = await nginx.request(path, { headers: { [name]: '1' } })
      assert.deepEqual([name, status, headers['x-dfs-answer']], [name, 200, undefined])
      assert.ok(body.equals(BYTES))
    }
  })

  it('has nginx send the file, with what the edge says of it', async () => {
    for (const path of [normalId(1), SLAVE_HERE]) {
      await put(path)
      const asked = await nginx.questions(async () => {
        const { status, headers, body } = await nginx.request(`${path}?filename=a.jpg`)
        assert.equal(status, 200)
        assert.ok(body.equals(BYTES))
        assert.equal(headers['etag'], '"2ebc98a1-7800"')
        assert.equal(headers['content-type'], 'image/jpeg')
        assert.match(headers['content-disposition'] ?? '', /a\.jpg/)
        assert.match(headers['cache-control'] ?? '', /max-age=31536000/)
        assert.equal(headers['x-accel-redirect'], undefined)
      })
      assert.deepEqual(opened(asked), [])
    }
  })

  it('answers HEAD, ranges and conditions right', async () => {
    const path = await put(normalId(2))
    const head = await nginx.request(path, { method: 'HEAD' })
    assert.deepEqual([head.status, head.headers['content-length']], [200, '30720'])
    const range = await nginx.request(path, { headers: { Range: 'bytes=-5' } })
    assert.deepEqual([range.status, range.body], [206, BYTES.subarray(-5)])
    assert.equal(range.headers['content-range'], 'bytes 30715-30719/30720')
    const stale = { Range: 'bytes=-5', 'If-Range': '"other"' }
    assert.equal((await nginx.request(path, { headers: stale })).status, 200)
    const beyond = await nginx.request(path, { headers: { Range: 'bytes=99999-' } })
    assert.deepEqual([beyond.status, beyond.headers['content-range']], [416, 'bytes */30720'])
    assert.match(beyond.headers['cache-control'] ?? '', /(?:^|, )no-store$/)
    for (const [name, value, status] of [
      ['If-Modified-Since', 'Sun, 06 Nov 2094 08:49:37', 200],
      ['If-Modified-Since', 'Sun Nov  6 08:49:38 1994', 304],
      ['If-None-Match', '"2ebc98a1-7800"', 304],
      ['If-None-Match', '"other"', 200],
      ['If-Modified-Since', 'Sun, 06 Nov 1994 08:49:37 GMT', 304],
      ['If-Match', '"other"', 412],
      ['If-Match', '"2ebc98a1-7800"', 200],
    ] as const) {
      const answer = await nginx.request(path, { headers: { [name]: value } })
      assert.equal(answer.status, status, `${name}: ${value}`)
    }
  })

  it('needs no Host in HTTP/1.0', async () => {
    const client = nginx.connect().send(`HEAD ${await put(normalId(4))} HTTP/1.0\r\n\r\n`)
    assert.equal((await client.read('HEAD')).status, 200)
  })

  it('finds a name that has to be encoded', async () => {
    const name = SLAVE_HERE.replace('_thumb', '_50% off?+é')
    await put(name)
    const { status, body } = await nginx.request(name.split('/').map(encodeURIComponent).join('/'))
    assert.equal(status, 200)
    assert.ok(body.equals(BYTES))
  })

  it('lets no client in there', async () => {
    const path = await put(normalId(3))
    assert.equal((await nginx.request(`/.dfs-store${path}`)).status, 404)
  })
})
