import assert from 'node:assert/strict'
import { isIPv4 } from 'node:net'
import {
  createSlaveFilename,
  formatFileId,
  parseFileId,
  splitFileId,
} from '../../../src/wire/fastdfs/file-id.ts'
import { FILE_IDS } from '../corpus.ts'
import { mutate } from '../mutate.ts'
import { NASTY_TEXT } from '../nasty.ts'
import type { Random } from '../random.ts'
import type { FuzzTarget } from '../target.ts'

/** File ids: what is one, says sound things of itself and is the same when written out again. */
export const FILE_ID_TEXTS: FuzzTarget = {
  name: 'file ids',
  cases: { short: 12_000, long: 300_000 },
  maxMs: 250,
  open: () => ({ generate, check }),
}

function generate(random: Random): string {
  const id = random.pick(FILE_IDS)
  // A base64 part of other bytes: sizes, times, marks and addresses of every kind.
  const start = id.lastIndexOf('/') + 1
  const bytes = Buffer.from(Array.from({ length: 20 }, () => random.below(256)))
  const other = id.slice(0, start) + bytes.toString('base64url') + id.slice(start + 27)
  return random.oneIn(4) ? other : mutate(random, random.oneIn(2) ? other : id, NASTY_TEXT)
}

function check(text: string): void {
  const name = splitFileId(text)
  const id = name && parseFileId(name)
  if (id === undefined) return
  assert.deepEqual(splitFileId(formatFileId(id)), name)
  assert.match(id.dataPath, /^[\dA-F]{2}\/[\dA-F]{2}\/[^/]+$/)
  assert.ok(id.storePathIndex >= 0 && id.storePathIndex <= 255)
  assert.ok(id.sourceIp === null ? id.sourceId !== null : isIPv4(id.sourceIp))
  for (const number of [id.size ?? 0, id.crc32 ?? 0, id.createTimestamp, id.trunk?.offset ?? 0]) {
    assert.ok(Number.isSafeInteger(number) && number >= 0, `${number}`)
  }
  const slave = createSlaveFilename(id, '_s', 'jpg')
  assert.ok(!slave.includes('..') || id.filename.includes('..'))
}
