import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { parseQuery } from '../../../src/http/query.ts'
import { isTokenValid } from '../../../src/http/token-check.ts'
import { mutate } from '../mutate.ts'
import type { Random } from '../random.ts'
import type { FuzzTarget } from '../target.ts'

const SECRET = 'a key with blanks'
const TTL = 600
const NOW = 1_800_000_000
const FILENAME = 'M00/00/00/fwAAA2sDFtyAHc0-AAAIAIYy60I718.png'
const REF = { system: 'fastdfs', groupName: 'group1', filename: FILENAME } as const
const TIMES = [
  '0',
  `${NOW}`,
  `${NOW - TTL}`,
  `${NOW - TTL - 1}`,
  `${NOW + 9999}`,
  '-1',
  '1e9',
  '00',
  '',
]
const WORDS = [
  '&',
  '=',
  'token=',
  'ts=',
  '%',
  '%30',
  '+',
  '0',
  'A',
  '%00',
  ' ',
  '0x',
  '.0',
  'ts',
  '&&',
]

/** Tokens: let in is exactly what the rule says, whatever else stands in the query. */
export const TOKENS: FuzzTarget = {
  name: 'tokens, against a model',
  cases: { short: 8000, long: 120_000 },
  maxMs: 250,
  open: () => ({ generate, check }),
}

function generate(random: Random): string {
  const ts = random.pick(TIMES)
  const token = digest(ts)
  const query = random.oneIn(2) ? `token=${token}&ts=${ts}` : `ts=${ts}&x=1&token=${token}`
  return random.oneIn(5) ? query : mutate(random, query, WORDS)
}

function check(text: string): void {
  const query = parseQuery(text)
  if (query === undefined) return
  const options = { secret: SECRET, ttlSeconds: TTL }
  const { token, ts } = query
  const isNumber = ts !== undefined && `${Number.parseInt(ts, 10)}` === ts && Number(ts) >= 0
  const isInTime = ts === '0' || NOW - Number(ts) <= TTL
  const isRight = isNumber && ts.length <= 15 && token === digest(ts) && isInTime
  assert.equal(isTokenValid({ ref: REF, query }, options, NOW), isRight)
}

function digest(ts: string): string {
  return createHash('md5').update(`${FILENAME}${SECRET}${ts}`).digest('hex')
}
