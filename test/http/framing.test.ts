import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { EdgeFixture, formatRequest, JPG, numberedBytes } from '../support/edge-fixture.ts'
import { waitFor } from '../support/wait-for.ts'

const BYTES = numberedBytes(1000)
const LIMITS = { lingerMs: 50 }
const HOST = 'Host: a\r\n'

/** Answers of every kind, each by the request that gets it. */
const KINDS: readonly (readonly [string, number, string, Readonly<Record<string, string>>])[] = [
  ['GET', 200, JPG, {}],
  ['HEAD', 200, JPG, {}],
  ['GET', 206, JPG, { Range: 'bytes=0-0' }],
  ['GET', 206, JPG, { Range: 'bytes=0-0,5-6' }],
  ['GET', 304, JPG, { 'If-None-Match': '*' }],
  ['HEAD', 304, JPG, { 'If-None-Match': '*' }],
  ['GET', 412, JPG, { 'If-Match': '"x"' }],
  ['HEAD', 412, JPG, { 'If-Match': '"x"' }],
  ['GET', 416, JPG, { Range: 'bytes=5000-' }],
  ['GET', 400, '/%', {}],
  ['HEAD', 400, '/%', {}],
  ['GET', 404, '/none', {}],
  ['HEAD', 404, '/none', {}],
  ['OPTIONS', 204, JPG, {}],
  ['OPTIONS', 204, '*', {}],
  ['POST', 405, JPG, { 'Content-Length': '0' }],
  ['DELETE', 405, JPG, {}],
  ['TRACE', 405, JPG, {}],
  ['PROPFIND', 405, JPG, {}],
  ['QUERY', 405, JPG, {}],
]

for (const isCached of [true, false]) {
  describe(`an answer ${isCached ? 'from memory' : 'that is waited for'}`, () => {
    const edge = EdgeFixture.use({ limits: LIMITS })
    before(() => void edge.transfer.add(JPG, BYTES, { isCached }))

    for (const [method, status, target, headers] of KINDS) {
      it(`to ${method} ${target.slice(0, 8)} ${JSON.stringify(headers)} is ${status}`, async () => {
        const response = await edge.request(target, { method, headers })
        assert.equal(response.status, status)
        assert.equal(response.headers['connection'], 'keep-alive')
        assert.ok(response.headers['date'], 'no Date')
        assert.equal(response.headers['transfer-encoding'], undefined)
        assert.equal(
          new Set(response.names.map((name) => name.toLowerCase())).size,
          response.names.length,
          'a repeated field',
        )
      })
    }

    it('to HEAD has the header of the one to GET', async () => {
      for (const target of [JPG, '/%', '/none']) {
        const [get, head] = [
          await edge.request(target),
          await edge.request(target, { method: 'HEAD' }),
        ]
        const stable = ({ headers }: typeof get) => ({ ...headers, date: '', 'x-request-id': '' })
        assert.deepEqual(stable(head), stable(get))
        assert.ok(get.body.length > 0)
      }
    })

    it('keeps its place among pipelined ones', async () => {
      const client = edge.connect()
      client.send(
        KINDS.map(([method, , target, headers]) => formatRequest(target, { method, headers })).join(
          '',
        ),
      )
      for (const [method, status] of KINDS) assert.equal((await client.read(method)).status, status)
      await client.assertAlive()
    })
  })
}

describe('a connection', () => {
  const edge = EdgeFixture.use({ limits: LIMITS })
  before(() => void edge.transfer.add(JPG, BYTES))

  it('of HTTP/1.0 ends after the answer', async () => {
    const client = edge.connect().send(`GET ${JPG} HTTP/1.0\r\n\r\n`)
    const response = await client.read()
    assert.equal(response.headers['connection'], 'close')
    assert.deepEqual(response.body, BYTES)
    await client.assertEnded()
  })

  it('of HTTP/1.0 that is to be kept is kept', async () => {
    const client = edge.connect().send(`GET ${JPG} HTTP/1.0\r\nConnection: keep-alive\r\n\r\n`)
    assert.equal((await client.read()).headers['connection'], 'keep-alive')
    await client.assertAlive()
  })

  it('of HTTP/1.0 that is to be kept and closed is closed', async () => {
    for (const options of [
      'keep-alive, close',
      'Close,keep-alive',
      'keep-alive\r\nConnection: close',
    ]) {
      const client = edge.connect().send(`GET ${JPG} HTTP/1.0\r\nConnection: ${options}\r\n\r\n`)
      assert.equal((await client.read()).headers['connection'], 'close')
      await client.assertEnded()
    }
  })

  it('ends where the client asks for it, and what follows is not answered', async () => {
    const client = edge.connect()
    client.send(`GET ${JPG} HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n${formatRequest(JPG, {})}`)
    assert.equal((await client.read()).headers['connection'], 'close')
    await client.assertEnded()
  })

  it('whose client sends no more brings the answers that it waits for, and ends', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    edge.transfer.gate = promise
    const { questions } = edge.transfer
    const asked = questions.length
    const client = edge.connect().send(formatRequest(JPG, {}).repeat(2))
    client.socket.end()
    await waitFor('the questions', () => questions.length === asked + 2)
    // On another connection the end of the first has been read before this.
    await edge.request('/none')
    resolve()
    for (let i = 0; i < 2; i++) assert.deepEqual((await client.read()).body, BYTES)
    await client.assertEnded()
  })

  it('goes on where the client wants to upgrade', async () => {
    const headers = { Connection: 'Upgrade', Upgrade: 'websocket' }
    assert.equal((await edge.request(JPG, { headers })).status, 200)
  })

  it('may begin with an empty line', async () => {
    const client = edge.connect().send(`\r\n${formatRequest(JPG, {})}`)
    assert.equal((await client.read()).status, 200)
  })

  it('may bring a request byte by byte', async () => {
    const client = edge.connect()
    for (const byte of formatRequest(JPG, { headers: { Range: 'bytes=0-9' } })) client.send(byte)
    assert.deepEqual((await client.read()).body, BYTES.subarray(0, 10))
  })
})

