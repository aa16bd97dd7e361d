import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { COMMAND, commandName } from '../../../src/wire/fastdfs/commands.ts'
import { encodeFrame, HEADER } from '../../../src/wire/fastdfs/header.ts'
import { STATUS, statusError, statusMeaning } from '../../../src/wire/fastdfs/status.ts'
import { hex } from '../../support/hex.ts'
import { isProtocolError } from '../../support/protocol-error.ts'

const NOT_FOUND = hex(`
  00 00 00 00 00 00 00 00  # body length: 0
  64                       # command: RESPONSE
  02                       # status: ENOENT
`)

describe('a header', () => {
  it('is ten bytes: length, command, status', () => {
    const header = { bodyLength: 0, command: COMMAND.RESPONSE, status: STATUS.ENOENT }
    assert.equal(HEADER.size, 10)
    assert.deepEqual(HEADER.decode(NOT_FOUND), header)
    assert.deepEqual(HEADER.encode(header), NOT_FOUND)
  })

  it('is read with its body behind it in one packet', () => {
    const frame = encodeFrame(COMMAND.RESPONSE, Buffer.from('body'))
    assert.equal(HEADER.decode(frame).bodyLength, 4)
    assert.equal(`${frame.subarray(HEADER.size)}`, 'body')
  })

  it('may announce 5 GiB', () => {
    const bytes = hex('00 00 00 01 40 00 00 00  64 00')
    assert.equal(HEADER.decode(bytes).bodyLength, 5 * 2 ** 30)
  })

  it('is refused when cut, or with a length that no body has', () => {
    for (let length = 0; length < HEADER.size; length++) {
      assert.throws(() => HEADER.decode(NOT_FOUND.subarray(0, length)), isProtocolError)
    }
    assert.throws(() => HEADER.decode(hex('ff ff ff ff ff ff ff ff  64 00')), isProtocolError)
    assert.throws(() => HEADER.decode(hex('7f ff ff ff ff ff ff ff  64 00')), isProtocolError)
    assert.throws(() => HEADER.decode(Buffer.from('HTTP/1.1 400')), isProtocolError)
  })
})

describe('encodeFrame', () => {
  it('counts its body', () => {
    const frame = encodeFrame(COMMAND.QUERY_FETCH_ONE, Buffer.from('ab'))
    assert.deepEqual(frame, hex('00 00 00 00 00 00 00 02  66 00  61 62'))
  })

  it('counts content that will follow, and carries flags in the status', () => {
    const upload = encodeFrame(COMMAND.UPLOAD_FILE, Buffer.from('ab'), { streamedLength: 2 ** 32 })
    assert.deepEqual(upload, hex('00 00 00 01 00 00 00 02  0b 00  61 62'))
    const quiet = encodeFrame(COMMAND.QUERY_FILE_INFO, Buffer.alloc(0), { status: 2 })
    assert.deepEqual(quiet, hex('00 00 00 00 00 00 00 00  16 02'))
  })
})

describe('commands and states', () => {
  it('have names for messages, and a number where there is none', () => {
    assert.equal(commandName(COMMAND.QUERY_FETCH_ALL), 'QUERY_FETCH_ALL (105)')
    assert.equal(commandName(250), 'command 250')
    assert.equal(statusMeaning(STATUS.ENOENT), 'no such file, group or storage (2)')
    assert.equal(statusMeaning(77), 'unknown status (77)')
  })

  it('become an error in a step of their own', () => {
    const error = statusError(STATUS.EBUSY, 'QUERY_FETCH_ONE (102)', '127.0.0.1:22122')
    assert.equal(error.code, 'refused_by_server')
    assert.equal(error.status, STATUS.EBUSY)
    assert.equal(error.host, '127.0.0.1:22122')
    assert.match(error.message, /QUERY_FETCH_ONE \(102\): busy \(16\)/)
  })
})
