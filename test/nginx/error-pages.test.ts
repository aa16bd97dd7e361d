import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { numberedBytes } from '../support/edge-fixture.ts'
import { NginxFixture } from '../support/nginx-fixture.ts'
import { largeId } from './file-ids.ts'

const SLICE = 65_536
const LARGE = numberedBytes(5 * SLICE)

describe('a page of the operator for a slice that fails', () => {
  const nginx = NginxFixture.use({
    conf: (base) => ({ ...base, nginx: { ...base.nginx, sliceBytes: SLICE } }),
    server: ({ dir }) => `
      error_page 404 500 502 503 504 /broken.html;
      proxy_intercept_errors on;
      location = /broken.html { internal; return 200 "${'broken '.repeat(400)}"; }
      location /group1/M00 { include ${dir}/ngx_fastdfs_module.conf; }`,
  })

  it('never becomes a part of content', async () => {
    const path = largeId(1)
    nginx.edge.transfer.add(path, LARGE)
    await nginx.request(path, { headers: { Range: `bytes=0-${2 * SLICE - 1}` } })
    await nginx.edge.server.close(0)
    const client = nginx.connect()
    const bytes: Buffer[] = []
    client.socket.on('data', (chunk: Buffer) => bytes.push(chunk))
    client.send(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`)
    await new Promise((resolve) => client.socket.once('close', resolve))
    const all = Buffer.concat(bytes)
    const content = all.subarray(all.indexOf('\r\n\r\n') + 4)
    assert.ok(content.length > 0 && content.length < LARGE.length)
    assert.ok(content.equals(LARGE.subarray(0, content.length)), 'something else follows')
  })
})
