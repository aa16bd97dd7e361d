import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  createFilename,
  createSlaveFilename,
  type NewFilename,
  parseFileId,
  splitFileId,
} from '../../../src/wire/fastdfs/file-id.ts'
import { trunkFilename } from '../../../src/wire/fastdfs/trunk.ts'
import recorded from '../../fixtures/fastdfs-file-ids.json' with { type: 'json' }

const uint32 = fc.nat(2 ** 32 - 1)
const hexPair = fc.nat(255).map((byte) => byte.toString(16).toUpperCase().padStart(2, '0'))

/** A last part of 0 would make the address a storage id. */
const address = fc
  .tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.integer({ min: 1, max: 255 }))
  .map((parts) => ({ ipAddr: parts.join('.') }))

const newFile: fc.Arbitrary<NewFilename> = fc.record({
  storePathIndex: fc.nat(255),
  subdirs: fc.tuple(hexPair, hexPair).map((pairs) => pairs.join('/')),
  source: fc.oneof(address, fc.record({ id: fc.integer({ min: 1, max: 2 ** 24 - 1 }) })),
  createTimestamp: uint32,
  size: fc.oneof(fc.nat(2 ** 20), fc.maxSafeNat()),
  crc32: uint32,
  isAppender: fc.boolean(),
  extName: fc.oneof(fc.stringMatching(/^[a-z0-9]{0,6}$/), fc.constant('tar.gz')),
  random: fc.tuple(uint32, uint32),
})

describe('createFilename and parseFileId', () => {
  it('round trip', () => {
    fc.assert(
      fc.property(newFile, (file) => {
        const filename = createFilename(file)
        assert.match(filename, /^.{44}$/)
        const id = parseFileId({ groupName: 'group1', filename })
        assert.ok(id, filename)
        const { storePathIndex, createTimestamp } = file
        assert.deepEqual(
          {
            kind: id.kind,
            storePathIndex: id.storePathIndex,
            subdirs: id.dataPath.slice(0, 5),
            source: id.sourceIp ?? id.sourceId,
            createTimestamp: id.createTimestamp,
            content: [id.size, id.crc32],
          },
          {
            kind: file.isAppender ? 'appender' : 'normal',
            storePathIndex,
            subdirs: file.subdirs,
            source: 'id' in file.source ? file.source.id : file.source.ipAddr,
            createTimestamp,
            content: file.isAppender ? [null, null] : [file.size, file.crc32],
          },
        )
      }),
      { numRuns: 500 },
    )
  })

  it('see a slave in a name with a prefix such as people use', () => {
    const prefix = fc.stringMatching(/^[_-][a-z0-9]{1,12}$/)
    fc.assert(
      fc.property(newFile, prefix, fc.constantFrom('', 'jpg'), (file, name, extName) => {
        const master = { groupName: 'group1', filename: createFilename(file) }
        const filename = createSlaveFilename(master, name, extName)
        assert.equal(parseFileId({ groupName: 'group1', filename })?.kind, 'slave')
      }),
    )
  })
})

describe('parseFileId', () => {
  const name = fc.string({ unit: 'binary' })
  const idLike = fc.stringMatching(/^M0[0-9a-zA-Z]\/[0-9A-Fa-f]{2}\/[0-9A-F.]{2}\/[\w./-]{20,110}$/)
  const unpaired = fc.array(fc.nat(0xff_ff)).map((units) => String.fromCharCode(...units))

  /** A recorded id with something in place of some of its characters. */
  const damaged = fc
    .tuple(
      fc.constantFrom(...recorded.map(({ file_id }) => file_id.replace(/^[^/]+\//, ''))),
      fc.nat(70),
      fc.nat(3),
      fc.oneof(fc.string({ unit: 'binary', maxLength: 3 }), fc.constantFrom('/', '..', '\0', '%')),
    )
    .map(([text, start, count, put]) => text.slice(0, start) + put + text.slice(start + count))

  it('never throws, and lets no name out of its folder', () => {
    fc.assert(
      fc.property(fc.oneof(name, idLike, unpaired, damaged), name, (filename, groupName) => {
        parseFileId({ groupName, filename })
        splitFileId(filename)
        const id = parseFileId({ groupName: 'group1', filename })
        if (id === undefined) return
        for (const path of [id.dataPath, trunkFilename(id)]) {
          assert.match(path, /^[0-9A-F]{2}\/[0-9A-F]{2}\/[A-Za-z0-9_-][^/\\]*$/)
          assert.doesNotMatch(path, /\p{Cc}/u)
        }
        assert.ok(id.size === null || Number.isSafeInteger(id.size))
        assert.ok(filename.endsWith(id.dataPath))
      }),
      { numRuns: 3000 },
    )
  })
})
