import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { describe, it } from 'node:test'
import { EdgeFixture, formatRequest, JPG, numberedBytes } from '../support/edge-fixture.ts'
import type { RawClient } from '../support/raw-http.ts'
import { waitFor } from '../support/wait-for.ts'

const BYTES = numberedBytes(1000)
const REQUEST = formatRequest(JPG, {})

async function atGate(edge: EdgeFixture, act: () => Promise<void>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  edge.transfer.add(JPG, BYTES)
  edge.transfer.gate = promise
  edge.transfer.questions.length = 0
  try {
    await act()
  } finally {
    resolve()
  }
}

async function assertOverloaded(client: RawClient): Promise<void> {
  const { status, headers } = await client.read()
  assert.deepEqual(
    [status, headers['retry-after'], headers['cache-control']],
    [503, '2', 'no-store'],
  )
}

describe('requests under way', () => {
  const MAX = 20
  const edge = EdgeFixture.use({ limits: { maxRequests: MAX } })

  it('over the bound are answered while the others wait, however many come', async () => {
    await atGate(edge, async () => {
      const first = edge.connect().send(REQUEST.repeat(MAX))
      await waitFor('the questions', () => edge.transfer.questions.length === MAX)
      const others = Array.from({ length: 200 }, () => edge.connect().send(REQUEST.repeat(5)))
      for (const client of others) {
        for (let count = 0; count < 5; count += 1) await assertOverloaded(client)
      }
      assert.equal(edge.transfer.questions.length, MAX)
      first.close()
      await waitFor('leave', () => edge.transfer.signals.every(({ aborted }) => aborted))
    })
    assert.equal((await edge.request(JPG)).status, 200)
  })

  it('of one connection without end are read only as answers can go out', async () => {
    await atGate(edge, async () => {
      const client = edge.connect()
      const before = process.memoryUsage().heapUsed
      client.send(REQUEST.repeat(MAX)).send(REQUEST.repeat(200_000))
      await waitFor('the questions', () => edge.transfer.questions.length === MAX)
      for (let count = 0; count < 50; count += 1) {
        assert.equal((await edge.request(JPG)).status, 503)
      }
      const grown = process.memoryUsage().heapUsed - before
      assert.ok(grown < 100 * 1024 * 1024, `${grown} bytes more`)
      assert.equal(edge.transfer.questions.length, MAX)
      client.close()
    })
  })
})

describe('requests of one client', () => {
  const edge = EdgeFixture.use({
    limits: { maxRequestsPerClient: 2 },
    trust: { proxies: ['127.0.0.1'] },
  })
  const of = (address: string): string => formatRequest(JPG, { headers: { 'X-Real-IP': address } })

  it('that a proxy names are bounded, and others are answered', async () => {
    await atGate(edge, async () => {
      edge.connect().send(of('10.0.0.1').repeat(2)).send(of('10.0.0.2'))
      await waitFor('the questions', () => edge.transfer.questions.length === 3)
      await assertOverloaded(edge.connect().send(of('10.0.0.1')))
      assert.equal(edge.transfer.questions.length, 3)
      edge.connect().send(of('10.0.0.2'))
      await waitFor('one more', () => edge.transfer.questions.length === 4)
    })
    await waitFor('all to end', () => edge.transfer.questions.length === 4)
    assert.equal((await edge.request(JPG, { headers: { 'X-Real-IP': '10.0.0.1' } })).status, 200)
  })

  it('that the proxy does not name are not held to be one', async () => {
    await atGate(edge, async () => {
      edge.connect().send(REQUEST.repeat(5))
      await waitFor('the questions', () => edge.transfer.questions.length === 5)
    })
  })
})

describe('requests of one client without a proxy', () => {
  const edge = EdgeFixture.use({ limits: { maxRequestsPerClient: 2 } })

  it('are those of its address, whatever it says', async () => {
    await atGate(edge, async () => {
      const named = formatRequest(JPG, { headers: { 'X-Real-IP': '10.0.0.1' } })
      edge.connect().send(named.repeat(2))
      await waitFor('the questions', () => edge.transfer.questions.length === 2)
      await assertOverloaded(
        edge.connect().send(formatRequest(JPG, { headers: { 'X-Real-IP': '10.0.0.9' } })),
      )
    })
  })
})

