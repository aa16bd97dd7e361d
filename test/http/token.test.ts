import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { createToken } from '../../src/wire/token.ts'
import { EdgeFixture, EMPTY, JPG, numberedBytes } from '../support/edge-fixture.ts'

const SECRET = 'FastDFS1234567890'
const NOW = 1_790_000_000
const FILENAME = JPG.replace('/group1/', '')
const FAIL_BODY = { bytes: Buffer.from('no stealing'), contentType: 'image/png' }

function signed(filename = FILENAME, ts = `${NOW}`, secret = SECRET): string {
  return `token=${createToken(filename, ts, secret)}&ts=${ts}`
}

describe('with tokens', () => {
  const edge = EdgeFixture.use({
    token: { secret: SECRET, ttlSeconds: 900 },
    now: () => NOW * 1000,
  })
  before(() => void edge.transfer.add(JPG, numberedBytes(100)))

  const cases: readonly (readonly [string, string, number])[] = [
    ['the right one', signed(), 200],
    ['one at the end of its time', signed(FILENAME, `${NOW - 900}`), 200],
    ['one that never ends', signed(FILENAME, '0'), 200],
    ['one from the future', signed(FILENAME, `${NOW + 500}`), 200],
    ['other arguments around it', `x=1&${signed()}&filename=y`, 200],
    ['one whose time is over', signed(FILENAME, `${NOW - 901}`), 403],
    ['one over the name with its group', signed(`group1/${FILENAME}`), 403],
    ['one with another secret', signed(FILENAME, `${NOW}`, 'x'), 403],
    ['one in upper case', signed().replace(/=\w{32}/, (text) => text.toUpperCase()), 403],
    ['a time that is no number', signed(FILENAME, `${NOW}xyz`), 403],
    ['the right one after a wrong one', `token=x&${signed()}`, 403],
    ['no time', signed().replace(/&ts.*/, ''), 403],
    ['none', '', 403],
  ]
  for (const [what, query, status] of cases) {
    it(`${what} is ${status}`, async () => {
      assert.equal((await edge.request(`${JPG}?${query}`)).status, status)
    })
  }

  it('nothing is told about files, and no storage is asked', async () => {
    edge.transfer.questions.length = 0
    for (const target of [JPG, EMPTY, `${JPG}-m`]) {
      const { status, headers } = await edge.request(target, { headers: { Range: 'bytes=0-0' } })
      assert.equal(status, 403)
      assert.equal(headers['cache-control'], 'no-store')
      assert.equal(headers['etag'], undefined)
    }
    assert.deepEqual(edge.transfer.questions, [])
  })

  it('metadata is not to be had', async () => {
    assert.equal((await edge.request(`${JPG}-m?${signed(`${FILENAME}-m`)}`)).status, 404)
  })

  it('OPTIONS needs none', async () => {
    assert.equal((await edge.request(JPG, { method: 'OPTIONS' })).status, 204)
  })
})

describe('with tokens and a picture for those who have none', () => {
  const edge = EdgeFixture.use({ token: { secret: SECRET, ttlSeconds: 900, failBody: FAIL_BODY } })

  it('it is the body of the 403', async () => {
    const { status, headers, body } = await edge.request(JPG, { headers: { Range: 'bytes=0-0' } })
    assert.equal(status, 403)
    assert.deepEqual(body, FAIL_BODY.bytes)
    assert.equal(headers['content-type'], 'image/png')
    assert.equal(headers['cache-control'], 'no-store')
    assert.equal(headers['last-modified'], undefined)
  })

  it('HEAD gets its header only', async () => {
    const { headers } = await edge.request(JPG, { method: 'HEAD' })
    assert.equal(headers['content-length'], '11')
  })
})
