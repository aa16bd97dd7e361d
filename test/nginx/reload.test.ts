import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { numberedBytes } from '../support/edge-fixture.ts'
import { NginxFixture } from '../support/nginx-fixture.ts'
import { normalId } from './file-ids.ts'

const BYTES = numberedBytes(1000)
const CACHED = normalId(1)
const CLOSE = { Connection: 'close' }

/** The processes that nginx's master has now. */
function workersOf(pid: number): string {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
}

describe('a reload of nginx', () => {
  const nginx = NginxFixture.use({
    server: ({ dir }) => `location /group1/M00 { include ${dir}/ngx_fastdfs_module.conf; }`,
  })

  it('loses no request, and what is cached stays so', async () => {
    nginx.edge.transfer.add(CACHED, BYTES)
    await nginx.request(CACHED)
    const { pid } = nginx.nginx
    const before = workersOf(pid)
    process.kill(pid, 'SIGHUP')
    const deadline = performance.now() + 20_000
    let isReplaced = false
    while (!isReplaced) {
      assert.ok(performance.now() < deadline, 'the workers were never replaced')
      const now = workersOf(pid).split(' ')
      isReplaced = before.split(' ').every((worker) => !now.includes(worker))
      // A worker that goes closes connections that wait for a request: nginx's own way.
      const { status, headers, body } = await nginx.request(CACHED, { headers: CLOSE })
      assert.equal(status, 200)
      assert.equal(headers['x-cache-status'], 'HIT')
      assert.deepEqual(body, BYTES)
    }
  })
})
