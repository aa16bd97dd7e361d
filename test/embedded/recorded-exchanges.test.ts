import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { COMMAND } from '../../src/wire/fastdfs/commands.ts'
import { decodeFileInfo } from '../../src/wire/fastdfs/storage-messages.ts'
import { decodeServers, decodeStoreTarget } from '../../src/wire/fastdfs/tracker-messages.ts'
import { type RecordedClusters, startRecordedClusters } from './recorded-cluster.ts'
import { type Answer, WirePeer } from './wire-peer.ts'

interface Exchange {
  readonly title: string
  readonly server?: string
  readonly cmd?: number
  readonly request: { readonly hex: string }
  readonly response: {
    readonly header?: { readonly pkg_len: number; readonly status: number }
    readonly body_hex?: string
    readonly body_md5?: string
  }
  readonly connection_after?: string
}

/** A recorded exchange with an answer to hold ours against. */
interface Recorded extends Exchange {
  readonly server: string
  readonly length: number
  readonly status: number
  readonly bodyHex: string
  readonly bodyMd5: string
}

const EXCHANGES: readonly Exchange[] = JSON.parse(
  readFileSync(new URL('../fixtures/fastdfs-wire.json', import.meta.url), 'utf8'),
)

const RECORDED = EXCHANGES.flatMap((exchange): Recorded[] => {
  const { server, response } = exchange
  const { header, body_hex: bodyHex, body_md5: bodyMd5 } = response
  if (!server || !header || bodyHex === undefined || bodyMd5 === undefined) return []
  return [{ ...exchange, server, length: header.pkg_len, status: header.status, bodyHex, bodyMd5 }]
})

const RECORDED_PORT = '00000000000059d8'

/** Queries that take turns among the servers: any of the group may be answered. */
const ANY_SERVER: readonly (number | undefined)[] = [COMMAND.QUERY_FETCH_ONE]
const ANY_TARGET: readonly (number | undefined)[] = [
  COMMAND.QUERY_STORE_WITHOUT_GROUP_ONE,
  COMMAND.QUERY_STORE_WITHOUT_GROUP_ALL,
  COMMAND.QUERY_STORE_WITH_GROUP_ALL,
]
/** Disks, counters and names of new files differ: the length is what can be compared. */
const LENGTH_ONLY: readonly (number | undefined)[] = [
  COMMAND.SERVER_LIST_ALL_GROUPS,
  COMMAND.SERVER_LIST_ONE_GROUP,
  COMMAND.SERVER_LIST_STORAGE,
  COMMAND.STORAGE_PARAMETER_REQ,
  COMMAND.UPLOAD_FILE,
]
/** Files whose bytes the recording does not hold, so that their crc32 cannot be met. */
const UNKNOWN_CONTENT = /QUERY_FILE_INFO, (?:slave|appender)/

function md5(bytes: Buffer): string {
  return createHash('md5').update(bytes).digest('hex')
}

describe('the recorded exchanges', () => {
  let clusters: RecordedClusters
  const cleanups: (() => unknown)[] = []

  before(async () => {
    clusters = await startRecordedClusters({ after: (fn) => cleanups.push(fn) })
  })
  after(async () => {
    for (const cleanup of cleanups.reverse()) await cleanup()
  })

  it('are all there', () => {
    assert.equal(RECORDED.length, 88)
  })

  for (const exchange of RECORDED) {
    it(exchange.title, async (t) => {
      const peer = new WirePeer(clusters.addressOf(exchange.server))
      t.after(() => peer.close())
      const answer = await askAs(exchange, peer)
      assert.equal(answer.status, exchange.status, 'status')
      assert.equal(answer.body.length, exchange.length, 'body length')
      compareBody(exchange, answer)
      await compareConnection(exchange, peer)
    })
  }

  it('QUIT 82: no reply', async () => {
    const peer = new WirePeer(clusters.addressOf('127.0.0.2:23000'))
    await peer.ask(COMMAND.ACTIVE_TEST)
    peer.send(Buffer.from('00000000000000005200', 'hex'))
    await peer.ended()
    assert.equal(peer.received.length, 0)
  })

  // Upstream loses the second. Nobody can rely on that, so here both are answered.
  it('two DOWNLOAD requests in one write', async (t) => {
    const pipelined = EXCHANGES.find(({ title }) => title.startsWith('two DOWNLOAD'))
    const peer = new WirePeer(clusters.addressOf('127.0.0.2:23000'))
    t.after(() => peer.close())
    peer.send(Buffer.from(pipelined?.request.hex ?? '', 'hex'))
    assert.equal((await peer.answer()).body.toString(), '00000')
    assert.equal((await peer.answer()).body.toString(), '0 lin')
  })

  function compareBody(exchange: Recorded, { body }: Answer): void {
    const { cmd, length, title } = exchange
    if (length === 0 || LENGTH_ONLY.includes(cmd)) return
    if (cmd === COMMAND.QUERY_FILE_INFO && UNKNOWN_CONTENT.test(title)) {
      assert.deepEqual(infoWithoutCrc(body), infoWithoutCrc(Buffer.from(exchange.bodyHex, 'hex')))
      return
    }
    const expected = Buffer.from(exchange.bodyHex, 'hex')
    if (ANY_SERVER.includes(cmd)) {
      assert.ok(decodeServers(body).servers.every(isListed))
    } else if (ANY_TARGET.includes(cmd)) {
      assert.ok(decodeStoreTarget(body).servers.every(isListed))
      assert.equal(decodeStoreTarget(body).groupName, decodeStoreTarget(expected).groupName)
    } else {
      assert.equal(md5(asRecorded(exchange, body)), exchange.bodyMd5, title)
    }
  }

  function isListed({ ipAddr, port }: { ipAddr: string; port: number }): boolean {
    return clusters.storagePorts.get(ipAddr) === port
  }

  /** Our answer with the ports of the recording. */
  function asRecorded({ cmd }: Recorded, body: Buffer): Buffer {
    if (cmd === COMMAND.FETCH_STORAGE_IDS) {
      return Buffer.from(body.toString('latin1').replace(/:\d+\n/g, ':23000\n'), 'latin1')
    }
    let hex = body.toString('hex')
    for (const port of clusters.storagePorts.values()) {
      hex = hex.replaceAll(port.toString(16).padStart(16, '0'), RECORDED_PORT)
    }
    return Buffer.from(hex, 'hex')
  }
})

/** Groups take turns, so the recorded one may be the next. */
async function askAs({ cmd, request, bodyHex }: Recorded, peer: WirePeer): Promise<Answer> {
  peer.send(Buffer.from(request.hex, 'hex'))
  const answer = await peer.answer()
  const isOtherGroup = !answer.body.toString('hex').startsWith(bodyHex.slice(0, 32))
  if (cmd !== COMMAND.QUERY_STORE_WITHOUT_GROUP_ALL || !isOtherGroup) return answer
  peer.send(Buffer.from(request.hex, 'hex'))
  return await peer.answer()
}

function infoWithoutCrc(body: Buffer): object {
  const { crc32: _, ...rest } = decodeFileInfo(body)
  return rest
}

async function compareConnection(exchange: Recorded, peer: WirePeer): Promise<void> {
  if (exchange.connection_after === 'closed by server') {
    await peer.ended()
    return
  }
  assert.equal((await peer.ask(COMMAND.ACTIVE_TEST)).status, 0, 'the connection was kept')
}
