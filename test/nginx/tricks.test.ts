import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { numberedBytes } from '../support/edge-fixture.ts'
import { NginxFixture } from '../support/nginx-fixture.ts'
import { normalId, SLAVE_HERE } from './file-ids.ts'

const BYTES = numberedBytes(1000)
const OTHER = numberedBytes(2000)

/** A request may plant nothing under the key of another, nor reach what is another's. */
describe('tricks with headers and paths', () => {
  const nginx = NginxFixture.use({
    edge: {
      urls: {
        fastdfs: { hasGroupName: true, groupName: 'group1', isGroup: () => true },
        mogilefs: {
          domainOfHost: (host) => (host === 'img.example.com' ? 'img' : undefined),
          isDomain: (name) => name === 'img',
          hasLeadingSlash: false,
        },
      },
    },
    server: ({ dir }) => `location / { include ${dir}/ngx_fastdfs_module.conf; }`,
  })
  let next = 1
  const add = (path = normalId(next++)): string => {
    nginx.edge.transfer.add(path, BYTES)
    return path
  }

  it('a host name that stands for a domain gets no key of it by a path of FastDFS', async () => {
    const path = add()
    nginx.edge.transfer.add(`/img${path}`, OTHER)
    const asOther = await nginx.request(path, { headers: { Host: 'img.example.com' } })
    assert.deepEqual(asOther.body, BYTES)
    assert.deepEqual((await nginx.request(path)).body, BYTES)
  })

  it('no header of a client reaches the edge, not even past the cache', async () => {
    const path = add()
    const headers = {
      'X-Mogilefs-Domain': 'img',
      'X-Dfs-Token-Checked': 'x',
      'X-Real-IP': '1.2.3.4',
      'X-Request-Id': 'chosen-by-the-client',
      'X-Forwarded-For': '1.2.3.4',
      Authorization: 'x',
      Cookie: 'x',
      Range: 'bytes=0-0,5-5',
      Expect: '',
    }
    assert.equal((await nginx.request(path, { headers })).status, 206)
    const missing = await nginx.request(path.replace('M00', 'M7F'), { headers })
    assert.equal(missing.status, 404)
    assert.match(missing.headers['x-request-id'] ?? '', /^[0-9a-f]{32}$/)
  })

  it('an encoded slash or dot leads to the path that the key is made of', async () => {
    const [victim, own] = [normalId(next++), add()]
    const name = victim.slice(victim.lastIndexOf('/') + 1)
    const ownName = own.slice(own.lastIndexOf('/') + 1)
    for (const target of [
      `/group1/M00/00/00/x/..%2F${name}`,
      `/group1/M00/00/00/..%2f00/${name}`,
      `/group1/M00/00/00/%2e%2e/00/${name}`,
      `/group1/M00/00/00//${name}`,
      `/group1%2FM00/00/00/${name}`,
      `/group1/M00/00/00/${name}%3Fx`,
      `/group1/M00/00/00/${name}?/../${ownName}`,
      `/group1/M00/00/00/${name}%00`,
      `/group1/M00/00/00/${name}%0d%0aX:%20y`,
      `/group1/M00/00/00/${name}%20bytes=0-1048575`,
    ]) {
      const { status } = await nginx.request(target)
      assert.ok(status === 404 || status === 400, `${target}: ${status}`)
    }
    nginx.edge.transfer.add(victim, BYTES)
    const deadline = Date.now() + 10_000
    let answer = await nginx.request(victim)
    while (answer.status === 404 && Date.now() < deadline) answer = await nginx.request(victim)
    assert.deepEqual(answer.body, BYTES)
  })

  it('what is cached for one path or range is for no other', async () => {
    const [one, other] = [add(), normalId(next++)]
    nginx.edge.transfer.add(other, OTHER)
    nginx.edge.transfer.add(SLAVE_HERE, OTHER, { isPermanent: false })
    for (let i = 0; i < 2; i++) {
      assert.deepEqual((await nginx.request(one)).body, BYTES)
      assert.deepEqual((await nginx.request(other)).body, OTHER)
      assert.deepEqual((await nginx.request(SLAVE_HERE)).body, OTHER)
      assert.deepEqual((await nginx.request(`${one}?token=a&ts=1&x=${i}`)).body, BYTES)
    }
    const asked = await nginx.questions(() => nginx.request(`${one}?token=b&start=5`))
    assert.deepEqual(asked, [])
  })

  it('a body is read and not sent on', async () => {
    const path = add()
    const client = nginx.connect()
    client.send(`GET ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello`)
    assert.deepEqual((await client.read()).body, BYTES)
    await client.assertAlive()
  })
})
