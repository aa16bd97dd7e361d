import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { COMMAND } from '../../../src/wire/fastdfs/commands.ts'
import { encodeFrame, HEADER } from '../../../src/wire/fastdfs/header.ts'
import { decodeMetadata, encodeMetadata } from '../../../src/wire/fastdfs/metadata.ts'
import {
  APPEND,
  type ContentRequest,
  decodeDownload,
  decodeFileInfo,
  decodeSetMetadata,
  encodeDownload,
  encodeFileInfo,
  encodeSetMetadata,
  UPLOAD,
  UPLOAD_SLAVE,
} from '../../../src/wire/fastdfs/storage-messages.ts'
import {
  type AddressWidth,
  decodeFileName,
  decodeGroupName,
  decodeGroupStats,
  decodeServer,
  decodeServers,
  decodeStorageIdsPage,
  decodeStorageIdsRequest,
  decodeStorageStats,
  decodeStoreTarget,
  encodeFileName,
  encodeGroupName,
  encodeGroupStats,
  encodeServers,
  encodeStorageIdsPage,
  encodeStorageIdsRequest,
  encodeStorageStats,
  encodeStoreTarget,
} from '../../../src/wire/fastdfs/tracker-messages.ts'
import recorded from '../../fixtures/fastdfs-wire.json' with { type: 'json' }
import { isProtocolError } from '../../support/protocol-error.ts'

type Recorded = (typeof recorded)[number]

/** Decodes a body and encodes what it found. */
type ThereAndBack = (body: Buffer, width: AddressWidth) => Buffer

const asFileName: ThereAndBack = (body) => encodeFileName(decodeFileName(body))
const asGroupName: ThereAndBack = (body) => encodeGroupName(decodeGroupName(body))
const asNothing: ThereAndBack = () => Buffer.alloc(0)

/** A head, a name of the length that the head holds, and content of the length it holds. */
function asContent<T>({ head, nameLength, contentLength }: ContentRequest<T>): ThereAndBack {
  return (body) => {
    const values = head.decode(body)
    const rest = body.subarray(head.size)
    assert.equal(rest.length, nameLength(values) + contentLength(values))
    return Buffer.concat([head.encode(values), rest])
  }
}

const REQUESTS: Readonly<Record<number, ThereAndBack>> = {
  [COMMAND.ACTIVE_TEST]: asNothing,
  [COMMAND.STORAGE_PARAMETER_REQ]: asNothing,
  [COMMAND.SERVER_LIST_ALL_GROUPS]: asNothing,
  [COMMAND.QUERY_STORE_WITHOUT_GROUP_ONE]: asNothing,
  [COMMAND.QUERY_STORE_WITHOUT_GROUP_ALL]: asNothing,
  [COMMAND.SERVER_LIST_ONE_GROUP]: asGroupName,
  [COMMAND.SERVER_LIST_STORAGE]: asGroupName,
  [COMMAND.QUERY_STORE_WITH_GROUP_ONE]: asGroupName,
  [COMMAND.QUERY_STORE_WITH_GROUP_ALL]: asGroupName,
  [COMMAND.QUERY_FETCH_ONE]: asFileName,
  [COMMAND.QUERY_FETCH_ALL]: asFileName,
  [COMMAND.QUERY_UPDATE]: asFileName,
  [COMMAND.QUERY_FILE_INFO]: asFileName,
  [COMMAND.GET_METADATA]: asFileName,
  [COMMAND.DELETE_FILE]: asFileName,
  [COMMAND.FETCH_STORAGE_IDS]: (body) => encodeStorageIdsRequest(decodeStorageIdsRequest(body)),
  [COMMAND.DOWNLOAD_FILE]: (body) => encodeDownload(decodeDownload(body)),
  [COMMAND.SET_METADATA]: (body) => encodeSetMetadata(decodeSetMetadata(body)),
  [COMMAND.UPLOAD_FILE]: asContent(UPLOAD),
  [COMMAND.UPLOAD_SLAVE_FILE]: asContent(UPLOAD_SLAVE),
  [COMMAND.APPEND_FILE]: asContent(APPEND),
}

const REPLIES: Readonly<Record<number, ThereAndBack>> = {
  [COMMAND.QUERY_FETCH_ONE]: (body, width) => encodeServers(decodeServer(body), width),
  [COMMAND.QUERY_UPDATE]: (body, width) => encodeServers(decodeServer(body), width),
  [COMMAND.QUERY_FETCH_ALL]: (body, width) => encodeServers(decodeServers(body), width),
  [COMMAND.QUERY_STORE_WITHOUT_GROUP_ONE]: asStoreTarget,
  [COMMAND.QUERY_STORE_WITHOUT_GROUP_ALL]: asStoreTarget,
  [COMMAND.QUERY_STORE_WITH_GROUP_ALL]: asStoreTarget,
  [COMMAND.SERVER_LIST_ALL_GROUPS]: (body) => encodeGroupStats(decodeGroupStats(body)),
  [COMMAND.SERVER_LIST_ONE_GROUP]: (body) => encodeGroupStats(decodeGroupStats(body)),
  [COMMAND.SERVER_LIST_STORAGE]: (body, width) =>
    encodeStorageStats(decodeStorageStats(body), width),
  [COMMAND.FETCH_STORAGE_IDS]: (body) => encodeStorageIdsPage(decodeStorageIdsPage(body)),
  [COMMAND.QUERY_FILE_INFO]: (body, width) => encodeFileInfo(decodeFileInfo(body), width),
  [COMMAND.UPLOAD_FILE]: asFileName,
  [COMMAND.UPLOAD_SLAVE_FILE]: asFileName,
  [COMMAND.GET_METADATA]: (body) => encodeMetadata(decodeMetadata(body)),
}

