import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { crc32 } from 'node:zlib'
import { openFastdfsCluster } from '../../../src/app/fastdfs-cluster.ts'
import type { FastdfsRef } from '../../../src/resolver/resolver.ts'
import { COMMAND } from '../../../src/wire/fastdfs/commands.ts'
import { createFilename } from '../../../src/wire/fastdfs/file-id.ts'
import { encodeFrame, HEADER } from '../../../src/wire/fastdfs/header.ts'
import { encodeServers } from '../../../src/wire/fastdfs/tracker-messages.ts'
import { numberedBytes } from '../../support/edge-fixture.ts'
import { startDaemon } from '../../support/scripted-daemon.ts'
import { bytesOf, mutate, spoil } from '../mutate.ts'
import { NASTY } from '../nasty.ts'
import type { Random } from '../random.ts'
import { BROKEN_SUM, LISTED, openDaemons, quickConf, readFile, type Stand } from '../stands.ts'
import type { FuzzTarget } from '../target.ts'

const CONTENT = numberedBytes(60)
/** The id names a source that no tracker lists: a client may write any address there. */
const UNLISTED = '10.66.6.6'
const REF: FastdfsRef = {
  system: 'fastdfs',
  groupName: 'group1',
  filename: createFilename({
    storePathIndex: 0,
    subdirs: '00/00',
    source: { ipAddr: UNLISTED },
    createTimestamp: 1_700_000_000,
    size: CONTENT.length,
    crc32: crc32(CONTENT),
    isAppender: false,
    extName: 'jpg',
    random: [1, 2],
  }),
}
const SERVERS = { groupName: 'group1', servers: [{ ipAddr: LISTED.host, port: LISTED.port }] }
const TRACKER_ANSWER = frameOf(encodeServers(SERVERS, 16))
const STORAGE_ANSWER = frameOf(CONTENT)
const STORAGE_HEADER = STORAGE_ANSWER.slice(0, HEADER.size)
const WORDS = [
  ...NASTY,
  '\0'.repeat(7),
  '\xff'.repeat(8),
  '10.66.6.7',
  '127.0.0.1',
  'group2',
  frameOf(Buffer.from('x')),
]

/** Trackers and storages that say anything: an EdgeError or the right bytes, and nobody unlisted is met. */
export const FASTDFS_DAEMONS: FuzzTarget = {
  name: 'trackers and storages of FastDFS',
  cases: { short: 150, long: 10_000 },
  maxMs: 1000,
  parallel: 8,
  outcomes: ['content', BROKEN_SUM],
  open: () => openDaemons({ generate, startStand, read, isSumBroken, checkContent, listOf }),
}

function generate(random: Random): readonly string[] {
  switch (random.below(6)) {
    case 0:
      return [TRACKER_ANSWER, STORAGE_ANSWER]
    case 1:
      return [TRACKER_ANSWER, spoil(random, STORAGE_ANSWER, HEADER.size)]
    case 2:
    case 3:
      return [TRACKER_ANSWER, mutateFrame(random, STORAGE_ANSWER)]
    default:
      return [mutateFrame(random, TRACKER_ANSWER), STORAGE_ANSWER]
  }
}

/** Half of them are whole frames, for what is read after the header. */
function mutateFrame(random: Random, frame: string): string {
  if (random.oneIn(2)) return mutate(random, frame, WORDS)
  return frameOf(bytesOf(mutate(random, frame.slice(HEADER.size), WORDS)))
}

function read(stand: Stand): Promise<Buffer | null> {
  const conf = { ...quickConf(stand), trackerServers: [[stand.tracker]] }
  const cluster = openFastdfsCluster(conf, () => undefined)
  return readFile(conf, cluster, REF)
}

function isSumBroken([tracker, storage = '']: readonly string[]): boolean {
  const isWhole = storage.length === STORAGE_ANSWER.length && storage.startsWith(STORAGE_HEADER)
  return tracker === TRACKER_ANSWER && isWhole && storage !== STORAGE_ANSWER
}

function checkContent(content: Buffer): void {
  assert.ok(content.equals(CONTENT), 'other bytes than the id says')
}

function listOf([tracker = '']: readonly string[]): string {
  return `${bytesOf(tracker)}`
}

async function startStand(): Promise<Stand> {
  const tracker = await startDaemon((socket) => answer(socket, () => stand.said[0]))
  const storage = await startDaemon((socket) => answer(socket, () => stand.said[1]))
  const daemons = [tracker, storage]
  const stand: Stand = { tracker: tracker.address, storage: storage.address, said: [], daemons }
  return stand
}

/** In two pieces; most say no more afterwards, so that a half answer is known for one. */
function answer(socket: Socket, said: () => string | undefined): void {
  socket.on('data', () => {
    const bytes = bytesOf(said() ?? '')
    const cut = (bytes.length * 7919) % (bytes.length + 1)
    socket.write(bytes.subarray(0, cut))
    setImmediate(() => {
      if (bytes.length % 8 === 0) socket.write(bytes.subarray(cut))
      else socket.end(bytes.subarray(cut))
    })
  })
}

function frameOf(body: Buffer): string {
  return Buffer.concat([encodeFrame(COMMAND.RESPONSE, body)]).toString('latin1')
}
