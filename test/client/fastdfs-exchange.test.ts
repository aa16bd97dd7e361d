import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { describe, test } from 'node:test'
import { FastdfsExchange } from '../../src/client/fastdfs-exchange.ts'
import { FastdfsStorage } from '../../src/client/fastdfs-storage.ts'
import { Pools } from '../../src/client/pool.ts'
import { COMMAND } from '../../src/wire/fastdfs/commands.ts'
import { encodeFrame, HEADER } from '../../src/wire/fastdfs/header.ts'
import { randomContent } from '../support/random-content.ts'
import { startDaemon } from '../support/scripted-daemon.ts'
import { waitFor } from '../support/wait-for.ts'

const { signal } = new AbortController()
const ASK = encodeFrame(COMMAND.ACTIVE_TEST, Buffer.alloc(0))
const FILE = { groupName: 'group1', filename: 'M00/00/00/fwAAA2sDFtyAHc0-AAAIAIYy60I718.png' }

function reply(status: number, body = ''): Buffer {
  return encodeFrame(COMMAND.RESPONSE, Buffer.from(body), { status })
}

async function start(
  t: { after(fn: () => unknown): void },
  serve: (socket: Socket, index: number) => void,
) {
  const daemon = await startDaemon(serve)
  const pools = new Pools({
    maxConnections: 4,
    maxWaiting: 4,
    connectTimeoutMs: 2000,
    waitTimeoutMs: 2000,
    idleMs: 60_000,
    lifetimeMs: 600_000,
    now: () => performance.now(),
  })
  const timeouts = { firstAnswerMs: 200, networkTimeoutMs: 5000 }
  const exchange = new FastdfsExchange(pools, timeouts)
  t.after(async () => {
    pools.close()
    await daemon.close()
  })
  return { daemon, exchange, storage: new FastdfsStorage(exchange, timeouts) }
}

/** Answers each request by the next of `answers`. */
function answering(...answers: Buffer[]): (socket: Socket) => void {
  return (socket) => socket.on('data', () => socket.write(answers.shift() ?? Buffer.alloc(0)))
}

describe('a connection', () => {
  test('is used again after status 0, 2 and 17', async (t) => {
    const serve = answering(reply(0, 'body'), reply(2), reply(17), reply(0))
    const { daemon, exchange } = await start(t, serve)
    const statuses: number[] = []
    for (let i = 0; i < 4; i += 1) {
      statuses.push((await exchange.ask(daemon.address, ASK, { signal })).status)
    }
    assert.deepEqual(statuses, [0, 2, 17, 0])
    assert.equal(daemon.connections.length, 1)
  })

  test('is dropped after status 22, for the storage closes it', async (t) => {
    const { daemon, exchange } = await start(t, answering(reply(22), reply(0)))
    assert.equal((await exchange.ask(daemon.address, ASK, { signal })).status, 22)
    assert.equal((await exchange.ask(daemon.address, ASK, { signal })).status, 0)
    assert.equal(daemon.connections.length, 2)
  })

  test('that the daemon closed while it was idle costs no failure', async (t) => {
    const { daemon, exchange } = await start(t, (socket, index) => {
      socket.on('data', () => {
        // The first connection answers once and is dead afterwards, without having said so.
        if (index === 0 && socket.bytesRead > ASK.length) socket.destroy()
        else socket.write(reply(0, 'alive'))
      })
    })
    await exchange.ask(daemon.address, ASK, { signal })
    const { body } = await exchange.ask(daemon.address, ASK, { signal })
    assert.equal(`${body}`, 'alive')
    assert.equal(daemon.connections.length, 2)
  })

  test('that breaks on its first use is a failure', async (t) => {
    const { daemon, exchange } = await start(t, (socket) =>
      socket.on('data', () => socket.destroy()),
    )
    const asking = exchange.ask(daemon.address, ASK, { signal })
    await assert.rejects(asking, { code: 'connection_lost', host: daemon.host })
    assert.equal(daemon.connections.length, 1)
  })

  test('is dropped when the asker goes away before the answer', async (t) => {
    const { daemon, exchange } = await start(t, (socket) => socket.resume())
    const controller = new AbortController()
    const asking = exchange.ask(daemon.address, ASK, { signal: controller.signal })
    await waitFor('the connection', () => daemon.connections.length === 1)
    controller.abort()
    await assert.rejects(asking, { code: 'aborted' })
    await waitFor('its end', () => daemon.connections[0]?.destroyed === true)
  })
})

