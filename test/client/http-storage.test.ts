import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import recorded from '../fixtures/mogstored-http.json' with { type: 'json' }
import { randomContent } from '../support/random-content.ts'
import { closedPort } from '../support/scripted-daemon.ts'
import { perlbal } from '../support/scripted-storage.ts'
import { waitFor } from '../support/wait-for.ts'
import { contentOf, PATH, signal, start, storageOf } from './storage-fixture.ts'

const WHOLE = { span: null, signal }

function spanOf(startAt: number, end: number) {
  return { span: { start: startAt, end }, signal }
}

/** What Perlbal once answered, byte for byte. */
function recordedAnswer(name: string): string {
  const found = recorded.find((exchange) => exchange.name === name)
  assert.ok(found, name)
  return `${found.status_and_headers.join('\r\n')}\r\n\r\n${found.body}`
}

describe('a copy', () => {
  test('is asked for by its path and nothing else', async (t) => {
    const { daemon, storage, copy } = await start(t, () => recordedAnswer('GET'))
    const body = await storage.open(copy, WHOLE)
    assert.equal(body?.length, 13)
    assert.equal(`${await contentOf(body)}`, 'hello mogile\n')
    const [request] = daemon.requests
    assert.deepEqual([request?.method, request?.path], ['GET', PATH])
    assert.deepEqual(Object.fromEntries(request?.headers ?? []), {
      host: daemon.host,
      connection: 'keep-alive',
    })
  })

  test('may be empty', async (t) => {
    const { storage, copy } = await start(t, () => recordedAnswer('GET empty file'))
    const body = await storage.open(copy, WHOLE)
    assert.equal(body?.length, 0)
    assert.equal((await contentOf(body))?.length, 0)
  })

  test('may be missing: that is a result, and the connection goes on', async (t) => {
    for (const status of ['404 Not Found', '410 Gone']) {
      const { daemon, storage, copy } = await start(t, () => perlbal(status, '<h1>no</h1>'))
      for (let i = 0; i < 3; i += 1) {
        assert.equal(await storage.open(copy, WHOLE), null)
        await new Promise((resolve) => setImmediate(resolve))
      }
      assert.equal(daemon.connections.length, 1)
    }
  })

  test('that is missing with a page that never ends costs its connection', async (t) => {
    const half = perlbal('404 Not Found', 'half', { 'Content-Length': 8 })
    const { daemon, storage, copy } = await start(t, () => half, { networkTimeoutMs: 20 })
    assert.equal(await storage.open(copy, WHOLE), null)
    await waitFor('its end', () => daemon.connections[0]?.destroyed === true)
  })

  test('is read in parts', async (t) => {
    const { daemon, storage, copy } = await start(t, () => recordedAnswer('Range: bytes=0-4'))
    const body = await storage.open(copy, spanOf(0, 5))
    assert.equal(body?.length, 5)
    assert.equal(`${await contentOf(body)}`, 'hello')
    assert.equal(daemon.requests[0]?.headers.get('range'), 'bytes=0-4')
    await assert.rejects(storage.open(copy, spanOf(5, 5)), { code: 'invalid_ref' })
    assert.equal(daemon.requests.length, 1)
  })

  test('may be sent whole where the range is all of it', async (t) => {
    const { storage, copy } = await start(t, () => recordedAnswer('GET'))
    assert.equal(`${await contentOf(await storage.open(copy, spanOf(0, 13)))}`, 'hello mogile\n')
    await assert.rejects(storage.open(copy, spanOf(0, 12)), { code: 'protocol_error' })
    await assert.rejects(storage.open(copy, spanOf(1, 14)), { code: 'protocol_error' })
  })

  test('has a size', async (t) => {
    for (const [name, size] of [
      ['HEAD 100 MB', 104_857_600],
      ['HEAD empty file', 0],
      ['HEAD missing file', null],
    ] as const) {
      const { daemon, storage, copy } = await start(t, () => recordedAnswer(name))
      assert.equal(await storage.size(copy, signal), size)
      assert.equal(await storage.size(copy, signal), size)
      assert.equal(daemon.requests[0]?.method, 'HEAD')
      assert.equal(daemon.connections.length, 1)
    }
  })

  test('without a Content-Length is empty or nothing', async (t) => {
    const fields = { 'Content-Length': undefined, Connection: 'close', Server: 'lighttpd/1.4.69' }
    const { storage, copy } = await start(t, ({ method, connection, socket }) => {
      socket.end(perlbal('200 OK', method === 'GET' && connection > 0 ? 'x' : '', fields))
      return undefined
    })
    const empty = await storage.open(copy, WHOLE)
    assert.equal(empty?.length, 0)
    assert.equal((await contentOf(empty))?.length, 0)
    await assert.rejects(storage.open(copy, WHOLE), { code: 'protocol_error' })
    assert.equal(await storage.size(copy, signal), 0)
  })
})

