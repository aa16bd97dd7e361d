import assert from 'node:assert/strict'
import { before, beforeEach, describe, it } from 'node:test'
import { EdgeError, type ErrorCode } from '../../src/errors.ts'
import { EdgeFixture, formatRequest, JPG, numberedBytes } from '../support/edge-fixture.ts'
import { waitFor } from '../support/wait-for.ts'

const BYTES = numberedBytes(1000)
const SECRET_TEXT = '10.0.0.7:23000 said something internal'

describe('a fault', () => {
  const edge = EdgeFixture.use()
  beforeEach(() => {
    edge.log.length = 0
  })

  const statuses: readonly (readonly [ErrorCode, number])[] = [
    ['invalid_ref', 400],
    ['no_tracker', 503],
    ['no_replica', 503],
    ['overloaded', 503],
    ['pool_exhausted', 503],
    ['replicas_failed', 502],
    ['connect_failed', 502],
    ['wrong_content', 502],
    ['replicas_timed_out', 504],
    ['timeout', 504],
    ['local_file', 500],
  ]
  for (const [code, status] of statuses) {
    it(`${code} is ${status}, and tells nothing more`, async () => {
      edge.transfer.fault = new EdgeError(code, SECRET_TEXT, { host: '10.0.0.7:23000' })
      for (const method of ['GET', 'HEAD']) {
        const response = await edge.request(`${JPG}?token=hush`, { method })
        assert.equal(response.status, status)
        assert.equal(response.headers['cache-control'], 'no-store')
        assert.equal(response.headers['retry-after'], status === 503 ? '2' : undefined)
        assert.doesNotMatch(
          JSON.stringify(response.headers) + response.body,
          /10\.0\.0\.7|internal/,
        )
      }
    })
  }

  it('is logged under the id that the client is told, without its token', async () => {
    edge.transfer.fault = new EdgeError('replicas_failed', SECRET_TEXT)
    const { headers } = await edge.request(`${JPG}?token=hush`)
    assert.equal(edge.log.length, 1)
    const [line] = edge.log
    assert.equal(line?.level, 'warn')
    assert.equal(line?.fields['requestId'], headers['x-request-id'])
    assert.equal(line?.fields['err'], edge.transfer.fault)
    assert.equal(line?.fields['path'], JPG)
  })

  it('that nobody foresaw is 500 and an error in the log', async () => {
    edge.transfer.fault = new TypeError(SECRET_TEXT)
    const { status, body } = await edge.request(JPG)
    assert.equal(status, 500)
    assert.doesNotMatch(body.toString(), /internal/)
    assert.deepEqual(
      edge.log.map(({ level }) => level),
      ['error'],
    )
  })

  it('"aborted" gets no answer at all', async () => {
    edge.transfer.fault = new EdgeError('aborted', 'x')
    const client = edge.connect().send(formatRequest(JPG, {}))
    await client.assertEnded()
    assert.deepEqual(edge.log, [])
  })
})

describe('a fault in the middle of a body', () => {
  const edge = EdgeFixture.use()
  const parts: { readonly [name: string]: (bytes: Buffer) => AsyncIterable<Buffer> } = {
    'that throws': async function* (bytes) {
      yield bytes.subarray(0, 500)
      throw new EdgeError('connection_lost', 'x')
    },
    'that is too short': async function* (bytes) {
      yield bytes.subarray(0, 500)
    },
    'that is too long': async function* (bytes) {
      yield bytes
      yield bytes
      // Time for what must not go out to go out.
      for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve))
    },
  }
  for (const [what, stream] of Object.entries(parts)) {
    it(`${what} cuts the connection, and the log knows`, async () => {
      edge.log.length = 0
      edge.transfer.add(JPG, BYTES, { stream })
      const client = edge.connect().send(formatRequest(JPG, {}))
      const received = (await client.readToEnd()).toString('latin1')
      const [head = '', body = ''] = received.split('\r\n\r\n')
      if (received !== '') assert.match(head, /Content-Length: 1000/)
      assert.ok(body.length <= (what === 'that is too long' ? 1000 : 500))
      await waitFor('a line in the log', () => edge.log.length === 1)
    })
  }
})

describe('a file that is deleted between two questions', () => {
  const edge = EdgeFixture.use()
  before(() => void edge.transfer.add(JPG, BYTES))

  it('is 404', async () => {
    const open = edge.transfer.open.bind(edge.transfer)
    edge.transfer.open = async (...args) => {
      edge.transfer.remove(JPG)
      return open(...args)
    }
    assert.equal((await edge.request(JPG, { headers: { Range: 'bytes=0-0' } })).status, 404)
  })
})
