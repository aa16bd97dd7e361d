import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { ambiguousMessages } from '../suites/smuggling.ts'
import { EdgeFixture, FLV, JPG, numberedBytes } from '../support/edge-fixture.ts'

/** Where what is hidden is a request of its own by RFC 9112: the message ends before it. */
const PARTED = new Set(['an underscore', 'HTTP/1.0 with chunks'])

describe('a request that may be read in two ways', () => {
  const edge = EdgeFixture.use({ limits: { lingerMs: 50 } })
  before(() => {
    edge.transfer.add(JPG, numberedBytes(100))
    edge.transfer.add(FLV, numberedBytes(200))
  })

  for (const { what, bytes } of ambiguousMessages(JPG, FLV)) {
    it(`${what}: what it hides is not answered`, async () => {
      edge.transfer.questions.length = 0
      const client = edge.connect().send(bytes)
      client.socket.end()
      const received = `${await client.readToEnd()}`
      const answers = received.split('HTTP/1.1 ').length - 1
      assert.ok(answers >= 1, received)
      if (PARTED.has(what)) return
      assert.equal(answers, 1, received)
      assert.deepEqual(
        edge.transfer.questions.filter((question) => question.includes(FLV)),
        [],
      )
    })
  }
})
