import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { UNTRUSTED } from '../../src/http/caller.ts'
import { Edge } from '../../src/http/edge.ts'
import type { EdgeRequest } from '../../src/http/message.ts'
import { RequestTrace } from '../../src/http/request-trace.ts'
import { JPG, numberedBytes } from '../support/edge-fixture.ts'
import { MemoryTransfer } from '../support/memory-transfer.ts'

const LOG = { warn: () => {}, error: () => {} }
const URLS = { fastdfs: { hasGroupName: true, groupName: 'group1', isGroup: () => true } }
const TOKEN = {
  secret: 's',
  ttlSeconds: 900,
  failBody: { bytes: Buffer.from('no'), contentType: 'image/png' },
}

function request(options: Partial<EdgeRequest>): EdgeRequest {
  const admit = () => new AbortController().signal
  const caller = { ...UNTRUSTED, address: '127.0.0.1' }
  const trace = new RequestTrace()
  return { method: 'GET', target: JPG, headers: { host: 'a' }, caller, trace, admit, ...options }
}

describe('an edge', () => {
  const transfer = new MemoryTransfer()
  const edge = new Edge({ transfer, log: LOG, urls: URLS })
  transfer.add(JPG, numberedBytes(100), { isCached: true })

  it('answers at once, without leave to wait, what is in memory', () => {
    const admit = () => assert.fail('asked for leave to wait')
    const response = edge.handle(request({ admit }))
    assert.ok(response !== null && !(response instanceof Promise))
    assert.equal(response.status, 200)
    assert.deepEqual(response.body, numberedBytes(100))
  })

  it('copies no byte of what is in memory whole or in one range', () => {
    for (const [headers, start] of [
      [{}, 0],
      [{ range: 'bytes=5-9' }, 5],
    ] as const) {
      const response = edge.handle(request({ headers }))
      assert.ok(response !== null && !(response instanceof Promise))
      assert.ok(Buffer.isBuffer(response.body))
      const whole = transfer.peek({
        system: 'fastdfs',
        groupName: 'group1',
        filename: JPG.replace('/group1/', ''),
      })
      assert.ok(Buffer.isBuffer(whole?.body))
      assert.equal(response.body.buffer, whole.body.buffer)
      assert.equal(response.body.byteOffset, whole.body.byteOffset + start)
    }
  })

  it('gives HEAD no body, whatever the answer', async () => {
    const closed = new Edge({ transfer, log: LOG, urls: URLS, token: TOKEN })
    const targets = [JPG, JPG.replace('group1', 'group2'), '/%', '/']
    for (const one of [edge, closed]) {
      for (const target of targets) {
        const response = await one.handle(request({ method: 'HEAD', target }))
        assert.equal(response?.body, null)
      }
    }
  })

  it('never throws, whatever the transfer does', async () => {
    const broken = new MemoryTransfer()
    broken.peek = () => {
      throw new TypeError('x')
    }
    const response = await new Edge({ transfer: broken, log: LOG, urls: URLS }).handle(request({}))
    assert.equal(response?.status, 500)
  })
})
