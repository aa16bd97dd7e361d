import assert from 'node:assert/strict'
import type { Address } from '../../../src/client/address.ts'
import { defaultEdgeConf } from '../../../src/config/index.ts'
import type { TestContext } from '../../suites/store-stack.ts'
import { schemaSql } from '../../support/mariadb.ts'
import { RawClient } from '../../support/raw-http.ts'
import { guardConnects } from '../connect-guard.ts'
import { bytesOf, mutate } from '../mutate.ts'
import { NASTY } from '../nasty.ts'
import type { Random } from '../random.ts'
import {
  contentOf,
  databaseName,
  openOverSql,
  type RootConnection,
  type SqlStand,
  startFidStorage,
} from '../sql-stand.ts'
import type { FuzzTarget, OpenTarget } from '../target.ts'
import { type ServedEdge, serveEdge } from '../whole-edge.ts'

/** How a cluster keeps its keys. */
const COLLATIONS = [
  { name: 'general', charset: 'utf8mb4', collation: 'utf8mb4_general_ci' },
  { name: 'unicode', charset: 'utf8mb4', collation: 'utf8mb4_unicode_ci' },
  { name: 'exact', charset: 'utf8mb4', collation: 'utf8mb4_bin' },
  // Old installations: UTF-8 in columns that are said to be latin1.
  { name: 'latin', charset: 'latin1', collation: 'latin1_swedish_ci' },
] as const
type Collation = (typeof COLLATIONS)[number]

/** What one collation has apart another may not; a key that has its row already has one only. */
const KEYS: readonly string[] = [
  ...['a', 'A', 'a ', ' a', 'á', 'a\u0301', 'b', 'B', 'ab', 'aB', 'a b', 'a\u00a0b', 'a\u200bb'],
  ...[
    '%',
    'a%',
    'a%b',
    '_',
    'a_b',
    'axb',
    '\\',
    'a\\b',
    'a\\%b',
    "'",
    "a'b",
    "''",
    '"',
    '`',
    'a;b',
  ],
  ...["' OR 1=1 --", "' OR '1'='1", "a' UNION SELECT 1,2,3,4 --", '/*!50000 1*/', '?', 'a?b', ':a'],
  ...['0', '00', '1', '1e3', '1000', '0x61', 'NULL', 'null', 'x', '\0', 'a\0', 'a\0b', '\t', 'a\n'],
  ...[
    'café.jpg',
    'CAFE.jpg',
    'straße',
    'strasse',
    'ß',
    's',
    'ss',
    'İ',
    'i',
    'ı',
    '\u212a',
    'k',
    'Ω',
  ],
  ...[
    '图片/1.jpg',
    '图片/２.jpg',
    '２',
    '2',
    '😀',
    '😁',
    '😀.jpg',
    '\u{10ffff}',
    '\ufffd',
    '\ufeffa',
    'ﬁ',
  ],
  ...[
    '/a',
    '//a',
    'a/',
    'a//b',
    'a/b',
    'http://a/b',
    'M00/00/00/x',
    '-',
    '--',
    '#',
    'a#b',
    'img/a',
  ],
  ...['y'.repeat(255), 'y'.repeat(254), '图'.repeat(255), '😀'.repeat(255), 'é'.repeat(255)],
]
const WORDS = [
  ...NASTY,
  ...KEYS.map(latin1),
  ...['\u0301', '\u0345', '\u00ad', '\u200d', '\u3000', 'Ａ', 'ａ', 'É', 'æ', 'ﬀ'].map(latin1),
  ...['  ', 'y', 'Y', '\xc3', '\xa9', '\xf0\x9f\x98', '\xc1\x81', '\xe0\x81\xa1'],
]
const MAX_KEY_CHARS = 255

/** Keys of every kind: the answer is the file whose key MogileFS's own column takes for it, or none. */
export const SQL_KEYS: FuzzTarget = {
  name: 'keys, looked up in MariaDB',
  cases: { short: 400, long: 60_000 },
  maxMs: 1000,
  parallel: 8,
  outcomes: COLLATIONS.flatMap(({ name }) => [200, 404, 400].map((status) => `${name} ${status}`)),
  open: () => openOverSql(openClusters),
}

async function openClusters(t: TestContext, sql: SqlStand): Promise<OpenTarget> {
  const storage = await startFidStorage(t)
  const clusters = await Promise.all(
    COLLATIONS.map((collation) => openCluster(t, { sql, collation, storage })),
  )
  const guard = guardConnects()
  t.after(() => guard.release())
  const edges = clusters.map(({ edge: { port } }) => ({ host: '127.0.0.1', port }))
  for (const address of [sql.address, storage, ...edges]) guard.allow(address)
  const outcomes = new Map<string, number>()
  const check = async (text: string): Promise<void> => {
    const cluster = clusters[text.charCodeAt(0) % clusters.length]
    if (cluster === undefined) return
    const outcome = `${cluster.collation.name} ${await statusOf(cluster, text.slice(1))}`
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
  }
  return {
    outcomes,
    generate,
    check: async (text) => assert.deepEqual(await guard.strays(() => check(text)), []),
  }
}

