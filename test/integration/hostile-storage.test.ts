import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { openClusters } from '../../src/app/clusters.ts'
import { createTransfer } from '../../src/app/create-transfer.ts'
import { defaultEdgeConf } from '../../src/config/index.ts'
import { createEdgeServer } from '../../src/http/serve.ts'
import { formatRequest } from '../support/edge-fixture.ts'
import { mogilefsConf } from '../support/mogilefs-stack.ts'
import { RawClient, type RawResponse } from '../support/raw-http.ts'
import { perlbal, startStorage } from '../support/scripted-storage.ts'
import { byCommand, ok, startTracker } from '../support/scripted-tracker.ts'

const CONTENT = 'hello mogile\n'
const EVIL = perlbal('200 OK', 'evil content\n')

/** What clients of an edge get whose one mogstored answers so; each request is for another key. */
async function askEdge(t: TestContext, answer: Buffer, times = 1): Promise<RawResponse[]> {
  const storage = await startStorage(() => answer)
  const { host, port } = storage.address
  const path1 = `http://${host}:${port}/dev1/0/000/000/0000000003.fid`
  const tracker = await startTracker(
    byCommand({
      get_paths: ok({ paths: 1, path1 }),
      file_info: ok({ fid: 3, length: CONTENT.length, class: 'a', devcount: 1 }),
      get_domains: ok({ domains: 1, domain1: 'img', domain1classes: 0 }),
      get_hosts: ok({
        ...{ hosts: 1, host1_hostid: 1, host1_hostname: 'a', host1_hostip: host },
        ...{ host1_status: 'alive', host1_http_port: port },
      }),
    }),
  )
  const base = defaultEdgeConf()
  const memory = { ...base.memory, objectCacheBytes: 0 }
  const conf = { ...base, memory, mogilefs: mogilefsConf({ trackers: [tracker] }) }
  const clusters = openClusters(conf, () => undefined)
  const server = createEdgeServer({
    transfer: createTransfer(conf, clusters, () => undefined),
    urls: clusters.urls,
    log: { warn: () => undefined, error: (fields) => assert.fail(JSON.stringify(fields)) },
  })
  const edge = await server.listen({ host: '127.0.0.1', port: 0 })
  t.after(async () => {
    await server.close(0)
    clusters.close()
    await Promise.all([tracker.close(), storage.close()])
  })
  const answers: RawResponse[] = []
  for (let count = 0; count < times; count += 1) {
    const client = new RawClient(edge.port)
    answers.push(await client.send(formatRequest(`/img/file${count}.jpg`, {})).read())
    client.close()
  }
  return answers
}

describe('a mogstored that sends odd header fields', () => {
  it('tells a client nothing by them', async (t) => {
    const [plain] = await askEdge(t, perlbal('200 OK', CONTENT))
    const [odd] = await askEdge(
      t,
      perlbal('200 OK', CONTENT, {
        'Set-Cookie': 'a=b',
        'X-Accel-Redirect': '/etc/passwd',
        'X-Accel-Expires': '99999',
        'Content-Type': 'text/html',
        'Content-Disposition': 'inline',
        'Cache-Control': 'max-age=99999',
        Location: 'http://evil.example/',
        Refresh: '0; url=http://evil.example/',
        ETag: '"evil"',
        'Last-Modified': 'Sun, 06 Nov 2044 08:49:37 GMT',
        'X-Dfs-Fid': '9',
      }),
    )
    assert.equal(`${plain?.body}`, CONTENT)
    assert.deepEqual({ ...odd?.headers, date: '' }, { ...plain?.headers, date: '' })
    assert.deepEqual(odd?.body, plain?.body)
  })

  for (const [what, answer] of [
    ['a content coding', perlbal('200 OK', CONTENT, { 'Content-Encoding': 'gzip' })],
    ['a redirect', perlbal('302 Found', CONTENT, { Location: 'http://127.0.0.1:1/' })],
    ['another protocol', perlbal('101 Switching Protocols', '', { Upgrade: 'x' })],
    ['content of another length', perlbal('200 OK', `${CONTENT}${CONTENT}`)],
    ['a field with a NUL', perlbal('200 OK', CONTENT, { X: 'a\0b' })],
    ['a header section without end', Buffer.from(`HTTP/1.1 200 OK\r\nX: ${'y'.repeat(50_000)}`)],
  ] as const) {
    it(`${what}: the file cannot be had, and nothing of it is told`, async (t) => {
      const [answered] = await askEdge(t, answer)
      assert.equal(answered?.status, 502)
      assert.equal(answered?.headers['content-type'], 'text/plain; charset=utf-8')
      assert.match(`${answered?.body}`, /^502 Bad Gateway\n[^\n]+\nRequest: [\w-]+\n$/)
    })
  }

  it('a second answer in one packet is for no other request', async (t) => {
    const answers = await askEdge(t, Buffer.concat([perlbal('200 OK', CONTENT), EVIL]), 4)
    for (const { status, body } of answers) {
      assert.ok(status === 200 || status === 502, `${status}`)
      assert.ok(!body.includes('evil'), `${body}`)
    }
  })
})
