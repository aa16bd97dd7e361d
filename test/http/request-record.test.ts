import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { EdgeError } from '../../src/errors.ts'
import type { RequestRecord } from '../../src/http/request-record.ts'
import {
  EdgeFixture,
  formatRequest,
  HTML,
  JPG,
  NO_EXTENSION,
  numberedBytes,
} from '../support/edge-fixture.ts'
import { waitFor } from '../support/wait-for.ts'

const BYTES = numberedBytes(1000)
const CHUNK = numberedBytes(65_536)
const TOKEN = { secret: 'secret', ttlSeconds: 900 }

/** An edge whose records are kept. */
function useRecorded(options: ConstructorParameters<typeof EdgeFixture>[0] = {}) {
  const records: RequestRecord[] = []
  const observeRequest = (record: RequestRecord): void => void records.push(record)
  const edge = EdgeFixture.use({ observeRequest, ...options })
  const next = async (): Promise<RequestRecord> => {
    await waitFor('a record', () => records.length > 0)
    const [record] = records.splice(0)
    assert.ok(record)
    return record
  }
  /** The record of one request; that of the fixture's own, which looks whether the connection lives, goes. */
  const recordOf = async (...request: Parameters<EdgeFixture['request']>) => {
    const client = edge.connect()
    const [target, asked = {}] = request
    client.send(formatRequest(target, asked))
    await client.read(asked.method)
    const record = await next()
    client.close()
    return record
  }
  return { edge, records, next, recordOf }
}