async function openCluster(
  t: TestContext,
  { sql, collation, storage }: { sql: SqlStand; collation: Collation; storage: Address },
): Promise<Cluster> {
  const name = databaseName(collation.name)
  const root = await sql.connect(name)
  await fill(root, collation, storage)
  const mogilefs = sql.conf(name, collation.charset)
  const edge = await serveEdge({ ...defaultEdgeConf(), mogilefs })
  t.after(() => edge.close())
  return { collation, root, edge }
}

/** A digit for the cluster, and a request-target. */
function generate(random: Random): string {
  const cluster = random.below(COLLATIONS.length)
  const key = latin1(random.pick(KEYS))
  const changed = random.oneIn(4) ? key : mutate(random, key, WORDS)
  const domain = random.oneIn(20) ? random.pick(['IMG', 'img ', 'im%67', 'i_g', '%']) : 'img'
  return `${cluster}/${domain}/${escapePath(random, changed)}`
}

/** Most bytes as `%XX`; now and then all that may, or that may not, stand for themselves. */
function escapePath(random: Random, bytes: string): string {
  const plain = random.pick([/[\w./-]/, /[\w./!$&'()*+,;=:@~-]/, /[^%?#]/, /[/]/])
  return Array.from(bytes, (byte) => {
    const isPlain = plain.test(byte) && byte > ' ' && byte !== '\x7f'
    return isPlain ? byte : `%${byte.charCodeAt(0).toString(16).padStart(2, '0')}`
  }).join('')
}

interface Cluster {
  readonly collation: Collation
  readonly root: RootConnection
  readonly edge: ServedEdge
}

async function statusOf(cluster: Cluster, target: string): Promise<number> {
  const client = new RawClient(cluster.edge.port)
  client.send(`GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)
  const { status, headers, body } = await client.read()
  client.socket.destroy()
  assert.deepEqual(cluster.edge.takeErrors(), [])
  const key = keyOf(target)
  const fid = key === undefined ? undefined : await fidOf(cluster, key)
  const expected = fid === undefined ? (key === undefined ? [400, 404] : [404]) : [200]
  assert.ok(expected.includes(status), `${status}: ${body}, where MariaDB has ${fid}`)
  if (status !== 200) return status
  assert.equal(`${body}`, contentOf(fid ?? 0))
  assert.equal(headers['etag'], `"${fid}"`)
  return status
}

/** The bytes of a key that a URL may name; undefined where it may not. */
function keyOf(target: string): Buffer | undefined {
  const [, domain, encoded = ''] = /^\/([^/]*)\/([^?#]*)/.exec(target) ?? []
  if (domain === undefined || !['img', 'im%67'].includes(domain) || /[#\\]/.test(target)) return
  const isEscaped = /^(?:[^%]|%[0-9a-f]{2})*$/i.test(encoded)
  if (!isEscaped || /[\x80-\xff]/.test(encoded)) return undefined
  const bytes = bytesOf(
    encoded.replace(/%(..)/g, (_, hex) => String.fromCharCode(parseInt(hex, 16))),
  )
  const key = `${bytes}`
  const isText = Buffer.from(key).equals(bytes) && [...key].every((one) => !isControl(one))
  const isDotted = key.split('/').some((segment) => segment === '.' || segment === '..')
  const isLong = [...key].length > MAX_KEY_CHARS
  return isText && !isDotted && !isLong && key !== '' ? bytes : undefined
}

function isControl(character: string): boolean {
  return character < ' ' || character === '\x7f'
}

/** What MogileFS would find: the column compares. */
async function fidOf({ root, collation }: Cluster, key: Buffer): Promise<number | undefined> {
  const where = `dmid = 1 AND dkey = ${literal(key, collation)}`
  const [row] = await root.rows(`SELECT fid FROM file WHERE ${where}`)
  return row === undefined ? undefined : Number(row[0])
}

async function fill(
  root: RootConnection,
  collation: Collation,
  { host, port }: Address,
): Promise<void> {
  const { charset, collation: name } = collation
  const files = KEYS.map((key, index) => {
    const [fid, bytes] = [index + 1, literal(Buffer.from(key), collation)]
    return `(${fid}, 1, ${bytes}, ${contentOf(fid).length}, 0, 1)`
  })
  await root.run(`${tablesOf(await schemaSql(charset))};
    ALTER TABLE file MODIFY dkey varchar(255) CHARACTER SET ${charset} COLLATE ${name};
    INSERT INTO host (hostid, status, hostname, hostip, http_port)
      VALUES (1, 'alive', 'a', '${host}', ${port});
    INSERT INTO device (devid, hostid, status) VALUES (1, 1, 'alive');
    INSERT INTO domain (dmid, namespace) VALUES (1, 'img'), (2, 'other');
    INSERT IGNORE INTO file VALUES ${files.join(', ')};
    INSERT INTO file VALUES (9999, 2, 'of the other domain', 1, 0, 1);
    INSERT INTO file_on SELECT fid, 1 FROM file`)
}

/** Of those that the edge reads. */
function tablesOf(schema: string): string {
  const isRead = /CREATE TABLE `(?:host|device|domain|class|file|file_on|checksum)`/
  return schema
    .split(';')
    .filter((statement) => isRead.test(statement))
    .join(';')
}

function literal(bytes: Buffer, { charset }: Collation): string {
  return `_${charset} x'${bytes.toString('hex')}'`
}

function latin1(text: string): string {
  return Buffer.from(text).toString('latin1')
}
