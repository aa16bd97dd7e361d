import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { openMogilefsCluster } from '../../../src/app/mogilefs-cluster.ts'
import { mogilefsConf } from '../../support/mogilefs-stack.ts'
import { startStorage } from '../../support/scripted-storage.ts'
import { startTracker } from '../../support/scripted-tracker.ts'
import { STORAGE_ANSWERS } from '../corpus.ts'
import { bytesOf, mutate, spoil } from '../mutate.ts'
import { NASTY } from '../nasty.ts'
import type { Random } from '../random.ts'
import { BROKEN_SUM, LISTED, openDaemons, quickConf, readFile, type Stand } from '../stands.ts'
import type { FuzzTarget } from '../target.ts'

const CONTENT = 'hello mogile\n'
const REF = { system: 'mogilefs', domain: 'img', key: 'test' } as const
const MD5 = createHash('md5').update(CONTENT).digest('hex')
const PATH = `http://${LISTED.host}:${LISTED.port}/dev1/0/000/000/0000000003.fid`
const PATHS = `OK paths=1&path1=${PATH}&callid=CALLID\r\n`
const INFO = `OK fid=3&length=${CONTENT.length}&class=a&devcount=1&checksum=MD5:${MD5}&domain=img&key=test&callid=CALLID\r\n`
const STORED_HEAD = `HTTP/1.0 200 OK\r\nServer: Perlbal\r\nContent-Length: ${CONTENT.length}\r\nConnection: keep-alive\r\n\r\n`
const STORED = STORED_HEAD + CONTENT
const HOSTS = `OK hosts=1&host1_hostid=1&host1_hostname=a&host1_hostip=${LISTED.host}&host1_status=alive&host1_http_port=${LISTED.port}&callid=CALLID\r\n`
/** What is said of what, by its place in a case. */
const COMMANDS = ['get_paths', 'file_info', 'get_hosts']
const UNKNOWN = 'ERR unknown_command Unknown+server+command CALLID\r\n'
const WORDS = [
  ...NASTY,
  ...[
    'paths=2&path2=http://10.66.6.6:80/dev1/0/000/000/0000000003.fid&',
    '&callid=1',
    'ERR unknown_key\r\n',
  ],
  ...['Content-Length: 5\r\n', 'Transfer-Encoding: chunked\r\n', 'Location: http://10.66.6.7/\r\n'],
  ...[
    'HTTP/1.1 100 Continue\r\n\r\n',
    'Content-Range: bytes 0-1/13\r\n',
    'Content-Encoding: gzip\r\n',
  ],
  ...[
    'Connection: Upgrade\r\nUpgrade: x\r\n',
    'Set-Cookie: a=b\r\n',
    '302 Found',
    '206',
    '101',
    STORED,
  ],
]
/** Trackers and mogstoreds that say anything. */
export const MOGILEFS_DAEMONS: FuzzTarget = {
  name: 'trackers and mogstoreds of MogileFS',
  cases: { short: 150, long: 10_000 },
  maxMs: 1000,
  parallel: 8,
  outcomes: ['content', BROKEN_SUM],
  open: () => openDaemons({ generate, startStand, read, isSumBroken, checkContent, listOf }),
}

/** A path may name any host: to be met it must be in the list of hosts as well. */
function listOf(said: readonly string[]): string {
  return unescaped(said[COMMANDS.indexOf('get_hosts')] ?? '')
}

function unescaped(text: string): string {
  return text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
}

function generate(random: Random): readonly string[] {
  if (random.oneIn(6)) return [PATHS, INFO, HOSTS, STORED]
  if (random.oneIn(5)) return [PATHS, INFO, HOSTS, spoil(random, STORED, STORED_HEAD.length)]
  const said = [PATHS, INFO, HOSTS, random.oneIn(4) ? random.pick(STORAGE_ANSWERS) : STORED]
  const changed = random.below(said.length)
  return said.map((text, index) => (index === changed ? mutate(random, text, WORDS) : text))
}

function read(stand: Stand): Promise<Buffer | null> {
  const mogilefs = mogilefsConf({ trackers: [{ address: stand.tracker }] })
  const conf = { ...quickConf(stand), mogilefs }
  const cluster = openMogilefsCluster(conf, mogilefs, { observe: () => undefined })
  return readFile(conf, cluster, REF)
}

function isSumBroken([paths, info, hosts, stored = '']: readonly string[]): boolean {
  const areTrue = paths === PATHS && info === INFO && hosts === HOSTS
  const isWhole = stored.length === STORED.length && stored.startsWith(STORED_HEAD)
  return areTrue && isWhole && stored !== STORED
}

function checkContent(content: Buffer, [, info]: readonly string[]): void {
  if (info === INFO) assert.equal(`${content}`, CONTENT, 'other bytes than the sum says')
}

async function startStand(): Promise<Stand> {
  const tracker = await startTracker(({ command }, socket) => (callid) => {
    const text = stand.said[COMMANDS.indexOf(command)] ?? UNKNOWN
    socket.write(bytesOf(text.replace('CALLID', callid ?? '')))
    if (text.length % 8 === 1 && command !== 'get_paths') socket.end()
    return ''
  })
  const storage = await startStorage(({ socket }) => {
    const text = stand.said[COMMANDS.length] ?? ''
    socket.write(bytesOf(text))
    if (text.length % 8 !== 0) socket.end()
    return undefined
  })
  const daemons = [tracker, storage]
  const stand: Stand = { tracker: tracker.address, storage: storage.address, said: [], daemons }
  return stand
}
