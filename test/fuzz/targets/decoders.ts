import assert from 'node:assert/strict'
import { ByteReader } from '../../../src/wire/byte-reader.ts'
import { HEADER } from '../../../src/wire/fastdfs/header.ts'
import { decodeMetadata } from '../../../src/wire/fastdfs/metadata.ts'
import { parseStorageIds } from '../../../src/wire/fastdfs/storage-ids.ts'
import { decodeFileInfo as decodeFastdfsInfo } from '../../../src/wire/fastdfs/storage-messages.ts'
import {
  decodeGroupStats,
  decodeServer,
  decodeServers,
  decodeStorageIdsPage,
  decodeStorageStats,
  decodeStoreTarget,
} from '../../../src/wire/fastdfs/tracker-messages.ts'
import type { Arguments } from '../../../src/wire/mogilefs/arguments.ts'
import { parseChecksum } from '../../../src/wire/mogilefs/checksum.ts'
import {
  decodeDevices,
  decodeDomains,
  decodeHosts,
} from '../../../src/wire/mogilefs/cluster-messages.ts'
import { parseFidUrl } from '../../../src/wire/mogilefs/fid-path.ts'
import {
  decodeFids,
  decodeFileDebug,
  decodeFileInfo,
  decodeKeyPage,
  decodeOpenedFile,
  decodePaths,
} from '../../../src/wire/mogilefs/file-messages.ts'
import { decodeAnswer, decodeRequest, encodeRequest } from '../../../src/wire/mogilefs/line.ts'
import { valueOrProtocolError } from '../../support/protocol-error.ts'
import { FASTDFS_BODIES, TRACKER_LINES, TRACKER_QUESTIONS } from '../corpus.ts'
import { bytesOf, mutate } from '../mutate.ts'
import { NASTY, NASTY_TEXT } from '../nasty.ts'
import type { Random } from '../random.ts'
import type { FuzzTarget } from '../target.ts'

const BODY_DECODERS: readonly ((body: Buffer) => unknown)[] = [
  (body) => HEADER.decode(body),
  decodeServer,
  decodeServers,
  decodeStoreTarget,
  decodeGroupStats,
  (body) => decodeStorageStats(body),
  (body) => parseStorageIds(decodeStorageIdsPage(body).text),
  decodeFastdfsInfo,
  (body) => decodeMetadata(body),
]
const ANSWER_DECODERS: readonly ((args: Arguments) => unknown)[] = [
  (args) => decodePaths(args).map(parseFidUrl),
  (args) => parseChecksum(decodeFileInfo(args).checksum ?? ''),
  decodeFileDebug,
  decodeKeyPage,
  decodeFids,
  decodeOpenedFile,
  decodeHosts,
  decodeDevices,
  decodeDomains,
]
/** Most are: the rest would be slow to take in pieces. */
const SHORT_LINES = TRACKER_LINES.filter(({ length }) => length < 10_000)
const PAIRS = [
  '&',
  '=',
  '&paths=',
  'paths=9999&',
  'path1=',
  '&hosts=3',
  'devices=10000',
  '%',
  '+',
  'OK ',
  'ERR ',
]

function target(
  name: string,
  generate: (random: Random) => string,
  check: (text: string) => void,
): FuzzTarget {
  const cases = { short: 4000, long: 60_000 }
  return { name, cases, maxMs: 250, open: () => ({ generate, check }) }
}

/** What FastDFS's daemons say: read, or a protocol error, and nothing else. */
export const FASTDFS_MESSAGES = target(
  "bodies of FastDFS's messages",
  (random) =>
    mutate(random, random.pick(FASTDFS_BODIES), [...NASTY, '\0'.repeat(8), '\xff'.repeat(8)]),
  (text) => {
    for (const decode of BODY_DECODERS) valueOrProtocolError(() => decode(bytesOf(text)))
  },
)

/** Lines of a MogileFS tracker, which come in pieces of any length. */
export const TRACKER_ANSWERS = target(
  "lines of MogileFS's trackers",
  (random) => mutate(random, random.pick(SHORT_LINES), [...NASTY, ...PAIRS]),
  checkLines,
)

/** Questions to a tracker: whatever a key is, it is one line, and the tracker reads that key. */
export const TRACKER_KEYS = target(
  'keys in questions to a tracker',
  (random) => mutate(random, random.pick(TRACKER_QUESTIONS), NASTY_TEXT),
  (key) => {
    const domain = key.slice(0, 3)
    const line = encodeRequest('get_paths', { domain, key, noverify: 1 })
    assert.match(line, /^get_paths [\w,\-./\\:%+=&]*\r\n$/)
    const { command, args } = decodeRequest(line.slice(0, -2)) ?? {}
    assert.equal(command, 'get_paths')
    const asked = [domain, key].map((text) => text.toWellFormed())
    assert.deepEqual(
      [...(args ?? [])],
      [
        ['domain', asked[0]],
        ['key', asked[1]],
        ['noverify', '1'],
      ],
    )
  },
)

function checkLines(text: string): void {
  const bytes = bytesOf(text)
  // The length alone says where it is cut, so that it is cut so again.
  const cut = (text.length * 7919) % (bytes.length + 1)
  const lines = readLines([bytes.subarray(0, cut), bytes.subarray(cut)])
  const pieces = Array.from({ length: Math.ceil(bytes.length / 3) }, (_, index) =>
    bytes.subarray(index * 3, index * 3 + 3),
  )
  assert.deepEqual(lines, readLines(pieces))
  for (const line of lines) {
    const answer = valueOrProtocolError(() => decodeAnswer(line))
    if (answer?.kind !== 'ok') continue
    for (const decode of ANSWER_DECODERS) valueOrProtocolError(() => decode(answer.args))
  }
}

function readLines(chunks: readonly Buffer[]): string[] {
  const reader = new ByteReader()
  const lines: string[] = []
  for (const chunk of chunks) {
    reader.push(chunk)
    for (
      let line = reader.takeLine(1_000_000);
      line !== undefined;
      line = reader.takeLine(1_000_000)
    ) {
      lines.push(`${line}`)
    }
  }
  return lines
}
