import assert from 'node:assert/strict'
import { truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { NginxReport } from '../../src/admin/explain/explanation.ts'
import { findNginxEntry } from '../../src/admin/explain/nginx-entry.ts'
import { numberedBytes } from '../support/edge-fixture.ts'
import { NginxFixture } from '../support/nginx-fixture.ts'
import { waitFor } from '../support/wait-for.ts'
import { largeId, normalId } from './file-ids.ts'

describe("an entry of nginx's cache, as an explanation tells of it", () => {
  const nginx = NginxFixture.use({
    server: ({ dir }) => `location /group1/M00 { include ${dir}/ngx_fastdfs_module.conf; }`,
  })
  const look = (path: string): Promise<NginxReport> => {
    const [, groupName = '', filename = ''] = /^\/([^/]+)\/(.*)$/.exec(path) ?? []
    const place = { path: join(nginx.at.folder, 'cache'), sliceBytes: 1024 ** 2 }
    const ref = { system: 'fastdfs', groupName, filename } as const
    return findNginxEntry(ref, null, { place, nowSeconds: Date.now() / 1000 })
  }
  /** nginx writes it when the answer has gone out. */
  const kept = async (path: string): Promise<NginxReport> => {
    const seen = { report: await look(path) }
    await waitFor('an entry', () => {
      void look(path).then((report) => {
        seen.report = report
      })
      return seen.report.status !== null
    })
    return seen.report
  }

  it('has status, age and end', async () => {
    const path = normalId(1)
    assert.deepEqual(await look(path), {
      path: join(nginx.at.folder, 'cache'),
      status: null,
      ageSeconds: null,
      expiresInSeconds: null,
    })
    nginx.edge.transfer.add(path, numberedBytes(1000))
    assert.equal((await nginx.request(path)).status, 200)
    const { status, ageSeconds, expiresInSeconds, path: file } = await kept(path)
    assert.equal(status, 200)
    assert.ok(ageSeconds !== null && ageSeconds >= 0 && ageSeconds <= 20, `${ageSeconds}`)
    assert.ok(expiresInSeconds !== null && expiresInSeconds > 60, `${expiresInSeconds}`)
    await truncate(file, 20)
    assert.deepEqual(await look(path), {
      path: file,
      status: null,
      ageSeconds: null,
      expiresInSeconds: null,
    })
  })

  it('is the first slice of a large file, and the kept "not found" of one that is gone', async () => {
    const large = largeId(2)
    nginx.edge.transfer.add(large, numberedBytes(3 * 1024 ** 2))
    assert.equal((await nginx.request(large)).status, 200)
    assert.equal((await kept(large)).status, 206)
    const gone = normalId(3)
    assert.equal((await nginx.request(gone)).status, 404)
    const { status, expiresInSeconds } = await kept(gone)
    assert.equal(status, 404)
    assert.ok(expiresInSeconds !== null && expiresInSeconds <= 3)
  })
})