describe('an answer', () => {
  test('that does not begin in time is a timeout', async (t) => {
    const { daemon, exchange } = await start(t, () => undefined)
    await assert.rejects(exchange.ask(daemon.address, ASK, { signal }), { code: 'timeout' })
  })

  for (const [what, bytes] of [
    ['with another command than RESPONSE', encodeFrame(99, Buffer.from('x'))],
    ['with a body beside an error status', reply(2, 'body')],
    ['with a length below zero', Buffer.from('ffffffffffffffff6400', 'hex')],
    ['with a length beyond 2^53', Buffer.from('7fffffffffffffff6400', 'hex')],
    [
      'with a body of gigabytes where a few bytes are due',
      Buffer.from('00000002000000006400', 'hex'),
    ],
    ['of text', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
  ] as const) {
    test(`${what} is a protocol error`, async (t) => {
      const { daemon, exchange } = await start(t, answering(bytes))
      await assert.rejects(exchange.ask(daemon.address, ASK, { signal }), {
        code: 'protocol_error',
      })
    })
  }

  test('is put together from single bytes', async (t) => {
    const { daemon, exchange } = await start(t, (socket) => {
      socket.setNoDelay(true)
      socket.on('data', () => {
        for (const byte of reply(0, 'slow body')) socket.write(Buffer.from([byte]))
      })
    })
    const { body } = await exchange.ask(daemon.address, ASK, { signal })
    assert.equal(`${body}`, 'slow body')
  })
})

describe('a download', () => {
  test('keeps the bytes that came with its header', async (t) => {
    const { daemon, storage } = await start(t, answering(reply(0, 'in one packet')))
    const download = await storage.download(daemon.address, FILE, { span: null, signal })
    assert.equal(download?.length, 13)
    assert.equal(`${Buffer.concat(await Array.fromAsync(download?.chunks ?? []))}`, 'in one packet')
  })

  test('of many megabytes comes whole, whatever the reader does in between', async (t) => {
    const content = randomContent(24 * 1024 * 1024)
    const header = HEADER.encode({ bodyLength: content.length, command: 100, status: 0 })
    const { daemon, storage } = await start(t, (socket) => {
      socket.on('data', () => {
        socket.write(header)
        socket.write(content)
      })
    })
    const download = await storage.download(daemon.address, FILE, { span: null, signal })
    let offset = 0
    let held: { bytes: Buffer; at: number } | undefined
    for await (const chunk of download?.chunks ?? []) {
      // A chunk is valid until the second one after it is asked for.
      if (held) assert.ok(held.bytes.equals(content.subarray(held.at, held.at + held.bytes.length)))
      held = { bytes: chunk, at: offset }
      offset += chunk.length
      if (offset % 3 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    assert.equal(offset, content.length)
  })

  test('that is cancelled closes its connection, one that was read does not', async (t) => {
    const { daemon, storage } = await start(t, answering(reply(0, 'one'), reply(0, 'two')))
    const read = await storage.download(daemon.address, FILE, { span: null, signal })
    await Array.fromAsync(read?.chunks ?? [])
    const cancelled = await storage.download(daemon.address, FILE, { span: null, signal })
    assert.equal(daemon.connections.length, 1)
    cancelled?.cancel()
    await waitFor('the end', () => daemon.connections[0]?.destroyed === true)
  })

  test('of a file that is not there is null, a refusal is an error with its status', async (t) => {
    const { daemon, storage } = await start(t, answering(reply(2), reply(5)))
    const ask = () => storage.download(daemon.address, FILE, { span: null, signal })
    assert.equal(await ask(), null)
    await assert.rejects(ask(), { code: 'refused_by_server', status: 5, host: daemon.host })
  })
})

describe('an upload', () => {
  test('that is refused before it was sent whole says why', async (t) => {
    const { daemon, storage } = await start(t, (socket) => {
      socket.once('data', () => socket.end(reply(22)))
    })
    async function* chunks(): AsyncGenerator<Buffer> {
      yield Buffer.alloc(10)
      await waitFor('the refusal', () => daemon.connections[0]?.writableEnded === true)
      yield Buffer.alloc(10)
    }
    const content = { size: 20, chunks: chunks() }
    const upload = { content, extName: 'bin', storePathIndex: 0 }
    await assert.rejects(storage.upload(daemon.address, upload, signal), {
      code: 'refused_by_server',
      status: 22,
    })
  })

  test('of content that is shorter than announced fails and closes its connection', async (t) => {
    const { daemon, storage } = await start(t, (socket) => socket.resume())
    const content = { size: 20, chunks: [Buffer.alloc(10)] }
    const upload = { content, extName: 'bin', storePathIndex: 0 }
    await assert.rejects(storage.upload(daemon.address, upload, signal), { code: 'local_file' })
    await waitFor('its end', () => daemon.connections[0]?.destroyed === true)
  })
})
