import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  decodeAnswer,
  decodeRequest,
  encodeError,
  encodeOk,
  encodeRequest,
} from '../../../src/wire/mogilefs/line.ts'
import { isProtocolError, valueOrProtocolError } from '../../support/protocol-error.ts'

function okArguments(line: string): Record<string, string> {
  const answer = decodeAnswer(line)
  assert.ok(answer.kind === 'ok', line)
  return Object.fromEntries(answer.args)
}

describe('an answer', () => {
  it('OK may have no arguments, with and without the blank', () => {
    assert.deepEqual(okArguments('OK '), {})
    assert.deepEqual(okArguments('OK'), {})
  })

  it('OK of an old tracker has a length before its arguments', () => {
    assert.deepEqual(okArguments('OK 12 paths=0'), { paths: '0' })
    assert.deepEqual(okArguments('OK 0 '), {})
    assert.deepEqual(okArguments('OK 0'), {})
    assert.deepEqual(okArguments('OK  paths=0'), { paths: '0' })
    assert.deepEqual(okArguments('OK 12=x'), { 12: 'x' })
  })

  it('ERR has a code, a text and a callid', () => {
    assert.deepEqual(decodeAnswer('ERR unknown_key unknown_key'), {
      kind: 'error',
      code: 'unknown_key',
      text: 'unknown_key',
      callid: undefined,
    })
    assert.deepEqual(decodeAnswer('ERR failure Operation+failed 17'), {
      kind: 'error',
      code: 'failure',
      text: 'Operation failed',
      callid: '17',
    })
    assert.deepEqual(decodeAnswer('ERR db'), {
      kind: 'error',
      code: 'db',
      text: '',
      callid: undefined,
    })
  })

  for (const line of [
    '',
    'OKAY',
    'ok paths=0',
    'ERR',
    'ERR ',
    'ERROR x',
    'HTTP/1.0 200 OK',
    '2.73',
  ]) {
    it(`is not "${line}"`, () => assert.throws(() => decodeAnswer(line), isProtocolError))
  }

  it('is read or refused, whatever comes', () => {
    const start = fc.constantFrom('OK ', 'ERR ', 'OK', '')
    const line = fc.tuple(start, fc.string({ unit: 'binary' })).map((parts) => parts.join(''))
    fc.assert(fc.property(line, (text) => void valueOrProtocolError(() => decodeAnswer(text))))
  })

  it('of a hundred thousand arguments is read in one go', () => {
    const line = `OK ${Array.from({ length: 100_000 }, (_, n) => `a${n}=${n}`).join('&')}`
    const answer = decodeAnswer(line)
    assert.equal(answer.kind === 'ok' && answer.args.size, 100_000)
  })

  it('comes back as it was sent', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1 })
    fc.assert(
      fc.property(text, (any) => {
        assert.deepEqual(okArguments(encodeOk({ key: any }).slice(0, -2)), { key: any })
        const sent = decodeAnswer(encodeError('failure', any, '7').slice(0, -2))
        assert.deepEqual(sent, { kind: 'error', code: 'failure', text: any, callid: '7' })
      }),
    )
  })
})

describe('a request', () => {
  it('keeps its blank where it has no arguments', () => {
    assert.equal(encodeRequest('get_hosts'), 'get_hosts \r\n')
    assert.equal(encodeRequest('get_hosts', { hostid: 2 }), 'get_hosts hostid=2\r\n')
  })

  it('is one line, whatever a key holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (key) => {
        const line = encodeRequest('get_paths', { domain: 'img', key })
        assert.equal(line.indexOf('\n'), line.length - 1)
        assert.deepEqual([...(decodeRequest(line)?.args.keys() ?? [])], ['domain', 'key'])
      }),
    )
  })

  it('is read in either case, after blanks, with LF or CRLF', () => {
    for (const line of ['NOOP\r', ' NOOP', 'noop', '\tNoop \r']) {
      assert.equal(decodeRequest(line)?.command, 'noop', line)
    }
    assert.equal(decodeRequest('GET_PATHS  key=a b')?.args.get('key'), 'a b')
    for (const blank of ['', '\r', '  ', ' \r']) assert.equal(decodeRequest(blank), null)
  })
})
