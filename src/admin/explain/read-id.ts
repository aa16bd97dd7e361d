import { type FileId, isMetadataName } from '../../wire/fastdfs/file-id.ts'
import type { IdReport } from './explanation.ts'

/** Addresses and ids of the storages that the trackers list for the file's group. */
export interface KnownStorages {
  readonly ipAddrs: readonly string[]
  readonly ids: readonly string[]
}

/** A storage whose clock is a little ahead is nothing odd. */
const CLOCK_TOLERANCE_SECONDS = 60

/** The fields of an id, and what is odd in them. @param storages null: no tracker told of them */
export function reportId(
  id: FileId,
  { storages, nowSeconds }: { storages: KnownStorages | null; nowSeconds: number },
): IdReport {
  const { kind, sourceIp, sourceId, createTimestamp, size, crc32, storePathIndex, trunk } = id
  const source = sourceId === null ? `${sourceIp}` : `storage id ${sourceId}`
  const oddities = [
    ...oddSource(id, source, storages),
    ...oddTime(createTimestamp, nowSeconds),
    ...oddKind(id),
  ]
  return { kind, source, createTimestamp, size, crc32, storePathIndex, trunk, oddities }
}

function oddSource(
  { groupName, sourceIp, sourceId }: FileId,
  source: string,
  storages: KnownStorages | null,
): readonly string[] {
  if (storages === null) return []
  const isListed =
    sourceId === null
      ? sourceIp !== null && storages.ipAddrs.includes(sourceIp)
      : storages.ids.includes(`${sourceId}`)
  if (isListed) return []
  return [
    `no tracker lists its source ${source} in ${groupName}: that storage was removed or has another address now, or the id is forged or of another cluster`,
  ]
}

function oddTime(createTimestamp: number, nowSeconds: number): readonly string[] {
  const ahead = createTimestamp - nowSeconds
  if (ahead <= CLOCK_TOLERANCE_SECONDS) return []
  return ['its time of creation is in the future: a clock is wrong, or the id is forged']
}

function oddKind(id: FileId): readonly string[] {
  if (isMetadataName(id.filename)) return ['it names the metadata of a file (-m)']
  if (id.kind === 'slave') {
    return ['it is a slave (thumbnail): size, time and checksum in it are those of its master']
  }
  if (id.kind === 'appender') return ['it is an appender: its size is known to the storages alone']
  return []
}
