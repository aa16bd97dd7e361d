import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { EdgeCaches } from '../../src/admin/edge-caches.ts'
import { NginxCache } from '../../src/admin/nginx-cache.ts'
import { type PurgeAnswer, purge } from '../../src/admin/purge.ts'
import { parsePurgeTarget } from '../../src/admin/purge-target.ts'
import { numberedBytes } from '../support/edge-fixture.ts'
import { MogilefsNginx, SLICE } from '../support/mogilefs-nginx.ts'

const SMALL = numberedBytes(1000)
const LARGE = numberedBytes(2 * SLICE + 1000)

describe("nginx's cache of MogileFS", () => {
  let cachePath = ''
  const nginx = MogilefsNginx.use({
    server: (dir) => {
      cachePath = join(dir, '../cache')
      return `location /img/ { include ${dir}/ngx_mogilefs_module.conf; }`
    },
  })

  /** By an edge that remembers nothing: what has to go stands in nginx's own entries. */
  const remove = async (text: string, isForgetful = true): Promise<PurgeAnswer['removed']> => {
    const { transfer, clusters } = nginx.stack
    const nothing = { refs: [], objects: 0, contents: [] }
    const forgetful = { forget: () => nothing, forgetPrefix: () => nothing }
    const edge = new EdgeCaches({
      urls: clusters.urls,
      transfer: isForgetful ? forgetful : transfer,
    })
    const target = parsePurgeTarget(text)
    const answer = await purge(target, {
      purgeEdges: async () => edge.purge(target),
      nginx: new NginxCache({ path: cachePath, sliceBytes: SLICE }),
    })
    assert.ok(answer && answer.error === undefined)
    return answer.removed
  }
  const put = async (key: string, bytes = LARGE): Promise<string> => {
    await nginx.stack.putAs(key, bytes)
    const path = `/img/${key}`
    assert.equal((await nginx.request(path)).headers['x-cache-status'], 'MISS')
    assert.equal((await nginx.request(path)).headers['x-cache-status'], 'HIT')
    return path
  }

  for (const isForgetful of [true, false]) {
    it(`gives up a key and its content, ${isForgetful ? 'not ' : ''}known to the edge`, async () => {
      const path = await put(`${isForgetful}.jpg`)
      assert.equal((await remove(path, isForgetful)).nginx, 4)
      const { headers, body } = await nginx.request(path)
      assert.equal(headers['x-cache-status'], 'MISS')
      assert.ok(body.equals(LARGE))
    })
  }

  it('gives up content that is kept whole', async () => {
    const path = await put('small.jpg', SMALL)
    assert.equal((await remove(path)).nginx, 2)
    assert.equal((await nginx.request(path)).headers['x-cache-status'], 'MISS')
  })

  it('gives up all below a prefix, and keeps the rest', async () => {
    const [one, two, other] = [await put('seller/1'), await put('seller/2'), await put('sellers')]
    assert.equal((await remove('/img/seller/*')).nginx, 8)
    for (const [path, status] of [
      [one, 'MISS'],
      [two, 'MISS'],
      [other, 'HIT'],
    ] as const) {
      assert.equal((await nginx.request(path)).headers['x-cache-status'], status, path)
    }
  })

  it('gives up a "not found"', async () => {
    assert.equal((await nginx.request('/img/late')).status, 404)
    await nginx.stack.putAs('late', LARGE)
    assert.equal((await remove('/img/late', false)).nginx, 1)
    assert.equal((await nginx.request('/img/late')).status, 200)
  })
})
