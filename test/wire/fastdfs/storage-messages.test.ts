import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  APPEND,
  decodeDownload,
  decodeFileInfo,
  decodeSetMetadata,
  decodeTruncate,
  encodeDownload,
  encodeFileInfo,
  encodeSetMetadata,
  encodeTruncate,
  MODIFY,
  UPLOAD,
  UPLOAD_SLAVE,
} from '../../../src/wire/fastdfs/storage-messages.ts'
import {
  decodeFileName,
  decodeGroupName,
  encodeFileName,
} from '../../../src/wire/fastdfs/tracker-messages.ts'
import { hex } from '../../support/hex.ts'
import { isInvalidRef, isProtocolError } from '../../support/protocol-error.ts'

/** Every beginning of `body` shorter than `length` bytes is refused. */
function assertRefusedWhenCut(decode: (body: Buffer) => unknown, body: Buffer, length: number) {
  for (let cut = 0; cut < length; cut++) {
    assert.throws(() => decode(body.subarray(0, cut)), isProtocolError, `${cut} bytes`)
  }
}

describe('a file name (12, 15, 22, 102, 103, 105)', () => {
  const body = hex(`
    67 31 00 00 00 00 00 00 00 00 00 00 00 00 00 00  # group name: g1
    4d 30 30 2f 78                                   # filename: M00/x
  `)

  it('is a group and the rest', () => {
    const name = { groupName: 'g1', filename: 'M00/x' }
    assert.deepEqual(decodeFileName(body), name)
    assert.deepEqual(encodeFileName(name), body)
    assert.equal(decodeFileName(body.subarray(0, 16)).filename, '')
    assertRefusedWhenCut(decodeFileName, body, 16)
    assertRefusedWhenCut(decodeGroupName, body, 16)
  })

  it('has no group of more than 16 bytes', () => {
    const name = { groupName: 'a'.repeat(17), filename: 'M00/x' }
    assert.throws(() => encodeFileName(name), isInvalidRef)
  })
})

describe('DOWNLOAD_FILE (14)', () => {
  const body = hex(`
    00 00 00 01 00 00 00 00                          # offset: 4 GiB
    00 00 00 00 00 00 00 28                          # length: 40
    67 31 00 00 00 00 00 00 00 00 00 00 00 00 00 00  # group name: g1
    4d 30 30 2f 78                                   # filename: M00/x
  `)

  it('asks for a part of a file', () => {
    const request = { offset: 2 ** 32, length: 40, groupName: 'g1', filename: 'M00/x' }
    assert.deepEqual(decodeDownload(body), request)
    assert.deepEqual(encodeDownload(request), body)
    assertRefusedWhenCut(decodeDownload, body, 32)
  })

  it('may hold a number below zero, for the storage to refuse', () => {
    const request = { offset: -1, length: -5, groupName: 'g1', filename: 'M00/x' }
    assert.deepEqual(decodeDownload(encodeDownload(request)), request)
  })
})

describe('QUERY_FILE_INFO (22)', () => {
  const head = hex(`
    00 00 00 01 00 00 00 00  # size: 4 GiB
    00 00 00 00 6b 03 16 dc  # modified: 1795364572
    ff ff ff ff 8a 24 65 23  # crc32: 2317640995 as a signed number
  `)
  const info = { size: 2 ** 32, modified: 1_795_364_572, crc32: 2_317_640_995 }

  it('answers 16 or 46 bytes wide', () => {
    for (const [width, sourceIpAddr] of [
      [16, '127.0.0.3'],
      [46, '2001:db8:1:2:3:4:5:6'],
    ] as const) {
      const body = Buffer.concat([head, Buffer.from(sourceIpAddr)], 24 + width)
      assert.deepEqual(decodeFileInfo(body), { ...info, sourceIpAddr })
      assert.deepEqual(encodeFileInfo({ ...info, sourceIpAddr }, width), body)
    }
  })

  it('is refused in any other length', () => {
    const body = Buffer.concat([head], 80)
    for (let length = 0; length <= body.length; length++) {
      if (length === 40 || length === 70) continue
      assert.throws(() => decodeFileInfo(body.subarray(0, length)), isProtocolError, `${length}`)
    }
  })

  it('is refused with a size below zero', () => {
    const body = Buffer.concat([hex('ff ff ff ff ff ff ff ff'), head.subarray(8)], 40)
    assert.throws(() => decodeFileInfo(body), isProtocolError)
  })
})

