import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { EdgeFixture, formatRequest, JPG, numberedBytes } from '../support/edge-fixture.ts'
import { waitFor } from '../support/wait-for.ts'

const CHUNK = numberedBytes(65_536)
const CHUNKS = 1024
const SIZE = CHUNK.length * CHUNKS

/** A 64 MiB body that counts what was taken of it and whether it was given up. */
class Source {
  taken = 0
  isEnded = false
  signal: AbortSignal | undefined

  readonly stream = (_bytes: Buffer, signal: AbortSignal): AsyncIterable<Buffer> => {
    this.signal = signal
    return this.#chunks()
  }

  async *#chunks(): AsyncGenerator<Buffer> {
    try {
      for (; this.taken < CHUNKS; this.taken++) yield CHUNK
    } finally {
      this.isEnded = true
    }
  }
}

/** A file whose facts say 64 MiB, of which the memory holds none. */
function addStream(edge: EdgeFixture): Source {
  const source = new Source()
  const file = edge.transfer.add(JPG, Buffer.alloc(0), { stream: source.stream })
  const facts = { ...file.facts, size: SIZE }
  edge.transfer.open = async (_ref, _range, { signal }) => ({
    facts,
    range: { start: 0, end: SIZE },
    body: source.stream(file.bytes, signal),
  })
  return source
}

/** Until nothing more is taken: the sockets' buffers are full. */
async function stalled(source: Source): Promise<number> {
  let before = -1
  while (source.taken === 0 || before !== source.taken) {
    before = source.taken
    for (let turns = 0; turns < 200; turns++) await new Promise((resolve) => setImmediate(resolve))
  }
  return before
}

describe('a stream', () => {
  const edge = EdgeFixture.use()

  it('reaches its client whole', async () => {
    const source = addStream(edge)
    const client = edge.connect().send(formatRequest(JPG, {}))
    let received = 0
    client.socket.removeAllListeners('data').on('data', (chunk) => {
      received += chunk.length
    })
    await waitFor('64 MiB', () => received > SIZE)
    assert.ok(received < SIZE + 1000, `${received} bytes`)
    assert.ok(source.isEnded)
    assert.equal(source.signal?.aborted, false)
    client.close()
  })

  it('waits for a client that does not read', async () => {
    const source = addStream(edge)
    const client = edge.connect()
    client.socket.pause()
    client.send(formatRequest(JPG, {}))
    assert.ok((await stalled(source)) < CHUNKS / 2, `${source.taken} of ${CHUNKS} chunks taken`)
    assert.equal(source.isEnded, false)
    client.close()
    await waitFor('the end of the source', () => source.isEnded)
  })

  it('is given up when its client goes, without a line in the log', async () => {
    const source = addStream(edge)
    const client = edge.connect()
    client.socket.once('data', () => client.close())
    client.send(formatRequest(JPG, {}))
    await waitFor('the end of the source', () => source.isEnded)
    assert.equal(source.signal?.aborted, true)
    assert.ok(source.taken < CHUNKS)
    assert.deepEqual(edge.log, [])
  })

  it('of a pipelined request is given up too', async () => {
    const source = addStream(edge)
    const client = edge.connect()
    client.socket.pause()
    client.send(formatRequest(JPG, {}).repeat(3))
    await stalled(source)
    const { signals } = edge.transfer
    client.close()
    await waitFor('the end of the source', () => source.isEnded)
    assert.ok(signals.every((signal) => signal.aborted))
  })
})

describe('a client that takes nothing', () => {
  const edge = EdgeFixture.use({ limits: { sendTimeoutMs: 50 } })

  it('is cut, and its stream given up', async () => {
    const source = addStream(edge)
    const client = edge.connect()
    client.socket.pause()
    client.send(formatRequest(JPG, {}))
    await waitFor('the end of the source', () => source.isEnded)
    assert.ok(source.taken < CHUNKS)
    client.close()
  })

  it('is not one that waits for a storage', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const waiting = new EdgeFixture({ limits: { sendTimeoutMs: 20 } })
    waiting.port = (await waiting.server.listen({ host: '127.0.0.1', port: 0 })).port
    waiting.transfer.add(JPG, CHUNK)
    waiting.transfer.gate = promise
    const client = waiting.connect().send(formatRequest(JPG, {}))
    // The idle neighbour is cut by the same clock, later.
    const idle = await afterQuestion(waiting)
    await idle.assertEnded()
    resolve()
    assert.equal((await client.read()).status, 200)
    await waiting.stop()
  })
})

async function afterQuestion(edge: EdgeFixture) {
  await waitFor('a question', () => edge.transfer.questions.length === 1)
  return edge.connect()
}

describe('an answer that is waited for', () => {
  const edge = EdgeFixture.use({ limits: { maxRequests: 2 } })

  it('is aborted when its client goes', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    edge.transfer.gate = promise
    edge.transfer.signals.length = 0
    const client = edge.connect().send(formatRequest(JPG, {}).repeat(2))
    await waitFor('two questions', () => edge.transfer.signals.length === 2)
    client.close()
    await waitFor('both to abort', () => edge.transfer.signals.every(({ aborted }) => aborted))
    resolve()
  })

  it('is one of a bounded number', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    edge.transfer.add(JPG, CHUNK)
    edge.transfer.gate = promise
    edge.transfer.signals.length = 0
    const first = edge.connect().send(formatRequest(JPG, {}).repeat(2))
    await waitFor('two questions', () => edge.transfer.signals.length === 2)
    const third = await edge.connect().send(formatRequest(JPG, {})).read()
    assert.equal(third.status, 503)
    assert.equal(third.headers['retry-after'], '2')
    assert.equal(edge.transfer.signals.length, 2)
    resolve()
    assert.equal((await first.read()).status, 200)
    assert.equal((await first.read()).status, 200)
    assert.equal((await edge.request(JPG)).status, 200)
  })
})
