import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { randomContent } from '../support/random-content.ts'
import { perlbal } from '../support/scripted-storage.ts'
import { waitFor } from '../support/wait-for.ts'
import { PATH, signal, start } from './storage-fixture.ts'

const STORED = perlbal('200 OK', '<h1>200 - OK</h1>')

async function* twoHalves(between: () => Promise<void>): AsyncGenerator<Buffer> {
  yield Buffer.from('half')
  await between()
  yield Buffer.from('half')
}

describe('an upload', () => {
  test('says its length and sends its content', async (t) => {
    const { daemon, storage, copy } = await start(t, () => STORED)
    const content = randomContent(300_000)
    const chunks = [content.subarray(0, 100_000), content.subarray(100_000)]
    await storage.put(copy, { size: content.length, chunks }, signal)
    const [request] = daemon.requests
    assert.deepEqual([request?.method, request?.path], ['PUT', PATH])
    assert.equal(request?.headers.get('content-length'), '300000')
    assert.equal(request?.headers.has('transfer-encoding'), false)
    assert.equal(request?.headers.get('host'), daemon.host)
    await waitFor('all of it', () => (daemon.connections[0]?.bytesRead ?? 0) > 300_000)
  })

  test('may be empty', async (t) => {
    const { daemon, storage, copy } = await start(t, () => STORED)
    await storage.put(copy, { size: 0, chunks: [] }, signal)
    assert.equal(daemon.requests[0]?.headers.get('content-length'), '0')
  })

  test('is right with any 2xx and wrong with anything else', async (t) => {
    for (const status of ['200 OK', '201 Created', '204 No Content']) {
      const { storage, copy } = await start(t, () => perlbal(status))
      await storage.put(copy, { size: 1, chunks: [Buffer.from('x')] }, signal)
    }
    for (const status of ['404 Not Found', '403 Forbidden', '507 Full', '301 Moved']) {
      const { storage, copy } = await start(t, () => perlbal(status))
      const putting = storage.put(copy, { size: 1, chunks: [Buffer.from('x')] }, signal)
      await assert.rejects(putting, { code: 'refused_by_server' })
    }
  })

  test('that is refused before it was sent whole says why', async (t) => {
    const { daemon, storage, copy } = await start(t, () => perlbal('404 Not Found'))
    const chunks = twoHalves(() => waitFor('the refusal', () => daemon.requests.length === 1))
    await assert.rejects(storage.put(copy, { size: 8, chunks }, signal), {
      code: 'refused_by_server',
    })
  })

  test('of content that changes fails and is not stored', async (t) => {
    for (const size of [3, 5]) {
      const { daemon, storage, copy } = await start(t, () => undefined)
      const putting = storage.put(copy, { size, chunks: [Buffer.from('four')] }, signal)
      await assert.rejects(putting, { code: 'local_file' })
      await waitFor('its end', () => daemon.connections.every(({ destroyed }) => destroyed))
    }
  })

  test('of content that cannot be read says so', async (t) => {
    const { storage, copy } = await start(t, () => undefined)
    const chunks = twoHalves(() => Promise.reject(new TypeError('a bug')))
    await assert.rejects(storage.put(copy, { size: 8, chunks }, signal), /a bug/)
  })

  test('to a storage that is silent, or takes nothing, is a timeout', async (t) => {
    const small = await start(t, () => undefined, { networkTimeoutMs: 30 })
    const content = { size: 1, chunks: [Buffer.from('x')] }
    const putting = small.storage.put(small.copy, content, signal)
    await assert.rejects(putting, { code: 'timeout', host: small.daemon.host })

    const stuck = await start(
      t,
      ({ socket }) => {
        socket.pause()
        return undefined
      },
      { networkTimeoutMs: 100 },
    )
    const much = Buffer.alloc(1024 * 1024)
    const chunks = Array.from({ length: 64 }, () => much)
    const sending = stuck.storage.put(stuck.copy, { size: 64 * much.length, chunks }, signal)
    await assert.rejects(sending, { code: 'timeout', host: stuck.daemon.host })
  })

  test('may take longer than one wait as long as it goes on', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const { storage, copy } = await start(t, () => STORED, { networkTimeoutMs: 100 })
    function* slowly(): Generator<Buffer> {
      for (let i = 0; i < 4; i += 1) {
        yield Buffer.from('x')
        t.mock.timers.tick(90)
      }
    }
    await storage.put(copy, { size: 4, chunks: slowly() }, signal)
  })

  test('is sent once, over a connection of its own', async (t) => {
    const { daemon, storage, copy } = await start(t, ({ method, socket }) => {
      if (method === 'HEAD') return perlbal('404 Not Found')
      socket.destroy()
      return undefined
    })
    await storage.size(copy, signal)
    const putting = storage.put(copy, { size: 1, chunks: [Buffer.from('x')] }, signal)
    await assert.rejects(putting, { code: 'connection_lost' })
    assert.deepEqual(
      daemon.requests.map(({ method, connection }) => [method, connection]),
      [
        ['HEAD', 0],
        ['PUT', 1],
      ],
    )
  })
})

describe('a probe', () => {
  test('gives a page as text', async (t) => {
    const { daemon, storage } = await start(t, () => perlbal('200 OK', 'available: 12\n'))
    assert.equal(await storage.probe(daemon.address, '//dev1/usage', signal), 'available: 12\n')
    assert.equal(daemon.requests[0]?.path, '//dev1/usage')
  })

  test('fails with anything but 2xx, and with a page that does not end', async (t) => {
    const page = perlbal('404 Not Found', 'no')
    const missing = await start(t, () => page)
    await assert.rejects(missing.storage.probe(missing.daemon.address, '/', signal), {
      code: 'refused_by_server',
    })
    const endless = await start(t, () => perlbal('200 OK', 'x'.repeat(70_000)))
    await assert.rejects(endless.storage.probe(endless.daemon.address, '/', signal), {
      code: 'protocol_error',
    })
  })
})

describe('a ping', () => {
  test('takes any answer but a fault of the server for one', async (t) => {
    for (const status of ['200 OK', '403 Forbidden', '404 Not Found']) {
      const { daemon, storage } = await start(t, () => perlbal(status, 'page'))
      await storage.ping(daemon.address, signal)
      assert.equal(daemon.requests[0]?.path, '/')
    }
    const ill = await start(t, () => perlbal('502 Bad Gateway', 'page'))
    await assert.rejects(ill.storage.ping(ill.daemon.address, signal), {
      code: 'refused_by_server',
    })
  })
})
