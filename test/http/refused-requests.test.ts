import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { EdgeFixture, formatRequest, JPG, numberedBytes } from '../support/edge-fixture.ts'
import type { RawResponse } from '../support/raw-http.ts'
import { waitFor } from '../support/wait-for.ts'

const HOST = 'Host: a\r\n'
const END = `${HOST}\r\n`

function assertRefusal(response: RawResponse, status: number, method = 'GET'): void {
  assert.equal(response.status, status)
  assert.equal(response.headers['cache-control'], status === 404 ? 'public, max-age=3' : 'no-store')
  assert.equal(response.headers['x-content-type-options'], 'nosniff')
  assert.equal(response.headers['content-type'], 'text/plain; charset=utf-8')
  const requestId = response.headers['x-request-id'] ?? ''
  assert.match(requestId, /^[0-9a-f-]{36}$/)
  if (status === 405 || status === 501)
    assert.equal(response.headers['allow'], 'GET, HEAD, OPTIONS')
  if (method === 'HEAD') return
  assert.ok(response.body.toString().startsWith(`${status} `), response.body.toString())
  assert.ok(response.body.includes(requestId), 'the body names another request')
}

describe('what is no request for a file', () => {
  const edge = EdgeFixture.use({ limits: { lingerMs: 50 } })
  before(() => void edge.transfer.add(JPG, numberedBytes(100)))

  const cases: readonly (readonly [string, number, string])[] = [
    ['an unknown method', 501, `BOGUS / HTTP/1.1\r\n${END}`],
    ['a method in lower case', 501, `get / HTTP/1.1\r\n${END}`],
    ['CONNECT', 405, `CONNECT a:80 HTTP/1.1\r\n${END}`],
    ['a TLS hello', 400, '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ['a preface of HTTP/2', 505, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['HTTP/2.0', 505, `GET / HTTP/2.0\r\n${END}`],
    ['HTTP/1.2', 505, `GET / HTTP/1.2\r\n${END}`],
    ['HTTP/0.9', 505, `GET / HTTP/0.9\r\n${END}`],
    ['http/1.1', 400, `GET / http/1.1\r\n${END}`],
    ['no Host', 400, 'GET / HTTP/1.1\r\n\r\n'],
    ['two Hosts', 400, `GET / HTTP/1.1\r\n${HOST}${END}`],
    ['a bad Host', 400, 'GET / HTTP/1.1\r\nHost: a b\r\n\r\n'],
    ['a bad Host in HTTP/1.0', 400, 'GET / HTTP/1.0\r\nHost: a/b\r\n\r\n'],
    ['an unknown expectation', 417, `GET / HTTP/1.1\r\nExpect: wonders\r\n${END}`],
    ['a long URL', 414, `GET /${'a'.repeat(8192)} HTTP/1.1\r\n${END}`],
    ['a very long URL', 414, `GET /${'a'.repeat(200_000)} HTTP/1.1\r\n${END}`],
    ['a long field', 431, `GET / HTTP/1.1\r\nX: ${'a'.repeat(40_000)}\r\n${END}`],
    ['a very long field', 431, `GET / HTTP/1.1\r\nX: ${'a'.repeat(200_000)}\r\n${END}`],
    ['many fields', 431, `GET / HTTP/1.1\r\n${'X: a\r\n'.repeat(10_000)}${END}`],
    [
      'both framings',
      400,
      `POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n${END}0\r\n\r\n`,
    ],
    ['two lengths', 400, `GET / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n${END}abc`],
    ['a negative length', 400, `GET / HTTP/1.1\r\nContent-Length: -1\r\n${END}`],
    ['a coding that is not chunked', 400, `GET / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n${END}`],
    [
      'a coding beneath chunked',
      501,
      `GET / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n${END}0\r\n\r\n`,
    ],
    ['a blank before the colon', 400, `GET / HTTP/1.1\r\nX : y\r\n${END}`],
    ['a folded field', 400, `GET / HTTP/1.1\r\nX: y\r\n z\r\n${END}`],
    ['a NUL in a field', 400, `GET / HTTP/1.1\r\nX: \0\r\n${END}`],
    ['a bare CR in a field', 400, `GET / HTTP/1.1\r\nX: a\rb\r\n${END}`],
    ['a control in the URL', 400, `GET /\x01 HTTP/1.1\r\n${END}`],
    ['a byte over 127 in the URL', 400, `GET /\xe4 HTTP/1.1\r\n${END}`],
    ['a blank in the URL', 400, `GET /a b HTTP/1.1\r\n${END}`],
    ['a relative URL', 400, `GET a/b HTTP/1.1\r\n${END}`],
  ]
  for (const [what, status, bytes] of cases) {
    it(`${what} is ${status}, and the connection ends`, async () => {
      const client = edge.connect().send(bytes)
      const response = await client.read()
      assertRefusal(response, status)
      assert.equal(response.headers['connection'], 'close')
      assert.ok(response.headers['date'])
      await client.assertEnded()
    })

    it(`${what} is ${status} after the answers to what came before`, async () => {
      const client = edge.connect().send(formatRequest(JPG, {}) + bytes)
      assert.equal((await client.read()).status, 200)
      assertRefusal(await client.read(), status)
      await client.assertEnded()
    })
  }

  it('to HEAD has no body even if it cannot be read', async () => {
    const client = edge.connect().send(`HEAD / HTTP/1.2\r\n${END}`)
    assertRefusal(await client.read('HEAD'), 505, 'HEAD')
    await client.assertEnded()
  })

  it('that ends in the middle is 400', async () => {
    const client = edge.connect().send('GET / HT')
    client.socket.end()
    assertRefusal(await client.read(), 400)
    await client.assertEnded()
  })
})

describe('a connection that cannot be read', () => {
  const edge = EdgeFixture.use({ limits: { lingerMs: 60_000 } })

  it('ends at once for the client, and goes on reading for a while', async () => {
    const client = edge.connect().send(`BOGUS / HTTP/1.1\r\n${END}`)
    const faults: Error[] = []
    client.socket.on('error', (error) => faults.push(error))
    await client.read()
    client.send(Buffer.alloc(1_000_000, 'x'))
    await client.assertEnded()
    assert.deepEqual(faults, [])
  })

  it('reads what follows a CONNECT, too', async () => {
    const client = edge.connect().send(`CONNECT a:80 HTTP/1.1\r\n${END}`)
    assert.equal((await client.read()).status, 405)
    client.send(Buffer.alloc(8_000_000, 'x'))
    client.socket.end()
    await waitFor('all to be read', () => client.socket.closed)
  })
})

describe('a refused URL or method', () => {
  const edge = EdgeFixture.use()

  const cases: readonly (readonly [string, string, number])[] = [
    ['GET', '/', 404],
    ['GET', '/favicon.ico', 404],
    ['GET', JPG, 404],
    ['GET', `${JPG}-m`, 404],
    ['GET', '/group1/M00/00/00/short', 400],
    ['GET', '/group1/M00/../x', 400],
    ['GET', '/%2e%2e/x', 400],
    ['GET', '/a%00', 400],
    ['GET', '*', 400],
    ['GET', 'http://u@a/x', 400],
    ['OPTIONS', '/%', 400],
    ['POST', JPG, 405],
    ['PUT', JPG, 405],
    ['DELETE', JPG, 405],
    ['PATCH', JPG, 405],
    ['TRACE', JPG, 405],
    ['PURGE', JPG, 405],
  ]
  for (const [method, target, status] of cases) {
    it(`${method} ${target.slice(0, 30)} is ${status}`, async () => {
      assertRefusal(await edge.request(target, { method }), status, method)
    })
  }

  it('is never asked for at the storages', () => {
    assert.deepEqual(edge.transfer.questions, [`open ${JPG} whole`])
  })

  it('fails no precondition: what is not there has no state', async () => {
    const headers = { 'If-Match': '"x"', 'If-None-Match': '*', Range: 'bytes=5-' }
    assert.equal((await edge.request(JPG, { headers })).status, 404)
  })
})
