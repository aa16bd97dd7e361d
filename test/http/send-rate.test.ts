import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import type { EdgeResponse } from '../../src/http/message.ts'
import { holdToRate } from '../../src/http/send-rate.ts'
import { EdgeFixture, formatRequest, JPG, numberedBytes } from '../support/edge-fixture.ts'
import { waitFor } from '../support/wait-for.ts'

const BYTES = numberedBytes(20_000)
const RATE = { bytesPerSecond: 20_000, afterBytes: 8000 }
/** The bytes after the free ones, but for a first write that needs no wait. */
const LEAST_MS =
  ((BYTES.length - RATE.afterBytes - RATE.bytesPerSecond / 4) * 1000) / RATE.bytesPerSecond

async function* inChunks(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += 3000) yield bytes.subarray(start, start + 3000)
}

for (const [what, options] of [
  ['in memory', { isCached: true }],
  ['that is one buffer', {}],
  ['that is a stream', { stream: inChunks }],
] as const) {
  describe(`a file ${what}, to a client that is held to a rate`, () => {
    const edge = EdgeFixture.use({ limits: { sendRate: RATE } })
    before(() => void edge.transfer.add(JPG, BYTES, options))

    it('is whole, and takes as long as the rate says', async () => {
      const startedAt = performance.now()
      assert.deepEqual((await edge.request(JPG)).body, BYTES)
      const ms = performance.now() - startedAt
      assert.ok(ms >= LEAST_MS * 0.95, `${ms} ms`)
    })

    it('waits for nobody as far as it is free', async () => {
      const headers = { Range: `bytes=0-${RATE.afterBytes - 1}` }
      const ms = await timed(() => edge.request(JPG, { headers }))
      assert.ok(ms < LEAST_MS, `${ms} ms`)
    })

    it('is given up when its client goes', async () => {
      edge.transfer.signals.length = 0
      const client = edge.connect().send(formatRequest(JPG, {}))
      client.socket.once('data', () => client.close())
      await waitFor('the end', () => client.socket.closed)
      await waitFor('the abort', () => edge.transfer.signals.every(({ aborted }) => aborted))
      assert.deepEqual(edge.log, [])
    })
  })
}

describe('a trusted proxy', () => {
  const sendRate = { bytesPerSecond: 1, afterBytes: 0 }
  const edge = EdgeFixture.use({ limits: { sendRate }, trust: { proxies: ['127.0.0.1'] } })

  it('is held to no rate: it fetches for many', async () => {
    edge.transfer.add(JPG, BYTES)
    assert.deepEqual((await edge.request(JPG)).body, BYTES)
  })
})

describe('an answer held to a rate', () => {
  const answer = (body: EdgeResponse['body']): EdgeResponse => ({ status: 200, headers: [], body })

  it('is the same where it has no body, none too long, or there is no rate', () => {
    const rates = [RATE, { ...RATE, bytesPerSecond: 0 }]
    const answers = [answer(null), answer(BYTES.subarray(0, RATE.afterBytes))]
    for (const one of answers) assert.equal(holdToRate(one, RATE, undefined), one)
    for (const rate of rates.slice(1)) {
      const long = answer(BYTES)
      assert.equal(holdToRate(long, rate, undefined), long)
    }
  })

  it('goes out in pieces of which none takes the rate of a second', async () => {
    const { body } = holdToRate(answer(BYTES), RATE, undefined)
    assert.ok(body !== null && !Buffer.isBuffer(body))
    const pieces: number[] = []
    for await (const piece of body.chunks) pieces.push(piece.length)
    assert.equal(pieces[0], RATE.afterBytes)
    assert.ok(pieces.slice(1).every((length) => length > 0 && length <= RATE.bytesPerSecond / 4))
  })
})

async function timed(act: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await act()
  return performance.now() - startedAt
}
