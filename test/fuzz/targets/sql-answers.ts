import assert from 'node:assert/strict'
import type { MogilefsConf } from '../../../src/config/index.ts'
import type { TestContext } from '../../suites/store-stack.ts'
import { guardConnects } from '../connect-guard.ts'
import { bytesOf, mutate } from '../mutate.ts'
import { NASTY } from '../nasty.ts'
import type { Random } from '../random.ts'
import {
  contentOf,
  databaseName,
  openOverSql,
  outcomeOverSql,
  REF,
  ROWS,
  type RootConnection,
  type SqlStand,
  startFidStorage,
} from '../sql-stand.ts'
import { viewSql, viewsOf } from '../sql-views.ts'
import type { FuzzTarget, OpenTarget } from '../target.ts'

const WORDS = [
  ...NASTY.filter((word) => !word.includes('\n')),
  ...['|', '|N', '|N|N', 'N', '#', '#00', '#ff', '-', `\n${ROWS.at(-1)}`],
  ...[
    '|10.66.6.6',
    '|localhost',
    '|::1',
    '|127.0.0.1',
    '|0',
    '|80',
    '|99999',
    '|-1',
    '|1.5',
    '|1e9',
  ],
  ...['|dead', '|drain', '|readonly', '|2', '|3', '|4', '|9007199254740993', '|1234567890123'],
  ...['host', 'device', 'file', 'file_on', 'class', 'domain', 'checksum', 'hostip', 'dkey', 'fid'],
]
const STANDS = 4

/** Databases that hold anything, or lack a column: the file whose key it is, or an error. */
export const SQL_ANSWERS: FuzzTarget = {
  name: 'answers of a MariaDB that holds anything',
  cases: { short: 60, long: 4000 },
  maxMs: 1000,
  parallel: STANDS,
  outcomes: ['content', '503'],
  open: () => openOverSql(openStands),
}

interface Stand {
  readonly mogilefs: MogilefsConf
  readonly root: RootConnection
  /** By table. */
  readonly views: Map<string, string>
}

async function openStands(t: TestContext, sql: SqlStand): Promise<OpenTarget> {
  const storage = await startFidStorage(t)
  const free: Stand[] = []
  for (let number = 0; number < STANDS; number += 1) {
    const database = databaseName(`any${number}`)
    free.push({ mogilefs: sql.conf(database), root: await sql.connect(database), views: new Map() })
  }
  const guard = guardConnects()
  t.after(() => guard.release())
  for (const address of [sql.address, storage]) guard.allow(address)
  const outcomes = new Map<string, number>()
  const check = async (text: string): Promise<void> => {
    const stand = free.pop()
    assert.ok(stand !== undefined, 'more cases than stands')
    try {
      await fill(stand, text)
      const { mogilefs } = stand
      const outcome = await outcomeOverSql(mogilefs, { text, storage }, checkContent)
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    } finally {
      free.push(stand)
    }
  }
  return {
    outcomes,
    generate,
    check: async (text) => {
      const hosts = text
        .toLowerCase()
        .split('\n')
        .filter((line) => line.startsWith('host|'))
      for (const { host, port } of await guard.strays(() => check(text))) {
        const bytes = Buffer.from(host).toString('latin1')
        const isListed = hosts.some((line) => line.includes(bytes) && line.includes(`${port}`))
        assert.ok(isListed, `${host}:${port} is not listed`)
      }
    },
  }
}

/** A few lines are changed, each between its bars. */
function generate(random: Random): string {
  const changed = new Set(random.some(2, () => random.below(ROWS.length)))
  const lines = ROWS.map((line, index) => {
    if (!changed.has(index)) return line
    if (random.oneIn(12)) return `-${line}`
    if (random.oneIn(3)) return mutate(random, line, WORDS)
    return changeCell(random, line)
  })
  return [...lines, ...random.some(1, () => mutate(random, random.pick(ROWS), WORDS))].join('\n')
}

function changeCell(random: Random, line: string): string {
  const cells = line.split('|')
  const at = 1 + random.below(cells.length - 1)
  const other = random.oneIn(2) ? random.pick(WORDS) : mutate(random, cells[at] ?? '', WORDS)
  return cells.with(at, other.replace(/^\|/, '')).join('|')
}

async function fill({ root, views }: Stand, text: string): Promise<void> {
  for (const view of viewsOf(text)) {
    const sql = viewSql(view)
    if (views.get(view.table) === sql) continue
    await root.run(sql)
    views.set(view.table, sql)
  }
}

/** Another file's may only come where the database has another fid under the key; empty is what it says. */
function checkContent(content: Buffer, text: string): void {
  const files = viewsOf(text).find(({ table }) => table === 'file')?.rows ?? []
  const meant = files.flatMap(([fid = '', , key = '', length = '']) =>
    isKey(key) ? [Number(length) === 0 ? '' : contentOf(Number(fid))] : [],
  )
  assert.ok(meant.includes(`${content}`), `"${content}", where the key has ${meant}`)
}

/** To MariaDB's general_ci. */
function isKey(cell: string): boolean {
  const bytes = cell.startsWith('#') ? Buffer.from(cell.slice(1), 'hex') : bytesOf(cell)
  return `${bytes}`.normalize('NFKD').replace(/\p{M}/gu, '').trimEnd().toLowerCase() === REF.key
}