describe('connections of one client', () => {
  const edge = EdgeFixture.use({ limits: { maxConnectionsPerClient: 2 } })

  it('over the bound are refused, and there is room again when one ends', async () => {
    edge.transfer.add(JPG, BYTES)
    const [first, second] = [edge.connect(), edge.connect()]
    for (const client of [first, second]) await client.assertAlive(JPG)
    await assertOverloaded(edge.connect().send(REQUEST))
    await elsewhere(edge.port)
    first.close()
    await waitFor('room', () => first.socket.closed)
    let isAnswered = false
    for (let tries = 0; tries < 1000 && !isAnswered; tries += 1) {
      const next = edge.connect()
      isAnswered = await next.assertAlive(JPG).then(
        () => true,
        () => false,
      )
      next.close()
    }
    assert.ok(isAnswered, 'no room again')
    second.close()
  })
})

/** Another address of this host is answered. */
async function elsewhere(port: number): Promise<void> {
  const socket = connect({ host: '127.0.0.1', port, localAddress: '127.0.0.9' })
  socket.write(REQUEST)
  await new Promise((resolve) => socket.once('data', resolve))
  socket.destroy()
}

describe('connections of trusted proxies', () => {
  const edge = EdgeFixture.use({
    limits: { maxConnectionsPerClient: 1 },
    trust: { proxies: ['127.0.0.1'] },
  })

  it('are not bounded so', async () => {
    edge.transfer.add(JPG, BYTES)
    for (const client of [edge.connect(), edge.connect()]) await client.assertAlive(JPG)
  })
})

describe('connections in all', () => {
  const edge = EdgeFixture.use({ limits: { maxConnections: 1 } })

  it('over the bound are told so, or closed where there are too many of them as well', async () => {
    edge.transfer.add(JPG, BYTES)
    const client = edge.connect()
    await client.assertAlive(JPG)
    const refused = edge.connect()
    await edge.connect().assertEnded()
    await assertOverloaded(refused.send(REQUEST))
    await refused.assertEnded()
    await client.assertAlive(JPG)
  })

  it('over the bound that ask for nothing are closed soon', async () => {
    const client = edge.connect()
    await client.assertAlive(JPG)
    await edge.connect().assertEnded()
  })
})

describe('a client that brings its request byte by byte', () => {
  const edge = EdgeFixture.use({
    limits: { headersTimeoutMs: 100, requestTimeoutMs: 150, lingerMs: 50 },
  })
  const trickle = (client: RawClient, bytes: string): NodeJS.Timeout =>
    setInterval(() => client.send(bytes), 5)

  it('has no longer for its header than one that is silent', async () => {
    const client = edge.connect().send('GET / HTTP/1.1\r\n')
    const timer = trickle(client, 'X: y\r\n')
    assert.equal((await client.read()).status, 408)
    await client.assertEnded()
    clearInterval(timer)
  })

  it('has no longer for its body', async () => {
    edge.transfer.add(JPG, BYTES)
    for (const headers of [{ 'Content-Length': '60000' }, { 'Content-Length': '600000' }]) {
      const client = edge.connect().send(formatRequest(JPG, { headers }))
      const timer = trickle(client, 'x')
      assert.equal((await client.read()).status, 200)
      await client.assertEnded()
      clearInterval(timer)
    }
  })
})

describe('the size of a request', () => {
  const edge = EdgeFixture.use({ limits: { maxUrlBytes: 300, maxHeaderBytes: 8192 } })
  const url = (length: number): string => `/${'a'.repeat(length - 1)}`
  const withField = (length: number) => ({ headers: { X: 'a'.repeat(length) } })

  it('may be what it may be, and no byte more', async () => {
    assert.equal((await edge.request(url(300))).status, 404)
    assert.equal((await edge.request(url(301))).status, 414)
    assert.equal((await edge.request('/', withField(8000))).status, 404)
    assert.equal(
      (
        await edge
          .connect()
          .send(formatRequest('/', withField(8192)))
          .read()
      ).status,
      431,
    )
  })
})
