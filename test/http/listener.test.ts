import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { EdgeError } from '../../src/errors.ts'
import { EdgeFixture, formatRequest, JPG, numberedBytes } from '../support/edge-fixture.ts'
import { waitFor } from '../support/wait-for.ts'

async function listening(options = {}): Promise<EdgeFixture> {
  const edge = new EdgeFixture(options)
  edge.port = (await edge.server.listen({ host: '127.0.0.1', port: 0 })).port
  edge.transfer.add(JPG, numberedBytes(1000))
  return edge
}

describe('a listener', () => {
  it('says which address is taken', async () => {
    const edge = await listening()
    const other = new EdgeFixture()
    const address = { host: '127.0.0.1', port: edge.port }
    await assert.rejects(other.server.listen(address), (error) => {
      assert.ok(error instanceof EdgeError)
      assert.equal(error.code, 'invalid_config')
      assert.match(error.message, new RegExp(`127\\.0\\.0\\.1:${edge.port}.*taken`))
      return true
    })
    await other.server.close(0)
    await edge.stop()
  })

  it('that closes lets a running answer end', async () => {
    const edge = await listening()
    const { promise, resolve } = Promise.withResolvers<void>()
    edge.transfer.gate = promise
    const client = edge.connect().send(formatRequest(JPG, {}))
    await waitFor('the question', () => edge.transfer.questions.length === 1)
    const closed = edge.server.close(5000)
    resolve()
    const response = await client.read()
    assert.equal(response.status, 200)
    assert.equal(response.headers['connection'], 'close')
    await client.assertEnded()
    await closed
  })

  it('that closes ends connections that are idle', async () => {
    const edge = await listening()
    const [used, unused] = [edge.connect(), edge.connect()]
    await used.assertAlive(JPG)
    await waitFor('the connection', () => !unused.socket.connecting)
    await edge.request(JPG)
    const closed = edge.server.close(60_000)
    await used.assertEnded()
    await unused.assertEnded()
    await closed
  })

  it('that closes with patience answers one more request on each connection, and none is refused', async () => {
    const edge = await listening()
    const [used, unused] = [edge.connect(), edge.connect()]
    await used.assertAlive(JPG)
    await waitFor('the connection', () => !unused.socket.connecting)
    await edge.request(JPG)
    const closed = edge.server.close(60_000, 60_000)
    for (const client of [used, unused]) {
      client.send(formatRequest(JPG, {}))
      const { status, headers } = await client.read()
      assert.deepEqual([status, headers['connection']], [200, 'close'])
      await client.assertEnded()
    }
    await closed
  })

  it('that closes is patient for a while alone', async () => {
    const edge = await listening()
    const client = edge.connect()
    await client.assertAlive(JPG)
    await edge.server.close(60_000, 1)
    await client.assertEnded()
  })

  it('that closes cuts at the deadline what has not ended', async () => {
    const edge = await listening()
    edge.transfer.gate = new Promise(() => {})
    const client = edge.connect().send(formatRequest(JPG, {}))
    await waitFor('the question', () => edge.transfer.questions.length === 1)
    await edge.server.close(1)
    await client.assertEnded()
    await waitFor('the abort', () => edge.transfer.signals.every(({ aborted }) => aborted))
  })

  it('ends a connection that sends no request, or half of one', async () => {
    const edge = await listening({ limits: { headersTimeoutMs: 50, requestTimeoutMs: 50 } })
    const client = edge.connect().send('GET / HTTP/1.1\r\nHo')
    assert.equal((await client.read()).status, 408)
    await client.assertEnded()
    await edge.stop()
  })

  it('ends a connection whose request brings no body, without a second answer', async () => {
    const edge = await listening({ limits: { headersTimeoutMs: 50, requestTimeoutMs: 50 } })
    const client = edge.connect()
    client.send(formatRequest(JPG, { headers: { 'Content-Length': '5' } }))
    assert.equal((await client.read()).status, 200)
    await client.assertEnded()
    await edge.stop()
  })

  it('ends a connection that asks nothing more', async () => {
    const edge = await listening({ limits: { keepAliveTimeoutMs: 50 } })
    const client = edge.connect()
    client.send(formatRequest(JPG, {}))
    assert.equal((await client.read()).status, 200)
    await client.assertEnded()
    await edge.stop()
  })
})
