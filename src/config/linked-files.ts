import { basename } from 'node:path'
import { type FileRead, readBoundedFile } from './bounded-file.ts'
import type { Findings, Place } from './fault.ts'
import type { IniEntry } from './ini-file.ts'
import { type MimeTypes, parseMimeTypes } from './mime-types.ts'
import { quote } from './quote.ts'
import { pathFrom, type Settings } from './settings.ts'
import { parseStorageIds, type StorageId } from './storage-ids.ts'

/** The body of an answer to a wrong token. */
export interface TokenCheckFail {
  /** Without its folder; tells the media type. */
  readonly filename: string
  readonly content: Buffer
}

const MAX_LIST_BYTES = 1024 * 1024
const MAX_FAIL_BYTES = 1024 * 1024

/** The file behind http.mime_types_filename; empty if none is named. */
export function readMimeTypes(settings: Settings, findings: Findings): MimeTypes {
  const entry = settings.entryOf('http.mime_types_filename')
  if (!entry?.value) return new Map()
  const text = readLinked(entry, MAX_LIST_BYTES, findings)?.toString('utf8')
  return text === undefined ? new Map() : parseMimeTypes(text, pathFrom(entry), findings)
}

/** The file behind http.anti_steal.token_check_fail; not looked at while no token is checked. */
export function readTokenCheckFail(settings: Settings, findings: Findings): TokenCheckFail | null {
  const entry = settings.entryOf('http.anti_steal.token_check_fail')
  if (!entry?.value || !settings.get('http.anti_steal.check_token')) return null
  const content = readLinked(entry, MAX_FAIL_BYTES, findings)
  return content === undefined ? null : { filename: basename(entry.value), content }
}

/**
 * The file behind storage_ids_filename, if use_storage_id is set. Upstream does not read it where a
 * tracker knows the ids; here it is then a help that may be missing.
 */
export function readStorageIds(file: string, settings: Settings, findings: Findings): StorageId[] {
  if (!settings.get('use_storage_id')) return []
  const stated = settings.entryOf('storage_ids_filename')
  const value = settings.get('storage_ids_filename')
  const place = stated ?? settings.entryOf('use_storage_id') ?? { file }
  const path = pathFrom({ file: place.file, value })
  const read = readBoundedFile(path, MAX_LIST_BYTES)
  if (read.isRead) return parseStorageIds(read.content.toString('utf8'), path, findings)
  const message = `storage_ids_filename: ${quote(path)} cannot be read: ${read.reason}`
  if (settings.get('load_fdfs_parameters_from_tracker')) findings.warn(place, message)
  else findings.fault(place, message)
  return []
}

function readLinked(entry: IniEntry, maxBytes: number, findings: Findings): Buffer | undefined {
  const path = pathFrom(entry)
  const read: FileRead = readBoundedFile(path, maxBytes)
  if (read.isRead) return read.content
  const place: Place = entry
  findings.fault(place, `${entry.name}: ${quote(path)} cannot be read: ${read.reason}`)
  return undefined
}
