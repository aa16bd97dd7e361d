import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { openMogilefsCluster } from '../../../src/app/mogilefs-cluster.ts'
import { EdgeError } from '../../../src/errors.ts'
import { mogilefsConf } from '../../support/mogilefs-stack.ts'
import { startStorage } from '../../support/scripted-storage.ts'
import { startTracker } from '../../support/scripted-tracker.ts'
import { guardConnects } from '../connect-guard.ts'
import { STORAGE_ANSWERS } from '../corpus.ts'
import { bytesOf, mutate } from '../mutate.ts'
import { NASTY } from '../nasty.ts'
import type { Random } from '../random.ts'
import { LISTED, quickConf, readFile, type Stand, Stands } from '../stands.ts'
import type { FuzzTarget, OpenTarget } from '../target.ts'

const SEPARATOR = '\f\fseparator\f\f'
const CONTENT = 'hello mogile\n'
const REF = { system: 'mogilefs', domain: 'img', key: 'test' } as const
const MD5 = createHash('md5').update(CONTENT).digest('hex')
const PATH = `http://${LISTED.host}:${LISTED.port}/dev1/0/000/000/0000000003.fid`
const PATHS = `OK paths=1&path1=${PATH}&callid=CALLID\r\n`
const INFO = `OK fid=3&length=${CONTENT.length}&class=a&devcount=1&checksum=MD5:${MD5}&domain=img&key=test&callid=CALLID\r\n`
const STORED = `HTTP/1.0 200 OK\r\nServer: Perlbal\r\nContent-Length: ${CONTENT.length}\r\nConnection: keep-alive\r\n\r\n${CONTENT}`
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
      // A path may name any host: to be met it must be in the list of hosts as well.
      const hosts = unescaped(`${said[COMMANDS.indexOf('get_hosts')]}`)
      for (const { host } of strays) assert.ok(hosts.includes(host), `${host} is not listed`)
    },
    close: () => {
      guard.release()
      return stands.close()
    },
  }
}

function unescaped(text: string): string {
  return text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
}

function generate(random: Random): string {
  const said = [PATHS, INFO, HOSTS, random.oneIn(4) ? random.pick(STORAGE_ANSWERS) : STORED]
  const changed = random.below(said.length)
  return said
    .map((text, index) => (index === changed ? mutate(random, text, WORDS) : text))
    .join(SEPARATOR)
}

async function check(stand: Stand): Promise<void> {
  const conf = {
    ...quickConf(stand),
    mogilefs: mogilefsConf({ trackers: [{ address: stand.tracker }] }),
  }
  try {
    const cluster = openMogilefsCluster(conf, conf.mogilefs, { observe: () => undefined })
    const content = await readFile(conf, cluster, REF)
    const isSummed = stand.said[1] === INFO
    if (content !== null && isSummed)
      assert.equal(`${content}`, CONTENT, 'other bytes than the sum says')
  } catch (error) {
    if (!(error instanceof EdgeError)) throw error
  }
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
