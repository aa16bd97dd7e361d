import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseFileId } from '../../../src/wire/fastdfs/file-id.ts'
import { REGULAR_FILE, TRUNK_HEADER, trunkFilename } from '../../../src/wire/fastdfs/trunk.ts'
import { hex } from '../../support/hex.ts'
import { isProtocolError } from '../../support/protocol-error.ts'

const SLOT = hex(`
  46                    # type: F, a regular file
  00 00 09 00           # allocated: 2304
  00 00 08 00           # file size: 2048
  86 32 eb 42           # crc32
  6b 03 16 dd           # modified: 1795364573
  2e 70 6e 67 00 00 00  # extension: .png
`)

describe('a trunk file', () => {
  it('has a header of 24 bytes before each content', () => {
    const header = {
      type: REGULAR_FILE,
      allocSize: 2304,
      fileSize: 2048,
      crc32: 0x8632_eb42,
      modified: 1_795_364_573,
      extName: '.png',
    }
    assert.equal(TRUNK_HEADER.size, 24)
    assert.deepEqual(TRUNK_HEADER.decode(SLOT), header)
    assert.deepEqual(TRUNK_HEADER.encode(header), SLOT)
    assert.throws(() => TRUNK_HEADER.decode(SLOT.subarray(0, 23)), isProtocolError)
  })

  it('is named by six digits beside its ids', () => {
    const filename = 'M00/0A/FF/fwAADGsDFt2Ie8U7AAAIAIYy60IAAAAAQASEwAAAAkA350.png'
    const id = parseFileId({ groupName: 'group3', filename })
    assert.ok(id)
    assert.equal(trunkFilename(id), '0A/FF/000001')
    const slot = { id: 1_234_567, offset: 0, allocSize: 256 }
    assert.equal(trunkFilename({ ...id, trunk: slot }), '0A/FF/1234567')
  })
})
