import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { findMessageFault, sizeUpBody } from '../../src/http/message-fault.ts'
import { readParseError } from '../../src/http/parse-error.ts'

function faultOf(host: string | undefined, httpVersion = '1.1'): number | undefined {
  return findMessageFault({ httpVersion, target: '/', headers: { host } }, 8192)
}

describe('a Host field', () => {
  const good = [
    'a',
    'img.example',
    'img.example:80',
    '127.0.0.1',
    '[::1]',
    '[::1]:8080',
    '',
    'a_b',
    'a:',
    '%41.example',
  ]
  for (const host of good) it(`'${host}' is taken`, () => assert.equal(faultOf(host), undefined))

  const bad = [
    'a, b',
    'a, a',
    'a b',
    'a/b',
    'u@a',
    'a:b',
    'a:80:80',
    '::1',
    '[::1',
    'a?b',
    'a#b',
    'a%zz',
    'a%4',
    '\xe4',
  ]
  for (const host of bad) it(`'${host}' is refused`, () => assert.equal(faultOf(host), 400))

  it('is missing in HTTP/1.0 only', () => {
    assert.equal(faultOf(undefined), 400)
    assert.equal(faultOf(undefined, '1.0'), undefined)
  })
})

describe('the form of a message', () => {
  it('has a version that is spoken here', () => {
    for (const version of ['0.9', '2.0', '1.2']) assert.equal(faultOf('a', version), 505)
  })

  it('has a target of 8192 bytes at most', () => {
    const headers = { host: 'a' }
    const fault = (length: number) =>
      findMessageFault({ httpVersion: '1.1', target: 'x'.repeat(length), headers }, 8192)
    assert.equal(fault(8192), undefined)
    assert.equal(fault(8193), 414)
  })

  it('has no transfer coding but chunked', () => {
    const fault = (coding: string) =>
      findMessageFault(
        { httpVersion: '1.1', target: '/', headers: { host: 'a', 'transfer-encoding': coding } },
        8192,
      )
    assert.equal(fault('chunked'), undefined)
    assert.equal(fault('Chunked'), undefined)
    assert.equal(fault('gzip, chunked'), 501)
    assert.equal(fault('gzip'), 400)
    assert.equal(fault('identity'), 400)
  })

  it('tells how much of a body comes', () => {
    assert.equal(sizeUpBody({}, 10), 'none')
    assert.equal(sizeUpBody({ 'content-length': '0' }, 10), 'none')
    assert.equal(sizeUpBody({ 'content-length': '10' }, 10), 'small')
    assert.equal(sizeUpBody({ 'content-length': '11' }, 10), 'large')
    assert.equal(sizeUpBody({ 'transfer-encoding': 'chunked' }, 10), 'large')
  })
})

describe('a parse error', () => {
  const cases: readonly (readonly [string, string, number, number])[] = [
    ['HPE_INVALID_METHOD', 'BOGUS / HTTP/1.1\r\nHost: a\r\n', 1, 501],
    ['HPE_INVALID_METHOD', 'GET /a HTTP/1.1\r\nHost: a\r\n\r\nBOGUS / HTTP/1.1\r\n', 30, 501],
    ['HPE_INVALID_METHOD', '\x16\x03\x01\x02', 0, 400],
    ['HPE_INVALID_METHOD', 'hello world', 0, 400],
    ['HPE_INVALID_METHOD', 'SSH-2.0-OpenSSH_9.2\r\n', 1, 400],
    ['HPE_INVALID_VERSION', 'GET / HTTP/1.2\r\n', 14, 505],
    ['HPE_INVALID_VERSION', 'GET / HTTP/1.1 x\r\n', 14, 400],
    ['HPE_INVALID_VERSION', 'GET / HTTP/1.1\nX: y\n', 15, 400],
    ['HPE_HEADER_OVERFLOW', `GET /${'a'.repeat(90)} HTTP/1.1\r\n`, 95, 414],
    ['HPE_HEADER_OVERFLOW', `GET / HTTP/1.1\r\nX: ${'a'.repeat(90)}\r\n`, 100, 431],
    ['HPE_HEADER_OVERFLOW', 'a'.repeat(90), 90, 431],
    ['HPE_INVALID_URL', 'GET /\x01 HTTP/1.1\r\n', 5, 400],
    ['HPE_PAUSED_H2_UPGRADE', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 24, 505],
    ['HPE_CHUNK_EXTENSIONS_OVERFLOW', '1;x\r\n', 3, 413],
    ['HPE_SOMETHING_NEW', 'GET / HTTP/1.1\r\n', 3, 400],
  ]
  for (const [code, packet, bytesParsed, status] of cases) {
    it(`${code} at ${bytesParsed} of ${JSON.stringify(packet.slice(0, 20))} is ${status}`, () => {
      const rawPacket = Buffer.from(packet, 'latin1')
      const error = Object.assign(new Error('x'), { code, rawPacket, bytesParsed })
      assert.equal(readParseError(error).status, status)
    })
  }

  it('without a packet is a bad request, unless time ran out', () => {
    const withCode = (code: string) =>
      readParseError(Object.assign(new Error('x'), { code })).status
    assert.equal(withCode('HPE_INVALID_EOF_STATE'), 400)
    assert.equal(withCode('ERR_HTTP_REQUEST_TIMEOUT'), 408)
    assert.equal(readParseError(new Error('x')).status, 400)
  })

  it('knows a HEAD', () => {
    const rawPacket = Buffer.from('HEAD / HTTP/1.2\r\n')
    const error = { code: 'HPE_INVALID_VERSION', rawPacket, bytesParsed: 15 }
    assert.equal(readParseError(Object.assign(new Error('x'), error)).isHead, true)
  })
})