describe('the record of a request', () => {
  const { edge, records, next, recordOf } = useRecorded({
    trust: { proxies: ['127.0.0.1'] },
  })
  edge.transfer.add(JPG, BYTES, { isCached: true })
  edge.transfer.add(HTML, BYTES)
  edge.transfer.add(NO_EXTENSION, BYTES)

  it('tells of a file out of memory', async () => {
    const record = await recordOf(`${JPG}?token=abc`, {
      headers: { 'X-Real-IP': '203.0.113.9', 'X-Request-Id': '0123456789abcdef' },
    })
    const { totalMs, firstByteMs, ...rest } = record
    assert.ok(totalMs > 0 && firstByteMs !== null && firstByteMs <= totalMs)
    assert.deepEqual(rest, {
      method: 'GET',
      path: JPG,
      ref: { system: 'fastdfs', groupName: 'group1', filename: JPG.slice('/group1/'.length) },
      status: 200,
      end: 'whole',
      bytes: 1000,
      cache: 'memory',
      host: null,
      requestId: '0123456789abcdef',
      client: '203.0.113.9',
      resolveMs: null,
      fault: undefined,
    })
  })

  it('counts the bytes of the answer, and not those of the file', async () => {
    const range = { headers: { Range: 'bytes=0-99' } }
    for (const [name, method, more, status, bytes] of [
      ['part of a file in memory', 'GET', range, 206, 100],
      ['no body', 'HEAD', {}, 200, 0],
      ['nothing new', 'GET', { headers: { 'If-None-Match': '*' } }, 304, 0],
      ['what is not to be', 'GET', { headers: { 'If-Match': '"other"' } }, 412, undefined],
      ['beyond its end', 'GET', { headers: { Range: 'bytes=1000-' } }, 416, undefined],
    ] as const) {
      for (const path of [JPG, HTML]) {
        const record = await recordOf(path, { method, ...more })
        assert.deepEqual(
          [record.status, record.end, record.method],
          [status, 'whole', method],
          name,
        )
        if (bytes !== undefined) assert.equal(record.bytes, bytes, `${name} ${path}`)
        else assert.ok(record.bytes > 20, name)
      }
    }
  })

  it('has the id of an answer that is no file, and its ref', async () => {
    const client = edge.connect()
    client.send(formatRequest(`${JPG.replace('fwAAA', 'fwAAB')}`, {}))
    const { headers, status } = await client.read()
    client.close()
    const record = await next()
    assert.equal(status, 404)
    assert.equal(record.requestId, headers['x-request-id'])
    assert.equal(record.ref?.system, 'fastdfs')
    assert.equal((await recordOf('/')).ref, null)
    assert.equal((await recordOf('/a', { method: 'PUT' })).status, 405)
  })

  it('tells why a request failed, and whose fault it was not', async () => {
    const faults = [
      [new EdgeError('replicas_failed', 'all are down'), 502],
      [new EdgeError('no_tracker', 'nobody answers'), 503],
      [new EdgeError('replicas_timed_out', 'all are silent'), 504],
      [new TypeError('a bug'), 500],
    ] as const
    for (const [fault, expected] of faults) {
      edge.transfer.fault = fault
      const { status, fault: told, end } = await recordOf(HTML)
      assert.deepEqual([status, told, end], [expected, fault, 'whole'])
    }
    edge.transfer.fault = new EdgeError('aborted', 'the client has gone')
    edge.connect().send(formatRequest(HTML, {}))
    const { status, fault, end, bytes } = await next()
    assert.deepEqual([status, fault, end, bytes], [499, undefined, 'aborted', 0])
    edge.transfer.fault = undefined
  })

  it('tells how much of a stream went out, whole, cut or left by its client', async () => {
    async function* chunks(fault?: Error, until?: Promise<void>): AsyncGenerator<Buffer> {
      yield CHUNK
      yield CHUNK
      await until
      if (fault !== undefined) throw fault
    }
    const open = edge.transfer.open
    const serve = (size: number, stream: () => AsyncIterable<Buffer>): void => {
      edge.transfer.open = async (_ref, _range, { trace }) => {
        trace?.located('location')
        trace?.cameFrom('storage:1')
        trace?.resolvedIn(3)
        const facts = { ...edge.transfer.add(HTML, BYTES).facts, size }
        return { facts, range: { start: 0, end: size }, body: stream() }
      }
    }
    serve(2 * CHUNK.length, () => chunks())
    const whole = await recordOf(HTML)
    assert.deepEqual(
      [whole.status, whole.end, whole.bytes, whole.cache, whole.host, whole.resolveMs],
      [200, 'whole', 2 * CHUNK.length, 'location', 'storage:1', 3],
    )

    const fault = new EdgeError('replicas_failed', 'the last replica broke')
    serve(3 * CHUNK.length, () => chunks(fault))
    edge.connect().send(formatRequest(HTML, {}))
    const cut = await next()
    assert.deepEqual(
      [cut.status, cut.end, cut.bytes, cut.fault],
      [200, 'cut', 2 * CHUNK.length, fault],
    )

    const { promise, resolve } = Promise.withResolvers<void>()
    serve(3 * CHUNK.length, () => chunks(undefined, promise))
    const client = edge.connect().send(formatRequest(HTML, {}))
    let received = 0
    client.socket.on('data', (bytes) => {
      received += bytes.length
    })
    await waitFor('two chunks', () => received > 2 * CHUNK.length)
    client.close()
    const left = await next()
    resolve()
    assert.deepEqual(
      [left.status, left.end, left.bytes, left.fault],
      [499, 'aborted', 2 * CHUNK.length, undefined],
    )
    edge.transfer.open = open
  })

  it('is there once for what is no request at all', async () => {
    const client = edge.connect().send('nonsense\r\n\r\n')
    await client.read()
    const { status, method, path, client: address } = await next()
    assert.deepEqual([status, method, path, address], [400, '', '', '127.0.0.1'])
    client.close()
    assert.deepEqual(records, [])
  })

  it('is there for each of several requests on a connection', async () => {
    const client = edge.connect()
    client.send(formatRequest(JPG, {}) + formatRequest(HTML, {}) + formatRequest('/', {}))
    for (let i = 0; i < 3; i += 1) await client.read()
    await waitFor('three records', () => records.length === 3)
    const told = records.splice(0).map(({ path, status }) => [path, status])
    assert.deepEqual(told, [
      [JPG, 200],
      [HTML, 200],
      ['/', 404],
    ])
    client.close()
  })
})

describe('the record of a request without a token', () => {
  const { edge, recordOf } = useRecorded({ token: TOKEN })
  edge.transfer.add(JPG, BYTES, { isCached: true })

  it('is that of a 403, and believes no header of a client', async () => {
    const headers = { 'X-Real-IP': '203.0.113.9', 'X-Request-Id': '0123456789abcdef' }
    const record = await recordOf(`${JPG}?token=wrong&ts=1`, { headers })
    assert.deepEqual([record.status, record.path, record.client], [403, JPG, '127.0.0.1'])
    assert.notEqual(record.requestId, '0123456789abcdef')
    assert.equal(record.cache, 'none')
  })
})
