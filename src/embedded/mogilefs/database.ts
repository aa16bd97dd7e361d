import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { EdgeError } from '../../errors.ts'
import { foldKey } from './folded-key.ts'
import type { Row } from './row.ts'
import { SCHEMA } from './schema.ts'

// Exclusive: two processes on one store would delete each other's files. With a write-ahead log and
// NORMAL a killed process loses nothing; a power cut may lose the last answers, never the tables.
const SETTINGS = `
PRAGMA locking_mode = EXCLUSIVE;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
`

/** MogileFS's tables in one SQLite file. All of it is synchronous: a statement takes microseconds. */
export class Database {
  #db: DatabaseSync | undefined
  readonly #statements = new Map<string, StatementSync>()

  /** @throws EdgeError local_file when it cannot be used, or another process does */
  open(path: string): void {
    try {
      const db = new DatabaseSync(path)
      this.#db = db
      db.function('fold_key', { deterministic: true }, foldColumn)
      db.exec(SETTINGS)
      db.exec(SCHEMA)
    } catch (cause) {
      this.close()
      throw new EdgeError('local_file', `cannot use ${path}: ${messageOf(cause)}`, { cause })
    }
  }

  close(): void {
    this.#statements.clear()
    this.#db?.close()
    this.#db = undefined
  }

  row(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#prepared(sql).get(...values)
  }

  rows(sql: string, ...values: SQLInputValue[]): readonly Row[] {
    return this.#prepared(sql).all(...values)
  }

  /** How many rows were changed, and the number of the one that was inserted. */
  run(sql: string, ...values: SQLInputValue[]): { changes: number; lastId: number } {
    const { changes, lastInsertRowid } = this.#prepared(sql).run(...values)
    return { changes: Number(changes), lastId: Number(lastInsertRowid) }
  }

  /** Statements as they stand, several if need be. */
  exec(sql: string): void {
    this.#opened().exec(sql)
  }

  /** All of it or nothing. */
  transaction<T>(act: () => T): T {
    this.exec('BEGIN IMMEDIATE')
    try {
      const result = act()
      this.exec('COMMIT')
      return result
    } catch (error) {
      this.exec('ROLLBACK')
      throw error
    }
  }

  #prepared(sql: string): StatementSync {
    const known = this.#statements.get(sql)
    if (known !== undefined) return known
    const statement = this.#opened().prepare(sql)
    this.#statements.set(sql, statement)
    return statement
  }

  #opened(): DatabaseSync {
    if (this.#db === undefined) throw new EdgeError('local_file', 'the store is closed')
    return this.#db
  }
}

function foldColumn(key: unknown): string | null {
  return typeof key === 'string' ? foldKey(key) : null
}

/** A statement that broke a rule of the tables: a value too long, a name that is there already. */
export function isSqlError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_SQLITE_ERROR'
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
