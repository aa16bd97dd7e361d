import type { Database } from './database.ts'
import { numberIn, optionalNumberIn, optionalTextIn, type Row, textIn } from './row.ts'

export interface ClassRow {
  readonly classid: number
  readonly classname: string
  readonly mindevcount: number
  /** 1 MD5, 2 SHA-1. */
  readonly hashtype: number | null
  readonly replpolicy: string | null
}

/** Every domain has it, with a row or without. */
export const DEFAULT_CLASS: ClassRow = {
  classid: 0,
  classname: 'default',
  mindevcount: 2,
  hashtype: null,
  replpolicy: null,
}

const CLASS = 'SELECT classid, classname, mindevcount, hashtype, replpolicy FROM class'

/** `domain` and `class`. Their names are exact. */
export class DomainTables {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  domains(): readonly { readonly dmid: number; readonly namespace: string }[] {
    return this.#db
      .rows('SELECT dmid, namespace FROM domain ORDER BY dmid')
      .map((row) => ({ dmid: numberIn(row, 'dmid'), namespace: textIn(row, 'namespace') }))
  }

  dmid(namespace: string): number | undefined {
    const row = this.#db.row('SELECT dmid FROM domain WHERE namespace = ?', namespace)
    return row && numberIn(row, 'dmid')
  }

  namespace(dmid: number): string | undefined {
    const row = this.#db.row('SELECT namespace FROM domain WHERE dmid = ?', dmid)
    return row && textIn(row, 'namespace')
  }

  insertDomain(namespace: string): number {
    return this.#db.run('INSERT INTO domain (namespace) VALUES (?)', namespace).lastId
  }

  deleteDomain(dmid: number): void {
    this.#db.run('DELETE FROM domain WHERE dmid = ?', dmid)
    this.#db.run('DELETE FROM class WHERE dmid = ?', dmid)
  }

  hasFiles(dmid: number, classid?: number): boolean {
    const sql =
      classid === undefined
        ? 'SELECT 1 FROM file WHERE dmid = ? LIMIT 1'
        : 'SELECT 1 FROM file WHERE dmid = ? AND classid = ? LIMIT 1'
    const values = classid === undefined ? [dmid] : [dmid, classid]
    return this.#db.row(sql, ...values) !== undefined
  }

  /** With `default`, which comes last where it has no row of its own. */
  classes(dmid: number): readonly ClassRow[] {
    const classes = this.#db.rows(`${CLASS} WHERE dmid = ? ORDER BY classid`, dmid).map(classOf)
    const hasDefault = classes.some(({ classid }) => classid === DEFAULT_CLASS.classid)
    return hasDefault ? classes : [...classes, DEFAULT_CLASS]
  }

  /** Undefined for a classid that no row explains. */
  classOf(dmid: number, classid: number): ClassRow | undefined {
    return this.classes(dmid).find((it) => it.classid === classid)
  }

  classNamed(dmid: number, classname: string): ClassRow | undefined {
    return this.classes(dmid).find((it) => it.classname === classname)
  }

  /** `default` may be known without having a row. */
  hasClassRow(dmid: number, classname: string): boolean {
    const sql = 'SELECT 1 FROM class WHERE dmid = ? AND classname = ?'
    return this.#db.row(sql, dmid, classname) !== undefined
  }

  nextClassid(dmid: number): number {
    const row = this.#db.row('SELECT max(classid) AS last FROM class WHERE dmid = ?', dmid)
    return (row ? (optionalNumberIn(row, 'last') ?? 0) : 0) + 1
  }

  putClass(dmid: number, it: ClassRow): void {
    const { classid, classname, mindevcount, hashtype, replpolicy } = it
    const columns = 'dmid, classid, classname, mindevcount, hashtype, replpolicy'
    const sql = `INSERT OR REPLACE INTO class (${columns}) VALUES (?, ?, ?, ?, ?, ?)`
    this.#db.run(sql, dmid, classid, classname, mindevcount, hashtype, replpolicy)
  }

  deleteClass(dmid: number, classid: number): void {
    this.#db.run('DELETE FROM class WHERE dmid = ? AND classid = ?', dmid, classid)
  }
}

function classOf(row: Row): ClassRow {
  return {
    classid: numberIn(row, 'classid'),
    classname: textIn(row, 'classname'),
    mindevcount: numberIn(row, 'mindevcount'),
    hashtype: optionalNumberIn(row, 'hashtype'),
    replpolicy: optionalTextIn(row, 'replpolicy'),
  }
}
