import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { EdgeCaches } from '../../src/admin/edge-caches.ts'
import { NginxCache } from '../../src/admin/nginx-cache.ts'
import { type PurgeAnswer, purge } from '../../src/admin/purge.ts'
import { parsePurgeTarget } from '../../src/admin/purge-target.ts'
import { formatRef, type Ref } from '../../src/resolver/resolver.ts'
import { parseFileId } from '../../src/wire/fastdfs/file-id.ts'
import { numberedBytes } from '../support/edge-fixture.ts'
import { NginxFixture } from '../support/nginx-fixture.ts'
import { waitFor } from '../support/wait-for.ts'
import { largeId, normalId, SLAVE_HERE, TRUNK } from './file-ids.ts'

const SLICE = 65_536
const LARGE = numberedBytes(4 * SLICE + 1000)
const OTHER = Buffer.from(LARGE).reverse()
const SMALL = numberedBytes(1000)

describe("nginx's cache", () => {
  const nginx = NginxFixture.use({
    conf: (base) => ({ ...base, nginx: { ...base.nginx, sliceBytes: SLICE } }),
    server: ({ dir }) => `location /group1/M00 { include ${dir}/ngx_fastdfs_module.conf; }`,
  })
  const urls = { fastdfs: { hasGroupName: true, groupName: 'group1', isGroup: () => true } }
  const transfer = {
    forget: (ref: Ref) => {
      const size = (ref.system === 'fastdfs' ? parseFileId(ref)?.size : null) ?? null
      return { refs: [], objects: 0, contents: [{ key: formatRef(ref), size }] }
    },
    forgetPrefix: () => ({ refs: [], objects: 0, contents: [] }),
  }
  const remove = async (text: string): Promise<PurgeAnswer> => {
    const cache = new NginxCache({ path: join(nginx.at.folder, 'cache'), sliceBytes: SLICE })
    const edge = new EdgeCaches({ urls, transfer })
    const target = parsePurgeTarget(text)
    const purgeEdges = async () => edge.purge(target)
    const answer = await purge(target, { purgeEdges, nginx: cache })
    assert.ok(answer)
    return answer
  }
  const statusOf = async (path: string, headers = {}): Promise<string | undefined> =>
    (await nginx.request(path, { headers })).headers['x-cache-status']
  const removedBy = async (text: string): Promise<number> => (await remove(text)).removed.nginx

  it('gives up a large file with all slices: MISS, and the new content', async () => {
    // The id says more than a MiB, and the slices another size.
    const path = largeId(1)
    nginx.edge.transfer.add(path, LARGE)
    assert.equal(await statusOf(path), 'MISS')
    assert.equal(await statusOf(path), 'HIT')
    assert.equal(await removedBy(`http://cdn.example.com${path}?v=1`), 5)
    nginx.edge.transfer.add(path, OTHER, { modified: 784_111_778 })
    const { headers, body } = await nginx.request(path)
    assert.equal(headers['x-cache-status'], 'MISS')
    assert.ok(body.equals(OTHER))
    assert.equal(await statusOf(path), 'HIT')
  })

  it('gives up the slices of a file of which only the end was asked for', async () => {
    const path = largeId(2)
    nginx.edge.transfer.add(path, LARGE)
    assert.equal((await nginx.request(path, { headers: { Range: 'bytes=-10' } })).status, 206)
    assert.equal(await removedBy(path), 2)
    const asked = await nginx.questions(() =>
      nginx.request(path, { headers: { Range: 'bytes=-10' } }),
    )
    assert.ok(asked.length > 0)
  })

  it('gives up what a HEAD has brought, a slave, a trunk file and a "not found"', async () => {
    const head = normalId(3)
    for (const path of [head, SLAVE_HERE, TRUNK]) nginx.edge.transfer.add(path, SMALL)
    assert.equal((await nginx.request(head, { method: 'HEAD' })).headers['x-cache-status'], 'MISS')
    for (const path of [SLAVE_HERE, TRUNK]) assert.equal(await statusOf(path), 'MISS')
    for (const path of [head, SLAVE_HERE, TRUNK]) {
      assert.equal(await statusOf(path), 'HIT')
      assert.equal(await removedBy(path), 1)
      assert.equal(await statusOf(path), 'MISS')
    }
    const gone = normalId(4)
    assert.equal((await nginx.request(gone)).status, 404)
    nginx.edge.transfer.add(gone, SMALL)
    assert.equal(await removedBy(gone), 1)
    assert.equal((await nginx.request(gone)).status, 200)
  })

  it('gives up all below a prefix, and keeps the rest', async () => {
    const paths = [normalId(100), normalId(101), normalId(36 * 36)]
    for (const path of paths) {
      nginx.edge.transfer.add(path, SMALL)
      assert.equal(await statusOf(path), 'MISS')
    }
    const prefix = normalId(100).slice(0, normalId(100).indexOf('fwA') + 5)
    assert.ok(
      paths.slice(0, 2).every((path) => path.startsWith(prefix)),
      prefix,
    )
    assert.equal(await removedBy(`${prefix}*`), 2)
    assert.deepEqual(await Promise.all(paths.map((path) => statusOf(path))), [
      'MISS',
      'MISS',
      'HIT',
    ])
    assert.ok((await removedBy('/group1/*')) >= 3)
    assert.equal(await removedBy('/*'), 0)
  })

  it('does not get back what was on its way when it was purged', async () => {
    const held = Promise.withResolvers<void>()
    const path = SLAVE_HERE
    const deadline = Date.now() + 10_000
    let isStarted = false
    nginx.edge.transfer.add(path, SMALL, {
      isPermanent: false,
      modified: 1,
      async *stream(bytes) {
        yield bytes.subarray(0, 500)
        isStarted = true
        await held.promise
        yield bytes.subarray(500)
      },
    })
    await removedBy(path)
    const early = nginx.request(path)
    await waitFor('the first half', () => isStarted)
    // nginx makes the file when the first bytes of the content come.
    while ((await removedBy(path)) === 0) assert.ok(Date.now() < deadline, 'no file of nginx')
    nginx.edge.transfer.add(path, SMALL.subarray(1), { isPermanent: false })
    held.resolve()
    assert.deepEqual((await early).body, SMALL)
    const { body, headers } = await nginx.request(path)
    assert.equal(headers['x-cache-status'], 'MISS')
    assert.deepEqual(body, SMALL.subarray(1))
  })
})
