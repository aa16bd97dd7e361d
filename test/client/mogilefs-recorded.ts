import { readFileSync } from 'node:fs'
import { parseFidUrl } from '../../src/wire/mogilefs/fid-path.ts'
import { decodePaths } from '../../src/wire/mogilefs/file-messages.ts'
import { type Answer, decodeAnswer, decodeRequest } from '../../src/wire/mogilefs/line.ts'
import type { FileRow } from './mogilefs-db-fixture.ts'

const WIRE = new URL('../fixtures/mogilefs-wire.json', import.meta.url)

/** A GET_PATHS that a tracker of the recorded cluster was asked, and its answer. */
export interface RecordedLookup {
  readonly name: string
  readonly domain: string
  readonly key: string
  /** The tracker looked at the disk first, and left out what it did not find there. */
  readonly isVerified: boolean
  readonly pathcount: number
  readonly answer: Answer
  readonly urls: readonly string[]
}

interface Exchange {
  readonly name: string
  readonly request: string | null
  readonly response: string | null
}

/** All that name a domain and a key, in the order of the recording. */
export function recordedLookups(): readonly RecordedLookup[] {
  const exchanges: readonly Exchange[] = JSON.parse(readFileSync(WIRE, 'utf8'))
  return exchanges.flatMap((exchange) => lookupOf(exchange) ?? [])
}

function lookupOf({ name, request, response }: Exchange): RecordedLookup | undefined {
  const asked = decodeRequest((request ?? '').replace(/\r?\n$/, ''))
  const [domain, key] = [asked?.args.get('domain'), asked?.args.get('key')]
  if (asked?.command !== 'get_paths' || !domain || !key || !response?.endsWith('\r\n'))
    return undefined
  const answer = decodeAnswer(response.slice(0, -2))
  return {
    name,
    domain,
    key,
    isVerified: asked.args.get('noverify') !== '1',
    pathcount: Number(asked.args.get('pathcount') ?? 2),
    answer,
    urls: answer.kind === 'ok' ? decodePaths(answer.args) : [],
  }
}

const DMIDS: Readonly<Record<string, number>> = { img: 1, video: 2 }

/**
 * The rows that the answers speak of: of each fid its devices, under the first key that found it.
 * The recording asks for a key as it was stored before it tries other spellings of it.
 */
export function rowsOf(lookups: readonly RecordedLookup[]): readonly FileRow[] {
  const rows = new Map<number, FileRow & { readonly devids: number[] }>()
  for (const { domain, key, urls } of lookups) {
    for (const { fid, devid } of urls.flatMap((url) => parseFidUrl(url) ?? [])) {
      const row = rows.get(fid) ?? { fid, key, dmid: DMIDS[domain] ?? 0, devids: [] }
      if (!row.devids.includes(devid)) row.devids.push(devid)
      rows.set(fid, row)
    }
  }
  return [...rows.values()]
}
