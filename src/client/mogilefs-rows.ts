import type { Checksum } from '../wire/checksum.ts'
import { checksumOfRow } from '../wire/mogilefs/checksum.ts'
import { countColumn, type TableDomain } from './mogilefs-tables.ts'
import type { SqlRow } from './sql-connection.ts'
import { isOutsideCharset } from './sql-error.ts'
import type { SqlServer } from './sql-server.ts'

/** One row for each copy; one without a device for a file without copies. */
const FILE =
  'SELECT f.fid, f.length, f.classid, o.devid' +
  ' FROM file f LEFT JOIN file_on o ON o.fid = f.fid' +
  ' WHERE f.dmid = ? AND f.dkey = ?'
/** The same for domains with a class that has checksums, for they cost a look into one table more. */
const FILE_AND_CHECKSUM =
  'SELECT f.fid, f.length, f.classid, o.devid, s.hashtype, s.checksum' +
  ' FROM file f LEFT JOIN file_on o ON o.fid = f.fid LEFT JOIN checksum s ON s.fid = f.fid' +
  ' WHERE f.dmid = ? AND f.dkey = ?'

const DEVICES_OF_FID = 'SELECT devid FROM file_on WHERE fid = ?'

export const FILE_STATEMENTS = [FILE, FILE_AND_CHECKSUM]

/** What the tables say of a key. */
export interface FileRows {
  readonly fid: number
  readonly length: number | null
  readonly classid: number
  readonly devids: readonly number[]
  readonly checksum: Checksum | null
}

/** One round trip; null where no row has the key by its column's collation. */
export async function findFile(
  server: SqlServer,
  domain: TableDomain,
  key: string,
  signal: AbortSignal,
): Promise<FileRows | null> {
  const statement = domain.hasChecksums ? FILE_AND_CHECKSUM : FILE
  try {
    const rows = await server.execute(statement, [domain.dmid, key], signal)
    return fileOf(rows, domain)
  } catch (error) {
    if (isOutsideCharset(error)) return null
    throw error
  }
}

/** Where copies of a fid are or should be, whatever key has it. */
export async function findDevices(
  server: SqlServer,
  fid: number,
  signal: AbortSignal,
): Promise<readonly number[]> {
  const rows = await server.execute(DEVICES_OF_FID, [fid], signal)
  return rows.map(([devid]) => countColumn(devid))
}

function fileOf(rows: readonly SqlRow[], { hashtypes }: TableDomain): FileRows | null {
  const [row] = rows
  if (row === undefined) return null
  const [fid, length, classid, , hashtype, checksum] = row
  const devids = rows.flatMap(([, , , devid]) => (devid === null ? [] : [countColumn(devid)]))
  // A class that has lost its hash type has rows left; the tracker does not tell them either.
  const hasChecksum = checksum instanceof Buffer && hashtypes.get(Number(classid)) !== null
  return {
    fid: countColumn(fid),
    length: length === null ? null : countColumn(length),
    classid: countColumn(classid),
    devids,
    checksum: hasChecksum ? checksumOfRow(Number(hashtype), checksum) : null,
  }
}
