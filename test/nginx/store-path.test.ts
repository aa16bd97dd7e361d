import assert from 'node:assert/strict'
import { rename, rm, truncate, writeFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { formatRequest, numberedBytes } from '../support/edge-fixture.ts'
import { NginxFixture } from '../support/nginx-fixture.ts'
import { normalId } from './file-ids.ts'

const OLD = numberedBytes(30_720)
const NEW = numberedBytes(40_000)

/** Ten seconds are too long for a test. */
const soon = (text: string) => text.replace('open_file_cache_valid 10s', 'open_file_cache_valid 1s')

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000
  while (!(await holds())) assert.ok(Date.now() < deadline, `never ${what}`)
}

describe('a file on a store path', () => {
  const nginx = NginxFixture.use({
    edit: soon,
    server: ({ dir }) => `location /group1/M00 { include ${dir}/ngx_fastdfs_module.conf; }`,
  })

  it('that is replaced is whole, the old one or the new one', async () => {
    const path = normalId(1)
    const file = await nginx.put(path, OLD)
    assert.deepEqual((await nginx.request(path)).body, OLD)
    await writeFile(`${file}.new`, NEW)
    await rename(`${file}.new`, file)
    await until('new', async () => {
      const { body } = await nginx.request(path)
      assert.ok(body.equals(OLD) || body.equals(NEW))
      return body.equals(NEW)
    })
  })

  it('that is removed comes from the edge, or is gone, within the time of open_file_cache', async () => {
    const [gone, elsewhere] = [normalId(2), normalId(3)]
    nginx.edge.transfer.add(elsewhere, NEW)
    for (const path of [gone, elsewhere]) {
      const file = await nginx.put(path, OLD)
      assert.deepEqual((await nginx.request(path)).body, OLD)
      await rm(file)
    }
    await until('gone', async () => (await nginx.request(gone)).status === 404)
    await until('from the edge', async () => (await nginx.request(elsewhere)).body.equals(NEW))
  })

  it('that is truncated while it is open breaks the answer, never fills it', async () => {
    const path = normalId(4)
    const file = await nginx.put(path, OLD)
    await nginx.request(path)
    await truncate(file, 1000)
    const client = nginx.connect().send(formatRequest(path, { headers: { Connection: 'close' } }))
    const bytes = await client.readToEnd()
    const body = bytes.subarray(bytes.indexOf('\r\n\r\n') + 4)
    assert.deepEqual(body, OLD.subarray(0, 1000))
    assert.match(bytes.toString('latin1'), /Content-Length: 30720/)
  })

  it('that arrives is found, though it was not there before', async () => {
    const path = normalId(5)
    assert.equal((await nginx.request(path)).status, 404)
    await nginx.put(path, OLD)
    await until('there', async () => (await nginx.request(path)).status === 200)
  })
})

describe('store_check.conf', () => {
  const nginx = NginxFixture.use({
    modules: ['js'],
    edit: soon,
    http: ({ dir }) => `include ${dir}/store_check.conf;`,
    server: ({ dir }) => `location /group1/M00 { include ${dir}/ngx_fastdfs_module.conf; }`,
  })

  it('lets a file go out that is as long as its id says', async () => {
    const path = normalId(1)
    await nginx.put(path, OLD)
    const asked = await nginx.questions(async () => {
      assert.deepEqual((await nginx.request(path)).body, OLD)
    })
    assert.deepEqual(asked, [])
  })

  it('asks the edge for one that is not', async () => {
    const path = normalId(2)
    nginx.edge.transfer.add(path, OLD)
    await nginx.put(path, OLD.subarray(0, 30_000))
    assert.deepEqual((await nginx.request(path)).body, OLD)
  })
})
