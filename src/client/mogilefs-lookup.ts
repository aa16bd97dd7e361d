import { asEdgeError, EdgeError } from '../errors.ts'
import { parseChecksum } from '../wire/mogilefs/checksum.ts'
import { type FidUrl, parseFidUrl } from '../wire/mogilefs/fid-path.ts'
import {
  decodeFileInfo,
  decodePaths,
  type FileDebug,
  type FileInfo,
} from '../wire/mogilefs/file-messages.ts'
import type { Answer } from '../wire/mogilefs/line.ts'
import type { Observe } from './events.ts'
import type { MogilefsFile, MogilefsLookup } from './mogilefs-file.ts'
import { type Judged, judge } from './mogilefs-verdict.ts'

/** Who gave an answer, and who is told of what is odd in it. */
export interface TrackerSource {
  readonly host: string
  readonly observe: Observe
}

/**
 * What the answers to GET_PATHS and FILE_INFO of one key say together; undefined where they speak of
 * two fids, because the file was overwritten in between.
 * @throws EdgeError where another tracker may do better
 */
export function lookupOf(
  paths: Answer,
  info: Answer,
  source: TrackerSource,
): Judged<MogilefsLookup> | undefined {
  const urls = judge(paths, source.host, decodePaths)
  if (urls === null || 'refusal' in urls) return urls
  if (urls.value === 'no_key') return { value: 'no_key' }
  const known = infoOf(info, source.host)
  if (known === 'no_key') return { value: 'no_key' }
  const copies = copiesOf(urls.value, source)
  if (known instanceof EdgeError) return withoutInfo(copies, known)
  if (copies.some(({ fid }) => fid !== known.fid)) return undefined
  return { value: fileOf(known.fid, known, copies) }
}

function withoutInfo(copies: readonly FidUrl[], why: EdgeError): Judged<MogilefsFile> | undefined {
  const [first] = copies
  // Neither a row nor a copy says which file it is.
  if (first === undefined) throw why
  if (copies.some(({ fid }) => fid !== first.fid)) return undefined
  return { value: fileOf(first.fid, null, copies) }
}

/** What FILE_DEBUG says; it names all copies, readable or not. */
export function lookupOfDebug({ file, paths }: FileDebug, source: TrackerSource): MogilefsLookup {
  if (file === null) return 'no_key'
  const urls = paths.map(({ path }) => path)
  const copies = copiesOf(urls, source).filter(({ fid }) => fid === file.fid)
  return fileOf(file.fid, file, copies)
}

/** A class without a row makes FILE_INFO fail while GET_PATHS does not care: then an error. */
function infoOf(answer: Answer, host: string): FileInfo | 'no_key' | EdgeError {
  try {
    const info = judge(answer, host, decodeFileInfo)
    if (info === null) return 'no_key'
    return 'refusal' in info ? info.refusal : info.value
  } catch (thrown) {
    const error = asEdgeError(thrown)
    if (error.code !== 'refused_by_server') throw error
    return error
  }
}

function fileOf(fid: number, info: FileInfo | null, copies: readonly FidUrl[]): MogilefsFile {
  const checksum = parseChecksum(info?.checksum ?? '')
  return { fid, length: info?.length ?? null, copies, checksum }
}

function copiesOf(urls: readonly string[], { host, observe }: TrackerSource): readonly FidUrl[] {
  return urls.flatMap((url) => {
    const copy = parseFidUrl(url)
    if (copy !== undefined) return [copy]
    const message = `${host} names ${JSON.stringify(url.slice(0, 200))}, which is no URL of a fid`
    const error = new EdgeError('protocol_error', message, { host })
    observe({ type: 'host_failed', host, error })
    return []
  })
}
