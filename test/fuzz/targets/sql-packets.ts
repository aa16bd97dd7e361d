import assert from 'node:assert/strict'
import type { MogilefsConf } from '../../../src/config/index.ts'
import type { TestContext } from '../../suites/store-stack.ts'
import { FaultyProxy } from '../../support/faulty-proxy.ts'
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
  const free: FaultyProxy[] = []
  silenceConsole(t)
  const guard = guardConnects()
  t.after(() => guard.release())
  for (const address of [sql.address, storage]) guard.allow(address)
  for (let number = 0; number < STANDS; number += 1) {
    const proxy = await FaultyProxy.start(sql.address)
    t.after(() => proxy.close())
    guard.allow(proxy.address)
    free.push(proxy)
  }
  const outcomes = new Map<string, number>()
  const check = async (proxy: FaultyProxy, text: string): Promise<void> => {
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
        const changes = new Changes(text)
        proxy.faults = { change: () => changes.ofConnection() }
        for (const { host } of await guard.strays(() => check(proxy, text))) {
          assert.ok(changes.sent.includes(host), `${host} is not listed`)
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

function behind({ address }: FaultyProxy, conf: MogilefsConf): MogilefsConf {
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

/** What becomes of all that a database sends, as a case says. */
class Changes {
  readonly #all: readonly RegExpExecArray[]
  readonly #sent: Buffer[] = []

  constructor(text: string) {
    const changes = text.split(' ').map((word) => CHANGE.exec(word))
    this.#all = changes.filter((change) => change !== null)
  }

  /** All that clients got. */
  get sent(): Buffer {
    return Buffer.concat(this.#sent)
  }

  ofConnection(): (bytes: Buffer) => Buffer | undefined {
    let piece = 0
    return (bytes) => {
      const changed = this.#change(bytes, piece)
      piece += 1
      if (changed !== undefined) this.#sent.push(changed)
      return changed
    }
  }

  #change(bytes: Buffer, piece: number): Buffer | undefined {
    let changed = bytes
    for (const [, of, at, how, hex = '', left] of this.#all) {
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
