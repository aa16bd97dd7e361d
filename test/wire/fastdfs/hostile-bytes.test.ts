import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { HEADER } from '../../../src/wire/fastdfs/header.ts'
import { decodeMetadata } from '../../../src/wire/fastdfs/metadata.ts'
import { parseStorageIds } from '../../../src/wire/fastdfs/storage-ids.ts'
import {
  APPEND,
  decodeDownload,
  decodeFileInfo,
  decodeSetMetadata,
  decodeTruncate,
  encodeTruncate,
  MODIFY,
  UPLOAD,
  UPLOAD_SLAVE,
} from '../../../src/wire/fastdfs/storage-messages.ts'
import {
  decodeFileName,
  decodeGroupName,
  decodeGroupStats,
  decodeServer,
  decodeServers,
  decodeStorageIdsPage,
  decodeStorageIdsRequest,
  decodeStorageStats,
  decodeStoreTarget,
} from '../../../src/wire/fastdfs/tracker-messages.ts'
import { TRUNK_HEADER } from '../../../src/wire/fastdfs/trunk.ts'
import recorded from '../../fixtures/fastdfs-wire.json' with { type: 'json' }
import { valueOrProtocolError } from '../../support/protocol-error.ts'

const DECODERS: Readonly<Record<string, (body: Buffer) => unknown>> = {
  header: (body) => HEADER.decode(body),
  'group name': decodeGroupName,
  'file name': decodeFileName,
  'server (102, 103)': decodeServer,
  'servers (105)': decodeServers,
  'store target (101, 104, 106, 107)': decodeStoreTarget,
  'groups (90, 91)': decodeGroupStats,
  'storages (92)': (body) => decodeStorageStats(body),
  'storages (92), their number known': (body) => decodeStorageStats(body, 2),
  'storage ids request (69)': decodeStorageIdsRequest,
  'storage ids (69)': (body) => parseStorageIds(decodeStorageIdsPage(body).text),
  'download (14)': decodeDownload,
  'file info (22)': decodeFileInfo,
  'upload (11, 23)': (body) => UPLOAD.head.decode(body),
  'slave upload (21)': (body) => UPLOAD_SLAVE.head.decode(body),
  'append (24)': (body) => APPEND.head.decode(body),
  'modify (34)': (body) => MODIFY.head.decode(body),
  'truncate (36)': decodeTruncate,
  'set metadata (13)': decodeSetMetadata,
  'metadata (15)': (body) => decodeMetadata(body),
  'trunk slot': (body) => TRUNK_HEADER.decode(body),
}

const RECORDED = recorded.flatMap(({ request, response }) =>
  [request.body_hex, response.body_hex].map((text = '') => Buffer.from(text, 'hex')),
)
const BODIES = [...RECORDED, encodeTruncate('M00/x', 9)]

const anyBytes = fc.uint8Array({ maxLength: 1100 }).map((bytes) => Buffer.from(bytes))

/** Zeros with a few bytes set: most of what is not text on the wire. */
const sparse = fc
  .tuple(
    fc.integer({ min: 0, max: 1100 }),
    fc.array(fc.tuple(fc.nat(1100), fc.nat(255)), { maxLength: 8 }),
  )
  .map(([length, bytes]) => withBytes(Buffer.alloc(length), bytes))

/** What a daemon once sent, with a few bytes changed, and cut or lengthened. */
const damaged = fc
  .tuple(
    fc.constantFrom(...BODIES),
    fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 4 }),
    fc.nat(1100),
  )
  .map(([body, bytes, length]) => withBytes(Buffer.concat([body], length), bytes))

function withBytes(buffer: Buffer, bytes: readonly (readonly [number, number])[]): Buffer {
  for (const [offset, byte] of bytes) {
    if (offset < buffer.length) buffer[offset] = byte
  }
  return buffer
}

describe('whatever bytes come', () => {
  for (const [what, decode] of Object.entries(DECODERS)) {
    it(`${what} is read or is a protocol error`, () => {
      let reads = 0
      fc.assert(
        fc.property(fc.oneof(anyBytes, sparse, damaged), (body) => {
          if (valueOrProtocolError(() => decode(body)) !== undefined) reads += 1
        }),
        { numRuns: 600, examples: BODIES.map((body): [Buffer] => [body]) },
      )
      assert.ok(reads > 0, 'nothing could ever be read')
    })
  }

  it('no server is found without an address and a port', () => {
    fc.assert(
      fc.property(fc.oneof(sparse, damaged), (body) => {
        const servers = valueOrProtocolError(() => decodeServers(body))?.servers ?? []
        for (const { ipAddr, port } of servers) {
          assert.ok(ipAddr !== '' && port >= 1 && port <= 65_535, `${ipAddr}:${port}`)
        }
      }),
      { numRuns: 1000 },
    )
  })
})
