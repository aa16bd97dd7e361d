import { i64, type StructValue, struct, text } from '../struct.ts'

const GROUP_STAT_FIELDS = {
  groupName: text(17),
  totalMb: i64,
  freeMb: i64,
  reservedMb: i64,
  trunkFreeMb: i64,
  storageCount: i64,
  storagePort: i64,
  readableServerCount: i64,
  writableServerCount: i64,
  currentWriteServer: i64,
  storePathCount: i64,
  subdirCountPerPath: i64,
  /** -1 without trunk files */
  currentTrunkFileId: i64,
} as const

/** One record of 90 and 91 (`TrackerGroupStat`): 113 bytes, 105 without reserved_mb up to 6.13.0. */
const GROUP_STAT = struct(GROUP_STAT_FIELDS)
const { reservedMb: _reserved, ...OLD_GROUP_STAT_FIELDS } = GROUP_STAT_FIELDS
const OLD_GROUP_STAT = struct(OLD_GROUP_STAT_FIELDS)

export type GroupStat = StructValue<typeof GROUP_STAT>

export function encodeGroupStats(groups: readonly GroupStat[]): Buffer {
  return Buffer.concat(groups.map((group) => GROUP_STAT.encode(group)))
}

/**
 * 113 old records are as long as 105 of today. Then a name stands where the second old record
 * begins; in one of today it is the top byte of a small number.
 */
function isOldGroupStats(body: Buffer): boolean {
  if (body.length % OLD_GROUP_STAT.size !== 0) return false
  const topByte = body[OLD_GROUP_STAT.size] ?? 0
  return body.length % GROUP_STAT.size !== 0 || (topByte !== 0 && topByte !== 0xff)
}

export function decodeGroupStats(body: Buffer): GroupStat[] {
  if (!isOldGroupStats(body)) return GROUP_STAT.decodeAll(body)
  return OLD_GROUP_STAT.decodeAll(body).map((old) => {
    const stat = { ...old, reservedMb: 0 }
    // Up to 6.12 the two counts were storage_http_port and active_count: a port exceeds any count.
    if (stat.readableServerCount <= stat.storageCount) return stat
    return { ...stat, readableServerCount: stat.writableServerCount }
  })
}
