import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { Callers } from '../../src/http/caller.ts'
import { EdgeFixture, JPG, numberedBytes } from '../support/edge-fixture.ts'

const PROOF = 'a1b2c3d4'.repeat(8)
const HEADERS = {
  'x-real-ip': '203.0.113.7',
  'x-request-id': '0123456789abcdef0123456789abcdef',
  'x-dfs-token-checked': PROOF,
  'x-mogilefs-domain': Buffer.from('bücher').toString('latin1'),
  'x-dfs-args': 'filename=\xe5\xb8\xbd',
  'x-dfs-fid': '3',
  'x-dfs-question': '2',
}

describe('callers', () => {
  const callers = new Callers({ proxies: ['127.0.0.1', '10.0.0.0/8', '::1'], tokenProof: PROOF })
  const trusted = { address: '127.0.0.1', isTrusted: true }

  it('trust the addresses and networks that are named, in either notation', () => {
    for (const address of ['127.0.0.1', '::ffff:127.0.0.1', '10.255.0.1', '::1']) {
      assert.equal(callers.isTrusted(address), true, address)
    }
    for (const address of ['127.0.0.2', '11.0.0.1', '::2', '', 'nonsense']) {
      assert.equal(callers.isTrusted(address), false, address)
    }
  })

  it('believe a trusted proxy', () => {
    assert.deepEqual(callers.of(HEADERS, trusted), {
      isTrusted: true,
      address: '203.0.113.7',
      requestId: HEADERS['x-request-id'],
      isTokenChecked: true,
      domain: 'bücher',
      fid: 3,
      rawArgs: 'filename=\xe5\xb8\xbd',
      questionMaxAgeMs: 2000,
    })
  })

  it('believe nobody else', () => {
    assert.deepEqual(callers.of(HEADERS, { address: '198.51.100.1', isTrusted: false }), {
      isTrusted: false,
      address: '198.51.100.1',
      requestId: undefined,
      isTokenChecked: false,
      domain: undefined,
      fid: undefined,
      rawArgs: undefined,
      questionMaxAgeMs: undefined,
    })
  })

  it('believe nothing that has not the right form', () => {
    for (const field of ['', 'no', PROOF.toUpperCase(), `${PROOF}0`, `${PROOF}, ${PROOF}`]) {
      const headers = { 'x-dfs-token-checked': field }
      assert.equal(callers.of(headers, trusted).isTokenChecked, false, field)
    }
    const odd = { 'x-real-ip': 'a b', 'x-request-id': 'short' }
    const { address, requestId } = callers.of(odd, trusted)
    assert.deepEqual([address, requestId], ['127.0.0.1', undefined])
    for (const field of ['', '0', '-1', '1.5', '3, 3', '"3"', '9'.repeat(16)]) {
      assert.equal(callers.of({ 'x-dfs-fid': field }, trusted).fid, undefined, field)
    }
    for (const field of ['', '-1', '0.5', '1, 1', '99999']) {
      const { questionMaxAgeMs } = callers.of({ 'x-dfs-question': field }, trusted)
      assert.equal(questionMaxAgeMs, undefined, field)
    }
    assert.equal(callers.of({ 'x-mogilefs-domain': '' }, trusted).domain, undefined)
  })

  it('take no header for a proof where none was agreed on', () => {
    for (const tokenProof of [undefined, '']) {
      const without = new Callers({ proxies: ['127.0.0.1'], tokenProof })
      for (const field of ['', 'undefined', PROOF]) {
        const headers = { 'x-dfs-token-checked': field }
        assert.equal(without.of(headers, trusted).isTokenChecked, false)
      }
    }
  })
})

for (const proxies of [['127.0.0.1'], ['127.0.0.2']]) {
  const isTrusted = proxies[0] === '127.0.0.1'
  describe(`an edge behind a proxy that it ${isTrusted ? 'trusts' : 'does not trust'}`, () => {
    const token = { secret: 's', ttlSeconds: 900 }
    const edge = EdgeFixture.use({ token, trust: { proxies, tokenProof: PROOF } })
    before(() => void edge.transfer.add(JPG, numberedBytes(10)))

    it(`${isTrusted ? 'leaves' : 'makes'} its own token check`, async () => {
      const response = await edge.request(JPG, { headers: { 'X-Dfs-Token-Checked': PROOF } })
      assert.equal(response.status, isTrusted ? 200 : 403)
      assert.equal((await edge.request(JPG)).status, 403)
    })

    it(`names ${isTrusted ? 'its' : 'an'} id of the request in errors`, async () => {
      const headers = { 'X-Request-Id': HEADERS['x-request-id'] }
      const { headers: answered } = await edge.request('/nothing', { headers })
      assert.equal(answered['x-request-id'] === HEADERS['x-request-id'], isTrusted)
      assert.ok(answered['x-request-id'])
    })
  })
}