/** Replies that are content or a text, with nothing to decode. */
const BYTES_ALONE: readonly number[] = [COMMAND.DOWNLOAD_FILE, COMMAND.STORAGE_PARAMETER_REQ]

function asStoreTarget(body: Buffer, width: AddressWidth): Buffer {
  return encodeStoreTarget(decodeStoreTarget(body), width)
}

/** What the recorder's own decoder found, in our words; undefined where it did not look. */
function decodedReply(command: number, body: Buffer): unknown {
  switch (command) {
    case COMMAND.QUERY_FETCH_ONE:
    case COMMAND.QUERY_UPDATE:
    case COMMAND.QUERY_FETCH_ALL:
      return decodeServers(body)
    case COMMAND.QUERY_STORE_WITHOUT_GROUP_ONE:
    case COMMAND.QUERY_STORE_WITHOUT_GROUP_ALL:
    case COMMAND.QUERY_STORE_WITH_GROUP_ALL:
      return decodeStoreTarget(body)
    case COMMAND.SERVER_LIST_ALL_GROUPS:
    case COMMAND.SERVER_LIST_ONE_GROUP:
      return { groups: decodeGroupStats(body) }
    case COMMAND.SERVER_LIST_STORAGE:
      return { storages: decodeStorageStats(body).map(({ counters: _, ...stat }) => stat) }
    case COMMAND.QUERY_FILE_INFO:
      return decodeFileInfo(body)
    case COMMAND.UPLOAD_FILE:
    case COMMAND.UPLOAD_SLAVE_FILE:
      return decodeFileName(body)
    case COMMAND.GET_METADATA:
    case COMMAND.STORAGE_PARAMETER_REQ:
      return { text: body.toString() }
    default:
      return undefined
  }
}

const OUR_WORDS: Readonly<Record<string, string>> = {
  group: 'groupName',
  ip: 'ipAddr',
  source_ip: 'sourceIpAddr',
  file_size: 'size',
  create_timestamp: 'modified',
  store_path_index: 'storePathIndex',
  if_trunk_server: 'isTrunkServer',
}

/** What the recorder says of its own decoding and not of the reply. */
const OF_THE_RECORDER = new Set([
  'body_len',
  'ip_field_bytes',
  'left_over',
  'record_bytes',
  'records',
  'stat_buff_bytes',
])

function inOurWords(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => inOurWords(item))
  if (key === 'crc32' && typeof value === 'number') return value >>> 0
  if (typeof value !== 'object' || value === null) return value
  const pairs = Object.entries(value).filter(([name]) => !OF_THE_RECORDER.has(name))
  return Object.fromEntries(
    pairs.map(([name, inner]) => [
      OUR_WORDS[name] ?? name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      inOurWords(inner, name),
    ]),
  )
}

function widthOf({ server }: Recorded): AddressWidth {
  return server === '127.0.0.29:22122' ? 46 : 16
}

/** Requests that were meant to be wrong, and which of them their decoder must refuse. */
const WRONG_REQUESTS: Readonly<Record<string, 'refused' | 'unread'>> = {
  'tracker: QUERY_FETCH_ONE, body too short (10 bytes)': 'refused',
  'tracker: ACTIVE_TEST with a body': 'unread',
  'storage: UPLOAD_FILE, size field != body': 'unread',
  'storage: unknown command 250': 'unread',
}

describe('recorded exchanges', () => {
  const exchanges = recorded.flatMap((exchange) =>
    exchange.cmd === undefined || exchange.response.header === undefined
      ? []
      : [{ exchange, command: exchange.cmd, reply: exchange.response }],
  )

  it('were read', () => assert.equal(exchanges.length, 88))

  it('end with QUIT, which has no reply', () => {
    const quit = recorded.find(({ title }) => title.startsWith('QUIT'))
    const frame = encodeFrame(COMMAND.QUIT, Buffer.alloc(0))
    assert.equal(frame.toString('hex'), quit?.request.hex)
  })

  for (const { exchange, command, reply } of exchanges) {
    const { title, request } = exchange
    const requestBody = Buffer.from(request.body_hex ?? '', 'hex')
    const replyBody = Buffer.from(reply.body_hex?.replace('...(cut)', '') ?? '', 'hex')
    const width = widthOf(exchange)

    it(`${title}: request`, () => {
      const frame = Buffer.from(request.hex, 'hex')
      const header = HEADER.decode(frame)
      assert.deepEqual(inOurWords(request.header), {
        pkgLen: header.bodyLength,
        cmd: header.command,
        status: header.status,
      })
      assert.deepEqual(encodeFrame(command, requestBody, { status: header.status }), frame)
      const wrong = WRONG_REQUESTS[title]
      if (wrong === 'unread') return
      const thereAndBack = () => REQUESTS[command]?.(requestBody, width)
      if (wrong === 'refused') return assert.throws(thereAndBack, isProtocolError)
      assert.deepEqual(thereAndBack(), requestBody)
    })

    it(`${title}: reply`, () => {
      const header = HEADER.decode(Buffer.from(reply.header_hex ?? '', 'hex'))
      assert.equal(header.command, COMMAND.RESPONSE)
      assert.equal(header.bodyLength, reply.body_len)
      assert.equal(HEADER.encode(header).toString('hex'), reply.header_hex)
      if (header.status !== 0) return assert.equal(header.bodyLength, 0)
      if (replyBody.length > 0 && !BYTES_ALONE.includes(command)) {
        assert.deepEqual(REPLIES[command]?.(replyBody, width), replyBody)
      }
      if (!('decoded' in reply)) return
      assert.deepEqual(decodedReply(command, replyBody), inOurWords(reply.decoded))
    })
  }
})
