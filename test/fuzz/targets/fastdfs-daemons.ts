import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { crc32 } from 'node:zlib'
import { openFastdfsCluster } from '../../../src/app/fastdfs-cluster.ts'
import { EdgeError } from '../../../src/errors.ts'
import type { FastdfsRef } from '../../../src/resolver/resolver.ts'
import { COMMAND } from '../../../src/wire/fastdfs/commands.ts'
import { createFilename } from '../../../src/wire/fastdfs/file-id.ts'
import { encodeFrame } from '../../../src/wire/fastdfs/header.ts'
import { encodeServers } from '../../../src/wire/fastdfs/tracker-messages.ts'
import { numberedBytes } from '../../support/edge-fixture.ts'
import { startDaemon } from '../../support/scripted-daemon.ts'
import { guardConnects } from '../connect-guard.ts'
import { bytesOf, mutate } from '../mutate.ts'
import { NASTY } from '../nasty.ts'
import type { Random } from '../random.ts'
import { LISTED, quickConf, readFile, type Stand, Stands } from '../stands.ts'
import type { FuzzTarget, OpenTarget } from '../target.ts'

const SEPARATOR = '\x00\x01separator\x01\x00'
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
  cases: { short: 150, long: 5000 },
  maxMs: 2000,
  parallel: 8,
  open,
}

function open(): OpenTarget {
  const guard = guardConnects()
  const stands = new Stands(async () => {
    const stand = await startStand()
    guard.allow(stand.tracker)
    guard.allow(stand.storage)
    return stand
  })
  return {
    generate,
    check: async (text) => {
      const said = text.split(SEPARATOR)
      const strays = await guard.strays(() => stands.use(said, check))
      const listed = `${bytesOf(said[0] ?? '')}`
      for (const { host } of strays) assert.ok(listed.includes(host), `${host} is not listed`)
    },
    close: () => {
      guard.release()
      return stands.close()
    },
  }
}

function generate(random: Random): string {
  const isTracker = random.oneIn(2)
  const tracker = isTracker ? mutate(random, TRACKER_ANSWER, WORDS) : TRACKER_ANSWER
  const storage = isTracker ? STORAGE_ANSWER : mutate(random, STORAGE_ANSWER, WORDS)
  return [tracker, storage].join(SEPARATOR)
}

async function check(stand: Stand): Promise<void> {
  const conf = { ...quickConf(stand), trackerServers: [[stand.tracker]] }
  try {
    const content = await readFile(
      conf,
      openFastdfsCluster(conf, () => undefined),
      REF,
    )
    if (content !== null) assert.ok(content.equals(CONTENT), 'other bytes than the id says')
  } catch (error) {
    if (!(error instanceof EdgeError)) throw error
  }
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