describe('requests that end in content', () => {
  it('UPLOAD_FILE (11)', () => {
    const body = hex(`
      01                       # store path index: 1
      00 00 00 01 00 00 00 05  # size: 4 GiB and 5
      74 61 72 2e 67 7a        # extension: tar.gz
    `)
    const head = { storePathIndex: 1, size: 2 ** 32 + 5, extName: 'tar.gz' }
    assert.deepEqual(UPLOAD.head.decode(body), head)
    assert.deepEqual(UPLOAD.head.encode(head), body)
    assert.equal(UPLOAD.nameLength(head), 0)
    assert.equal(UPLOAD.contentLength(head), 2 ** 32 + 5)
    assertRefusedWhenCut((cut) => UPLOAD.head.decode(cut), body, body.length)
  })

  it('UPLOAD_SLAVE_FILE (21)', () => {
    const body = hex(`
      00 00 00 00 00 00 00 2c                          # length of the master's name: 44
      00 00 00 00 00 00 00 04                          # size: 4
      5f 73 00 00 00 00 00 00 00 00 00 00 00 00 00 00  # prefix: _s
      74 78 74 00 00 00                                # extension: txt
    `)
    const head = { masterLength: 44, size: 4, prefix: '_s', extName: 'txt' }
    assert.deepEqual(UPLOAD_SLAVE.head.decode(body), head)
    assert.deepEqual(UPLOAD_SLAVE.head.encode(head), body)
    assert.equal(UPLOAD_SLAVE.nameLength(head), 44)
    assert.equal(UPLOAD_SLAVE.contentLength(head), 4)
  })

  it('APPEND_FILE (24) and MODIFY_FILE (34)', () => {
    const append = hex('00 00 00 00 00 00 00 2c  00 00 00 00 00 00 00 09')
    assert.deepEqual(APPEND.head.decode(append), { filenameLength: 44, size: 9 })
    assert.equal(APPEND.nameLength({ filenameLength: 44, size: 9 }), 44)
    const modify = hex('00 00 00 00 00 00 00 2c  00 00 00 00 00 00 00 01  00 00 00 00 00 00 00 09')
    assert.deepEqual(MODIFY.head.decode(modify), { filenameLength: 44, offset: 1, size: 9 })
    assert.equal(MODIFY.contentLength({ filenameLength: 44, offset: 1, size: 9 }), 9)
  })

  it('are refused with a length below zero', () => {
    const minusOne = 'ff ff ff ff ff ff ff ff'
    const rest = '00 '.repeat(40)
    const refused = [
      () => UPLOAD.head.decode(hex(`01 ${minusOne} ${rest}`)),
      () => UPLOAD_SLAVE.head.decode(hex(`${minusOne} ${rest}`)),
      () => APPEND.head.decode(hex(`${minusOne} ${rest}`)),
      () => MODIFY.head.decode(hex(`${minusOne} ${rest}`)),
    ]
    for (const decode of refused) assert.throws(decode, isProtocolError)
  })
})

describe('TRUNCATE_FILE (36)', () => {
  const body = hex(`
    00 00 00 00 00 00 00 05  # length of the name: 5
    00 00 00 00 00 00 00 09  # bytes to keep: 9
    4d 30 30 2f 78           # filename: M00/x
  `)

  it('names a file and what is left of it', () => {
    assert.deepEqual(decodeTruncate(body), { filename: 'M00/x', size: 9 })
    assert.deepEqual(encodeTruncate('M00/x', 9), body)
    assertRefusedWhenCut(decodeTruncate, body, body.length)
    assert.throws(() => decodeTruncate(Buffer.concat([body, hex('00')])), isProtocolError)
  })
})

describe('SET_METADATA (13)', () => {
  const body = hex(`
    00 00 00 00 00 00 00 05                          # length of the name: 5
    00 00 00 00 00 00 00 03                          # length of the metadata: 3
    4f                                               # flag: O
    67 31 00 00 00 00 00 00 00 00 00 00 00 00 00 00  # group name: g1
    4d 30 30 2f 78                                   # filename: M00/x
    6b 02 76                                         # metadata: k, v
  `)

  it('names a file, its metadata and what to do with it', () => {
    const request = decodeSetMetadata(body)
    const metadata = hex('6b 02 76')
    assert.deepEqual(request, { flag: 'O', groupName: 'g1', filename: 'M00/x', metadata })
    assert.deepEqual(encodeSetMetadata(request), body)
    assertRefusedWhenCut(decodeSetMetadata, body, body.length)
  })

  it('is refused with another flag', () => {
    const other = Buffer.from(body)
    other.write('X', 16)
    assert.throws(() => decodeSetMetadata(other), isProtocolError)
  })

  it('is refused with a length below zero, though the sum is right', () => {
    const other = Buffer.from(body)
    other.writeBigInt64BE(-1n, 0)
    other.writeBigInt64BE(9n, 8)
    assert.throws(() => decodeSetMetadata(other), isProtocolError)
  })

  it('takes names by their bytes, not their characters', () => {
    const request = { flag: 'M', groupName: 'g1', filename: 'M00/é' } as const
    const decoded = decodeSetMetadata(encodeSetMetadata({ ...request, metadata: hex('6b') }))
    assert.deepEqual(decoded, { ...request, metadata: hex('6b') })
  })
})
