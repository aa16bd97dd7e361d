import type { Checksum } from '../../wire/checksum.ts'
import { checksumOfRow } from '../../wire/mogilefs/checksum.ts'
import type { Database } from './database.ts'
import { foldKey, foldPrefix } from './folded-key.ts'
import { bytesIn, numberIn, type Row, textIn } from './row.ts'

export interface FileRow {
  readonly fid: number
  readonly dmid: number
  readonly dkey: string
  readonly length: number
  readonly classid: number
  readonly devcount: number
}

/** An upload that was begun: where it may go. */
export interface TempfileRow {
  readonly fid: number
  readonly createtime: number
  readonly dmid: number
  readonly dkey: string
  readonly classid: number
  readonly devids: readonly number[]
}

const FILE = 'SELECT fid, dmid, dkey, length, classid, devcount FROM file'
const TEMPFILE = 'SELECT fid, createtime, dmid, dkey, classid, devids FROM tempfile'

/** Sorts behind every character that a key can go on with. */
const LAST_CHARACTER = '\u{10FFFF}'

/** Keys, fids and where their copies are: `file`, `file_on`, `tempfile`, `checksum`. */
export class FileTables {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  byKey(dmid: number, key: string): FileRow | undefined {
    const sql = `${FILE} WHERE dmid = ? AND dkey_folded = ?`
    return optional(this.#db.row(sql, dmid, foldKey(key)), fileOf)
  }

  byFid(fid: number): FileRow | undefined {
    return optional(this.#db.row(`${FILE} WHERE fid = ?`, fid), fileOf)
  }

  afterFid(fid: number, limit: number): readonly FileRow[] {
    return this.#db.rows(`${FILE} WHERE fid > ? ORDER BY fid LIMIT ?`, fid, limit).map(fileOf)
  }

  /** Keys that begin with a prefix, behind another key, in the collation's order. */
  keys(
    dmid: number,
    { prefix, after, limit }: { prefix: string; after: string; limit: number },
  ): readonly string[] {
    const start = foldPrefix(prefix)
    const range = 'dkey_folded >= ? AND dkey_folded < ? AND dkey_folded > ?'
    const sql = `SELECT dkey FROM file WHERE dmid = ? AND ${range} ORDER BY dkey_folded LIMIT ?`
    const rows = this.#db.rows(sql, dmid, start, start + LAST_CHARACTER, foldKey(after), limit)
    return rows.map((row) => textIn(row, 'dkey'))
  }

  insert(file: FileRow): void {
    const sql =
      'INSERT INTO file (fid, dmid, dkey, length, classid, devcount) VALUES (?, ?, ?, ?, ?, ?)'
    const { fid, dmid, dkey, length, classid, devcount } = file
    this.#db.run(sql, fid, dmid, dkey, length, classid, devcount)
  }

  /** The copies stay listed until they are deleted. */
  delete(fid: number): void {
    this.#db.run('DELETE FROM file WHERE fid = ?', fid)
    this.#db.run('DELETE FROM checksum WHERE fid = ?', fid)
  }

  rename(fid: number, key: string): void {
    this.#db.run('UPDATE file SET dkey = ? WHERE fid = ?', key, fid)
  }

  setClass(fid: number, classid: number): void {
    this.#db.run('UPDATE file SET classid = ? WHERE fid = ?', classid, fid)
  }

  devids(fid: number): readonly number[] {
    const rows = this.#db.rows('SELECT devid FROM file_on WHERE fid = ? ORDER BY devid', fid)
    return rows.map((row) => numberIn(row, 'devid'))
  }

  addCopy(fid: number, devid: number): void {
    this.#db.run('INSERT OR IGNORE INTO file_on (fid, devid) VALUES (?, ?)', fid, devid)
    this.#countCopies(fid)
  }

  removeCopy(fid: number, devid: number): void {
    this.#db.run('DELETE FROM file_on WHERE fid = ? AND devid = ?', fid, devid)
    this.#countCopies(fid)
  }

  #countCopies(fid: number): void {
    const count = '(SELECT count(*) FROM file_on WHERE fid = file.fid)'
    this.#db.run(`UPDATE file SET devcount = ${count} WHERE fid = ?`, fid)
  }

  checksum(fid: number): Checksum | null {
    const row = this.#db.row('SELECT hashtype, checksum FROM checksum WHERE fid = ?', fid)
    return row ? checksumOfRow(numberIn(row, 'hashtype'), bytesIn(row, 'checksum')) : null
  }

  setChecksum(fid: number, hashtype: number, value: Buffer): void {
    const sql = 'INSERT OR REPLACE INTO checksum (fid, hashtype, checksum) VALUES (?, ?, ?)'
    this.#db.run(sql, fid, hashtype, value)
  }

  tempfile(fid: number): TempfileRow | undefined {
    return optional(this.#db.row(`${TEMPFILE} WHERE fid = ?`, fid), tempfileOf)
  }

  /** Uploads that were begun before then and never closed. */
  tempfilesBefore(createtime: number, limit: number): readonly TempfileRow[] {
    const sql = `${TEMPFILE} WHERE createtime < ? ORDER BY fid LIMIT ?`
    return this.#db.rows(sql, createtime, limit).map(tempfileOf)
  }

  hasFid(fid: number): boolean {
    return this.byFid(fid) !== undefined || this.tempfile(fid) !== undefined
  }

  /** The fid of the new row; `fid` null is the next one that was never used. */
  insertTempfile(row: Omit<TempfileRow, 'fid'> & { readonly fid: number | null }): number {
    const sql =
      'INSERT INTO tempfile (fid, createtime, dmid, dkey, classid, devids) VALUES (?, ?, ?, ?, ?, ?)'
    const { fid, createtime, dmid, dkey, classid, devids } = row
    return this.#db.run(sql, fid, createtime, dmid, dkey, classid, devids.join(',')).lastId
  }

  deleteTempfile(fid: number): void {
    this.#db.run('DELETE FROM tempfile WHERE fid = ?', fid)
  }
}

function optional<T>(row: Row | undefined, of: (row: Row) => T): T | undefined {
  return row === undefined ? undefined : of(row)
}

function fileOf(row: Row): FileRow {
  return {
    fid: numberIn(row, 'fid'),
    dmid: numberIn(row, 'dmid'),
    dkey: textIn(row, 'dkey'),
    length: numberIn(row, 'length'),
    classid: numberIn(row, 'classid'),
    devcount: numberIn(row, 'devcount'),
  }
}

function tempfileOf(row: Row): TempfileRow {
  const devids = textIn(row, 'devids')
  return {
    fid: numberIn(row, 'fid'),
    createtime: numberIn(row, 'createtime'),
    dmid: numberIn(row, 'dmid'),
    dkey: textIn(row, 'dkey'),
    classid: numberIn(row, 'classid'),
    devids: devids === '' ? [] : devids.split(',').map(Number),
  }
}
