import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { perlbal } from '../support/scripted-storage.ts'
import { waitFor } from '../support/wait-for.ts'
import { contentOf, signal, start, storageOf } from './storage-fixture.ts'

const WHOLE = { span: null, signal }
const HELLO = perlbal('200 OK', 'hello')

describe('a connection to a storage', () => {
  test('serves many requests, though Perlbal says HTTP/1.0', async (t) => {
    const { daemon, storage, copy } = await start(t, () => HELLO)
    for (let i = 0; i < 200; i += 1) {
      assert.equal(`${await contentOf(await storage.open(copy, WHOLE))}`, 'hello')
    }
    assert.equal(daemon.connections.length, 1)
  })

  test('serves one request at a time, and there are no more than allowed', async (t) => {
    const answer = new Map<number, () => void>()
    const serve = ({
      socket,
      connection,
    }: {
      socket: { write(b: Buffer): unknown }
      connection: number
    }) => {
      answer.set(connection, () => socket.write(HELLO))
      return undefined
    }
    const { daemon, storage, copy } = await start(t, serve, { maxConnections: 2 })
    const reading = [1, 2, 3].map(async () => contentOf(await storage.open(copy, WHOLE)))
    await waitFor('two requests', () => daemon.requests.length === 2)
    answer.get(0)?.()
    await waitFor('the third', () => daemon.requests.length === 3)
    answer.get(0)?.()
    answer.get(1)?.()
    assert.equal(Buffer.concat((await Promise.all(reading)).map((one) => one ?? HELLO)).length, 15)
    assert.equal(daemon.connections.length, 2)
  })

  test('to what is no address is a failure like any other, and holds no place', async (t) => {
    const storage = storageOf(t, { maxConnections: 1 })
    const others = ['10.99', '0x7f000001', 'a@127.0.0.1', '127.0.0.1/', '127.0.0.1#', '127.0.0.1?a']
    for (const host of ['10.0.0.300', 'node.1', '1.2.3.4.5', '', 'a b', ...others]) {
      const copy = { host, port: 7500, devid: 1, fid: 3 }
      for (let i = 0; i < 3; i += 1) {
        await assert.rejects(storage.open(copy, WHOLE), {
          name: 'EdgeError',
          code: 'connect_failed',
          host: `${host}:7500`,
        })
      }
    }
  })

  test('is waited for no longer than for an answer', async (t) => {
    const options = { maxConnections: 1, firstAnswerMs: 30, networkTimeoutMs: 60_000 }
    const half = perlbal('200 OK', 'half', { 'Content-Length': 8 })
    const { storage, copy } = await start(t, () => half, options)
    const first = await storage.open(copy, WHOLE)
    await assert.rejects(storage.open(copy, WHOLE), { code: 'pool_exhausted' })
    first?.cancel()
  })

  test('that says "close" is not used again', async (t) => {
    const last = perlbal('200 OK', 'hello', { Connection: 'close', 'Keep-Alive': undefined })
    const { daemon, storage, copy } = await start(t, () => last)
    for (let i = 0; i < 3; i += 1) await contentOf(await storage.open(copy, WHOLE))
    assert.equal(daemon.connections.length, 3)
  })

  test('that was closed while idle costs a request no failure', async (t) => {
    const { daemon, storage, copy } = await start(t, ({ socket, connection }) => {
      // The first connection answers once and is dead afterwards, without having said so.
      if (connection > 0 || socket.bytesWritten === 0) return HELLO
      socket.destroy()
      return undefined
    })
    await contentOf(await storage.open(copy, WHOLE))
    assert.equal(`${await contentOf(await storage.open(copy, WHOLE))}`, 'hello')
    assert.equal(daemon.connections.length, 2)
    assert.equal(daemon.requests.length, 3)
  })

  test('that breaks on its first use is a failure', async (t) => {
    const { daemon, storage, copy } = await start(t, ({ socket }) => {
      socket.destroy()
      return undefined
    })
    const lost = { code: 'connection_lost', host: daemon.host }
    await assert.rejects(storage.open(copy, WHOLE), lost)
    assert.equal(daemon.connections.length, 1)
  })

  test('is closed after it was idle for so long', async (t) => {
    const { daemon, storage, copy } = await start(t, () => HELLO, { idleMs: 30 })
    await contentOf(await storage.open(copy, WHOLE))
    await waitFor('its end', () => daemon.connections[0]?.destroyed === true)
    await contentOf(await storage.open(copy, WHOLE))
    assert.equal(daemon.connections.length, 2)
  })

  test('is closed with its storage', async (t) => {
    const { daemon, storage, copy } = await start(t, () => HELLO)
    await contentOf(await storage.open(copy, WHOLE))
    storage.close()
    await waitFor('its end', () => daemon.connections[0]?.destroyed === true)
    await assert.rejects(storage.open(copy, WHOLE), { code: 'aborted' })
  })
})