describe('a storage that answers something else', () => {
  const whole = { '200 with an encoding': perlbal('200 OK', 'x', { 'Content-Encoding': 'gzip' }) }
  const inChunks = { 'Content-Length': undefined, 'Transfer-Encoding': 'chunked' }
  const range = (text: string) => perlbal('206 Partial Content', 'hello', { 'Content-Range': text })
  const cases = {
    'another range': range('bytes 1-5/13'),
    'the end of a range': perlbal('206 Partial Content', 'ello', {
      'Content-Range': 'bytes 1-4/13',
    }),
    'a range without a size': range('bytes 0-4/*'),
    'another length than its range': range('bytes 0-5/13'),
    'several ranges': range('bytes 0-1,4-6/13'),
    'a range without saying which': perlbal('206 Partial Content', 'hello'),
    'a negative length': perlbal('200 OK', 'hello', { 'Content-Length': '-5' }),
    'a body in chunks': perlbal('200 OK', '5\r\nhello\r\n0\r\n\r\n', inChunks),
    'no HTTP': 'OK paths=0\r\n',
    'a head without an end': `HTTP/1.0 200 OK\r\nX: ${'x'.repeat(100_000)}`,
    ...whole,
  }
  for (const [what, bytes] of Object.entries(cases)) {
    test(`breaks the protocol with ${what}, and loses its connection`, async (t) => {
      const { daemon, storage, copy } = await start(t, () => bytes)
      const opening = storage.open(copy, spanOf(0, 5))
      await assert.rejects(opening, { code: 'protocol_error', host: daemon.host })
      await waitFor('its end', () => daemon.connections[0]?.destroyed === true)
    })
  }

  test('breaks the protocol with a range that nobody asked for', async (t) => {
    const { storage, copy } = await start(t, () => range('bytes 0-4/13'))
    await assert.rejects(storage.open(copy, WHOLE), { code: 'protocol_error' })
  })

  test('has wrong content where a copy is too short', async (t) => {
    const answers = [recordedAnswer('Range: bytes=5-9999'), recordedAnswer('Range: bytes=999-1000')]
    const { storage, copy } = await start(t, () => answers.shift())
    await assert.rejects(storage.open(copy, spanOf(5, 10_000)), { code: 'wrong_content' })
    await assert.rejects(storage.open(copy, spanOf(999, 1001)), { code: 'wrong_content' })
  })

  for (const status of ['403 Forbidden', '500 Oops', '503 Busy', '302 Found', '204 No Content']) {
    test(`refuses with ${status}`, async (t) => {
      const elsewhere = await closedPort()
      const fields = { Location: `http://${elsewhere.host}:${elsewhere.port}${PATH}` }
      const { daemon, storage, copy } = await start(t, () => perlbal(status, '', fields))
      const refused = { code: 'refused_by_server', host: daemon.host }
      await assert.rejects(storage.open(copy, WHOLE), refused)
      await assert.rejects(storage.size(copy, signal), refused)
    })
  }

  test('may be one that nobody reaches', async (t) => {
    const address = await closedPort()
    const host = `${address.host}:${address.port}`
    const storage = storageOf(t)
    const copy = { ...address, devid: 1, fid: 3 }
    await assert.rejects(storage.open(copy, WHOLE), { code: 'connect_failed', host })
    await assert.rejects(storage.size(copy, signal), { code: 'connect_failed', host })
    const content = { size: 3, chunks: [Buffer.from('abc')] }
    await assert.rejects(storage.put(copy, content, signal), { code: 'connect_failed', host })
    const nowhere = { host: 'no-such-host.invalid', port: 7500, devid: 1, fid: 3 }
    await assert.rejects(storage.open(nowhere, WHOLE), { code: 'connect_failed' })
  })

  test('or one that is silent', async (t) => {
    const { daemon, storage, copy } = await start(t, () => undefined, { firstAnswerMs: 20 })
    await assert.rejects(storage.open(copy, WHOLE), { code: 'timeout', host: daemon.host })
    await waitFor('its end', () => daemon.connections[0]?.destroyed === true)
  })
})

