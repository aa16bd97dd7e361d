import { ClusterTables } from './cluster-tables.ts'
import { Database } from './database.ts'
import { DomainTables } from './domain-tables.ts'
import { FileTables } from './file-tables.ts'
import { QueueTable } from './queue-tables.ts'
import { SettingsTable } from './settings-table.ts'

/** What the trackers know, in one database that all of them share. */
export class MetadataStore {
  readonly #db = new Database()
  readonly cluster = new ClusterTables(this.#db)
  readonly domains = new DomainTables(this.#db)
  readonly files = new FileTables(this.#db)
  readonly settings = new SettingsTable(this.#db)
  readonly toReplicate = new QueueTable(this.#db, 'file_to_replicate')
  readonly toDelete = new QueueTable(this.#db, 'file_to_delete2')

  /** @throws EdgeError local_file */
  open(path: string): void {
    this.#db.open(path)
  }

  close(): void {
    this.#db.close()
  }

  transaction<T>(act: () => T): T {
    return this.#db.transaction(act)
  }

  /** For odd rows in tests: runs SQL on the tables. Columns are upstream's. */
  exec(sql: string): void {
    this.#db.exec(sql)
  }

  /** Removes a key at once; its copies are left to the worker. */
  deleteFile(fid: number, nowSeconds: number): void {
    this.files.delete(fid)
    this.toReplicate.remove(fid)
    this.toDelete.add(fid, nowSeconds)
  }
}
