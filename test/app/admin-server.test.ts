import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, describe, it } from 'node:test'
import { createAdminServer } from '../../src/app/admin-server.ts'
import { freePort } from '../support/free-port.ts'
import { RawClient } from '../support/raw-http.ts'

const HOST = 'Host: a\r\n'
const END = `${HOST}\r\n`

describe('the listener for operators', () => {
  const server = createAdminServer((request) => new Response(request.method))
  let port = 0
  before(async () => {
    port = await freePort()
    await once(server.listen(port, '127.0.0.1'), 'listening')
  })
  after(() => {
    server.close()
    server.closeAllConnections()
  })

  const refused: readonly (readonly [string, number, string])[] = [
    ['no HTTP', 400, 'hello\r\n\r\n'],
    ['an unknown method', 501, `BOGUS / HTTP/1.1\r\n${END}`],
    ['CONNECT', 501, `CONNECT a:80 HTTP/1.1\r\n${END}`],
    ['HTTP/2.0', 505, `GET / HTTP/2.0\r\n${END}`],
    ['no Host', 400, 'GET / HTTP/1.1\r\n\r\n'],
    ['two Hosts', 400, `GET / HTTP/1.1\r\n${HOST}${END}`],
    ['a bad Host', 400, 'GET / HTTP/1.1\r\nHost: a"b\r\n\r\n'],
    ['an unknown expectation', 417, `GET / HTTP/1.1\r\nExpect: wonders\r\n${END}`],
    ['a long URL', 414, `GET /${'a'.repeat(9000)} HTTP/1.1\r\n${END}`],
    ['a long field', 431, `GET / HTTP/1.1\r\nX: ${'a'.repeat(40_000)}\r\n${END}`],
    ['two lengths', 400, `GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n${END}`],
    ['a coding', 501, `GET / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n${END}0\r\n\r\n`],
  ]
  for (const [what, status, bytes] of refused) {
    it(`answers ${what} with ${status}, a date and the end of the connection`, async () => {
      const client = new RawClient(port).send(bytes)
      const response = await client.read()
      assert.equal(response.status, status)
      assert.equal(response.headers['connection'], 'close')
      assert.equal(response.headers['cache-control'], 'no-store')
      assert.ok(response.headers['date'])
      assert.match(response.body.toString(), /^\{"error":"[A-Z]/)
      await client.assertEnded()
    })
  }

  it('needs no Host in HTTP/1.0', async () => {
    const client = new RawClient(port).send('GET / HTTP/1.0\r\n\r\n')
    assert.equal((await client.read()).body.toString(), 'GET')
    await client.assertEnded()
  })

  it('ends what HTTP/1.0 frames badly, or says to close', async () => {
    for (const field of ['Transfer-Encoding: chunked', 'Connection: close']) {
      const head = `POST / HTTP/1.0\r\nConnection: keep-alive\r\n${field}\r\n\r\n`
      const client = new RawClient(port).send(`${head}0\r\n\r\n`)
      assert.equal((await client.read()).headers['connection'], 'close')
      await client.assertEnded()
    }
  })

  it('goes on after a body, and answers in turn', async () => {
    const post = `POST / HTTP/1.1\r\nContent-Length: 2\r\n${END}ab`
    const client = new RawClient(port).send(`${post}HEAD / HTTP/1.1\r\n${END}`)
    assert.equal((await client.read()).body.toString(), 'POST')
    assert.equal((await client.read('HEAD')).status, 200)
    await client.assertAlive()
    client.close()
  })
})