describe('a body', () => {
  test('that breaks off is connection_lost, after all that came', async (t) => {
    const { storage, copy, daemon } = await start(t, ({ socket }) => {
      socket.end(perlbal('200 OK', 'half', { 'Content-Length': 8 }))
      return undefined
    })
    const body = await storage.open(copy, WHOLE)
    let read = ''
    const reading = async (): Promise<void> => {
      for await (const chunk of body?.chunks ?? []) read += chunk
    }
    await assert.rejects(reading(), { code: 'connection_lost', host: daemon.host })
    assert.equal(read, 'half')
  })

  test('that stops coming is a timeout', async (t) => {
    const half = perlbal('200 OK', 'half', { 'Content-Length': 8 })
    const { storage, copy, daemon } = await start(t, () => half, { networkTimeoutMs: 20 })
    const body = await storage.open(copy, WHOLE)
    await assert.rejects(contentOf(body), { code: 'timeout', host: daemon.host })
  })

  test('of fifty megabytes comes whole, and a reader that pauses stops the sender', async (t) => {
    const content = randomContent(50 * 1024 * 1024)
    const { storage, copy, daemon } = await start(t, () => perlbal('200 OK', content))
    const body = await storage.open(copy, WHOLE)
    const [sender] = daemon.connections
    assert.ok(body && sender)
    let lastLeft = -1
    for (let same = 0; same < 50; ) {
      await new Promise((resolve) => setImmediate(resolve))
      same = sender.writableLength === lastLeft ? same + 1 : 0
      lastLeft = sender.writableLength
    }
    assert.ok(sender.writableLength > 0, 'the sender has got rid of everything')
    const chunks = await Array.fromAsync(body.chunks)
    assert.ok(Buffer.concat(chunks).equals(content), 'chunks that are kept stay what they are')
  })

  test('that is given up ends its connection, one that was read does not', async (t) => {
    const content = randomContent(4 * 1024 * 1024)
    const { storage, copy, daemon } = await start(t, () => perlbal('200 OK', content))
    await contentOf(await storage.open(copy, WHOLE))
    const cancelled = await storage.open(copy, WHOLE)
    assert.equal(daemon.connections.length, 1)
    cancelled?.cancel()
    await waitFor('the end', () => daemon.connections[0]?.destroyed === true)
    const broken = await storage.open(copy, WHOLE)
    for await (const _ of broken?.chunks ?? []) break
    await waitFor('the end', () => daemon.connections[1]?.destroyed === true)
    assert.equal((await contentOf(await storage.open(copy, WHOLE)))?.length, content.length)
  })

  test('ends when the one who asked goes away', async (t) => {
    const half = perlbal('200 OK', 'half', { 'Content-Length': 8 })
    const { storage, copy, daemon } = await start(t, () => half)
    const controller = new AbortController()
    const body = await storage.open(copy, { span: null, signal: controller.signal })
    const reading = contentOf(body)
    controller.abort()
    await assert.rejects(reading, { code: 'aborted' })
    await waitFor('the end', () => daemon.connections[0]?.destroyed === true)
  })

  test('is not waited for by one who went away before', async (t) => {
    const { storage, copy, daemon } = await start(t, () => undefined)
    const controller = new AbortController()
    const opening = storage.open(copy, { span: null, signal: controller.signal })
    await waitFor('the request', () => daemon.requests.length === 1)
    controller.abort()
    await assert.rejects(opening, { code: 'aborted' })
    const aborted = storage.open(copy, { span: null, signal: controller.signal })
    await assert.rejects(aborted, { code: 'aborted' })
  })
})
