import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Turns } from '../../src/transfer/turns.ts'
import { EdgeFixture, FLV, formatRequest, HTML, JPG } from '../support/edge-fixture.ts'

const CHUNK = Buffer.alloc(65_536)
const CHUNKS = 1024
const CLIENTS = 100
/** Of one who asks for little: each takes a few rounds of the loop that all share here. */
const QUESTIONS = 8

const nextRound = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('turns to send', () => {
  it('are everybody’s until so many bytes are on their way, and again in the next round', async () => {
    const turns = new Turns(100)
    assert.deepEqual([turns.take(60), turns.take(60)], [undefined, undefined])
    const sent: string[] = []
    const waiting = ['a', 'b', 'c'].map(async (name) => {
      await turns.take(60)
      sent.push(name)
    })
    await Promise.resolve()
    assert.deepEqual(sent, [])
    await nextRound()
    assert.deepEqual(sent, ['a', 'b'])
    await Promise.all(waiting)
    assert.deepEqual(sent, ['a', 'b', 'c'])
    await nextRound()
    assert.equal(turns.take(1000), undefined)
  })

  it('are no more than one where a chunk is larger than all that may go out in a round', async () => {
    const turns = new Turns(100)
    assert.equal(turns.take(1000), undefined)
    let isSent = false
    const second = turns.take(1000)?.then(() => {
      isSent = true
    })
    await Promise.resolve()
    assert.equal(isSent, false)
    await second
  })
})

describe('clients that all begin a long answer at once', () => {
  const edge = EdgeFixture.use()
  let taken = 0

  async function* chunks(): AsyncGenerator<Buffer> {
    for (let i = 0; i < CHUNKS; i += 1) {
      taken += 1
      yield CHUNK
    }
  }

  it('leave others their turn', async () => {
    const { facts } = edge.transfer.add(JPG, CHUNK)
    const size = CHUNK.length * CHUNKS
    edge.transfer.open = async () => ({
      facts: { ...facts, size },
      range: { start: 0, end: size },
      body: chunks(),
    })
    const other = edge.connect()
    other.send(formatRequest(HTML, { method: 'HEAD' }))
    await other.read('HEAD')
    for (let i = 0; i < CLIENTS; i += 1) {
      const client = edge.connect().send(formatRequest(JPG, {}))
      client.socket.pause()
    }
    while (taken === 0) await nextRound()
    for (let i = 0; i < QUESTIONS; i += 1) {
      other.send(formatRequest(FLV, { method: 'HEAD' }))
      assert.equal((await other.read('HEAD')).status, 404)
    }
    // What the buffers of the system take of each is some 40 chunks.
    assert.ok(taken < CLIENTS * 5, `${taken} chunks went out before`)
  })
})
