import type { Database } from './database.ts'
import { textIn } from './row.ts'

/** What holds for all trackers: `server_settings`. */
export class SettingsTable {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  all(): readonly (readonly [field: string, value: string])[] {
    const rows = this.#db.rows('SELECT field, value FROM server_settings ORDER BY field')
    return rows.map((row) => [textIn(row, 'field'), textIn(row, 'value')])
  }

  of(field: string): string | undefined {
    const row = this.#db.row('SELECT value FROM server_settings WHERE field = ?', field)
    return row && textIn(row, 'value')
  }

  set(field: string, value: string): void {
    const sql = 'INSERT OR REPLACE INTO server_settings (field, value) VALUES (?, ?)'
    this.#db.run(sql, field, value)
  }
}
