import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import type { Address } from '../../../src/client/address.ts'
import type { MogilefsConf } from '../../../src/config/index.ts'
import type { TestContext } from '../../suites/store-stack.ts'
import { guardConnects } from '../connect-guard.ts'
import type { Random } from '../random.ts'
import {
  contentOf,
  databaseName,
  openOverSql,
  outcomeOverSql,
  ROWS,
  type SqlStand,
  startFidStorage,
} from '../sql-stand.ts'
import { viewSql, viewsOf } from '../sql-views.ts'
import type { FuzzTarget, OpenTarget } from '../target.ts'

/**
 * `3@17=ff00`: in piece 3 of what a connection sends (the first is 0) these bytes stand from byte 17 on; with `+` they
 * are put in there, and `3@17-2` takes two out. `3!` is the end of the connection before that piece.
 */
const CHANGE = /^(\d{1,3})(?:@(\d{1,4})(?:([=+])((?:[0-9a-f]{2})+)|-(\d{1,3}))|!)$/

/** Of a greeting, a login, the question of the role, and what a file costs: a statement prepared is one, its rows another. */
const PIECES = 20
const BYTES = 200
const STANDS = 4

/** A MariaDB whose packets come changed: a file that its storage has, or an error. */
export const SQL_PACKETS: FuzzTarget = {
  name: 'packets of a MariaDB that sends anything',
  cases: { short: 60, long: 2000 },
  maxMs: 1000,
  parallel: STANDS,
  outcomes: ['content', '503'],
  open: () => openOverSql(openStands),
}

async function openStands(t: TestContext, sql: SqlStand): Promise<OpenTarget> {
  const storage = await startFidStorage(t)
  const database = databaseName('packets')
  const root = await sql.connect(database)
  for (const view of viewsOf(ROWS.join('\n'))) await root.run(viewSql(view))
  const free: ChangingProxy[] = []
  silenceConsole(t)
  const guard = guardConnects()
  t.after(() => guard.release())
  for (const address of [sql.address, storage]) guard.allow(address)
  for (let number = 0; number < STANDS; number += 1) {
    const proxy = await ChangingProxy.start(sql.address)
    t.after(() => proxy.close())
    guard.allow(proxy.address)
    free.push(proxy)
  }
  const outcomes = new Map<string, number>()
  const check = async (proxy: ChangingProxy, text: string): Promise<void> => {
    const mogilefs = behind(proxy, sql.conf(database))
    const outcome = await outcomeOverSql(mogilefs, { text, storage }, checkContent)
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
  }
  return {
    outcomes,
    generate,
    check: async (text) => {
      const proxy = free.pop()
      assert.ok(proxy !== undefined, 'more cases than stands')
      try {
        proxy.begin(text)
        for (const { host } of await guard.strays(() => check(proxy, text))) {
          assert.ok(proxy.sent.includes(host), `${host} is not listed`)
        }
      } finally {
        free.push(proxy)
      }
    },
  }
}

/** mysql2 tells there of every packet that it does not understand. */
function silenceConsole(t: TestContext): void {
  const { error, trace } = console
  Object.assign(console, { error: () => undefined, trace: () => undefined })
  t.after(() => Object.assign(console, { error, trace }))
}

function behind({ address }: ChangingProxy, conf: MogilefsConf): MogilefsConf {
  const { database } = conf
  assert.ok(database !== null)
  const servers = database.servers.map((server) => ({ ...server, ...address }))
  return { ...conf, database: { ...database, servers } }
}

function generate(random: Random): string {
  return [generateChange(random), ...random.some(2, () => generateChange(random))].join(' ')
}

function generateChange(random: Random): string {
  const piece = random.below(PIECES)
  if (random.oneIn(20)) return `${piece}!`
  // Lengths and kinds of packets come first.
  const at = `${piece}@${random.oneIn(2) ? random.below(12) : random.below(BYTES)}`
  if (random.oneIn(4)) return `${at}-${1 + random.below(8)}`
  const bytes = Buffer.from([
    random.below(256),
    ...random.some(4, () => random.pick([0, 1, 0xfe, 0xff])),
  ])
  return `${at}${random.oneIn(3) ? '+' : '='}${bytes.toString('hex')}`
}

/** Every fid has its own. */
function checkContent(content: Buffer): void {
  if (content.length === 0) return
  const fid = Number(/\d+$/.exec(`${content}`)?.[0])
  assert.equal(`${content}`, contentOf(fid), 'no file of the storage')
}

/** Changes what a database sends, as a case says. */
class ChangingProxy {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #changes: readonly RegExpExecArray[] = []
  #sent: Buffer[] = []

  private constructor(server: Server) {
    this.#server = server
  }

  static async start(database: Address): Promise<ChangingProxy> {
    const server = createServer()
    const proxy = new ChangingProxy(server)
    server.on('connection', (client) =>
      proxy.#join(client, connect({ ...database, noDelay: true })),
    )
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return proxy
  }

  get address(): Address {
    const bound = this.#server.address()
    assert.ok(typeof bound === 'object' && bound !== null)
    return { host: bound.address, port: bound.port }
  }

  /** All that clients got since the case began. */
  get sent(): Buffer {
    return Buffer.concat(this.#sent)
  }

  begin(text: string): void {
    this.#sent = []
    this.#changes = text.split(' ').flatMap((word) => {
      const change = CHANGE.exec(word)
      return change === null ? [] : [change]
    })
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #join(client: Socket, database: Socket): void {
    let piece = 0
    for (const [socket, other] of [
      [client, database],
      [database, client],
    ] as const) {
      this.#sockets.add(socket)
      socket
        .on('error', () => undefined)
        .on('close', () => {
          this.#sockets.delete(socket)
          other.destroy()
        })
    }
    client.on('data', (bytes) => database.write(bytes))
    database.on('data', (bytes: Buffer) => {
      const changed = this.#change(bytes, piece)
      piece += 1
      if (changed === undefined) {
        client.destroy()
        return
      }
      this.#sent.push(changed)
      client.write(changed)
    })
  }

  #change(bytes: Buffer, piece: number): Buffer | undefined {
    let changed = bytes
    for (const [, of, at, how, hex = '', left] of this.#changes) {
      if (Number(of) !== piece) continue
      if (at === undefined) return undefined
      const start = Math.min(Number(at), changed.length)
      const given = Buffer.from(hex, 'hex')
      const skipped = how === '=' ? given.length : Number(left ?? 0)
      changed = Buffer.concat([
        changed.subarray(0, start),
        given,
        changed.subarray(start + skipped),
      ])
    }
    return changed
  }
}