describe('what is odd in a request and right', () => {
  const edge = EdgeFixture.use({ limits: LIMITS })
  before(() => void edge.transfer.add(JPG, BYTES, { isCached: true }))

  const fields = [
    'X:',
    'X: \t ',
    'X:y',
    'X: \t y \t ',
    'X: a\tb',
    'X: \xe4\xb9\xb0',
    "!#$%&'*+-.^_`|~0aZ: y",
    'X: "a, \\"b\\""',
    'X::::',
    'X: a\r\nx: b',
    `X: ${'a'.repeat(7000)}`,
    'Connection: closed',
    'Connection: "close", not-close',
    'Connection: host, range',
    'Content-Length: 000',
    'Transfer_Encoding: chunked',
    'Content-Range: bytes 0-3/10',
    'Accept: text/html;q=0',
    'Cache-Control: only-if-cached, max-age=0',
    'X-HTTP-Method-Override: DELETE',
  ]
  const targets = [
    `http://other.example:81${JPG}`,
    `HTTP://[::1]${JPG}`,
    JPG.replace('.', '%2e'),
    `${JPG}?`,
    `${JPG}?x=/../y?z;&&=`,
    `${JPG}?x=${'a'.repeat(8000 - JPG.length - 3)}`,
  ]
  const requests = [
    ...fields.map((field) => `GET ${JPG} HTTP/1.1\r\n${HOST}${field}\r\n\r\n`),
    ...targets.map((target) => `GET ${target} HTTP/1.1\r\n${HOST}\r\n`),
    `GET ${JPG} HTTP/1.1\r\nHost:\r\n\r\n`,
    `GET ${JPG} HTTP/1.1\r\nhost:\t[2001:db8::1]:80 \t\r\n\r\n`,
    `\r\n\r\nGET ${JPG} HTTP/1.1\r\n${HOST}\r\n`,
  ]
  for (const bytes of requests) {
    it(`${JSON.stringify(bytes.replace(JPG, '@').slice(0, 70))} is 200, and the connection goes on`, async () => {
      const client = edge.connect().send(bytes)
      const { status, body } = await client.read()
      assert.deepEqual([status, body], [200, BYTES])
      await client.assertAlive()
    })
  }

  for (const options of ['Close', 'foo,close', ',close,', 'TE\r\nConnection: close']) {
    it(`Connection: ${JSON.stringify(options)} is the end`, async () => {
      const client = edge.connect()
      client.send(`GET ${JPG} HTTP/1.1\r\n${HOST}Connection: ${options}\r\n\r\n`.repeat(2))
      assert.equal((await client.read()).headers['connection'], 'close')
      await client.assertEnded()
    })
  }
})

describe('the body of a request', () => {
  const edge = EdgeFixture.use({ limits: { ...LIMITS, maxBodyBytes: 100 } })
  before(() => void edge.transfer.add(JPG, BYTES, { isCached: true }))

  for (const method of ['GET', 'HEAD', 'OPTIONS', 'POST']) {
    it(`is dropped after ${method}`, async () => {
      const client = edge.connect()
      client.send(formatRequest(JPG, { method, headers: { 'Content-Length': '5' } }))
      client.send('GET /')
      assert.equal((await client.read(method)).headers['connection'], 'keep-alive')
      await client.assertAlive()
    })
  }

  it('that is large ends the connection after a whole answer', async () => {
    const client = edge.connect()
    client.send(formatRequest(JPG, { method: 'PUT', headers: { 'Content-Length': '1000000' } }))
    client.send(Buffer.alloc(1_000_000, 'x'))
    const response = await client.read()
    assert.equal(response.status, 405)
    assert.equal(response.headers['connection'], 'close')
    await client.assertEnded()
  })

  it('in chunks ends the connection after a whole answer', async () => {
    for (const chunks of ['5\r\nhello\r\n0\r\n\r\n', 'zz\r\n', '']) {
      const client = edge.connect()
      client.send(formatRequest(JPG, { headers: { 'Transfer-Encoding': 'chunked' } }) + chunks)
      const response = await client.read()
      assert.equal(response.status, 200)
      assert.equal(response.headers['connection'], 'close')
      await client.assertEnded()
    }
  })

  it('that waits for leave to come gets an answer instead', async () => {
    const headers = { Expect: '100-continue', 'Content-Length': '5' }
    for (const method of ['GET', 'POST']) {
      const client = edge.connect().send(formatRequest(JPG, { method, headers }))
      const response = await client.read()
      assert.equal(response.status, method === 'GET' ? 200 : 405)
      assert.equal(response.headers['connection'], 'close')
      await client.assertEnded()
    }
  })

  const late = EdgeFixture.use({ limits: { lingerMs: 60_000, maxBodyBytes: 100 } })
  it('that comes after its answer is met with no reset', async () => {
    for (const [length, expect] of [
      [1_000_000, {}],
      [50, { Expect: '100-continue' }],
    ] as const) {
      const client = late.connect()
      const faults: Error[] = []
      client.socket.on('error', (error) => faults.push(error))
      const headers = { 'Content-Length': `${length}`, ...expect }
      client.send(formatRequest(JPG, { method: 'PUT', headers }))
      assert.equal((await client.read()).status, 405)
      client.send(Buffer.alloc(length, 'x'))
      await client.assertEnded()
      assert.deepEqual(faults, [])
    }
  })
})
