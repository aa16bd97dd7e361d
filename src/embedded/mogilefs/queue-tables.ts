import type { Database } from './database.ts'
import { numberIn } from './row.ts'

export type QueueName = 'file_to_replicate' | 'file_to_delete2'

export interface QueuedFid {
  readonly fid: number
  /** Unix seconds. */
  readonly nexttry: number
  /** Tries that did not succeed, with the one that goes on now. */
  readonly failcount: number
}

/** The longest time between two tries. */
const MAX_BACKOFF_SECONDS = 300

/** Fids that a worker has to deal with; they outlive the process. */
export class QueueTable {
  readonly #db: Database
  readonly #name: QueueName

  constructor(db: Database, name: QueueName) {
    this.#db = db
    this.#name = name
  }

  /** Also while a try goes on: then there is another after it. */
  add(fid: number, nowSeconds: number): void {
    const sql = `INSERT OR REPLACE INTO ${this.#name} (fid, nexttry) VALUES (?, ?)`
    this.#db.run(sql, fid, nowSeconds)
  }

  find(fid: number): QueuedFid | undefined {
    return this.#one('fid = ?', fid)
  }

  /** What has waited longest, if it is due. It counts as failed until it is finished. */
  begin(nowSeconds: number): QueuedFid | undefined {
    const job = this.#one('nexttry <= ? ORDER BY nexttry, fid LIMIT 1', nowSeconds)
    if (job === undefined) return undefined
    this.#db.run(`UPDATE ${this.#name} SET failcount = failcount + 1 WHERE fid = ?`, job.fid)
    return { ...job, failcount: job.failcount + 1 }
  }

  get isEmpty(): boolean {
    return this.#one('1 LIMIT 1') === undefined
  }

  /** Unless it was added again meanwhile. */
  finish({ fid, failcount }: QueuedFid): void {
    this.#db.run(`DELETE FROM ${this.#name} WHERE fid = ? AND failcount = ?`, fid, failcount)
  }

  remove(fid: number): void {
    this.#db.run(`DELETE FROM ${this.#name} WHERE fid = ?`, fid)
  }

  /** To be tried again, later each time. */
  defer({ fid, failcount }: QueuedFid, nowSeconds: number): void {
    const nexttry = nowSeconds + Math.min(2 ** (failcount - 1), MAX_BACKOFF_SECONDS)
    const sql = `UPDATE ${this.#name} SET nexttry = ? WHERE fid = ? AND failcount = ?`
    this.#db.run(sql, nexttry, fid, failcount)
  }

  /** All at once, now that something has changed. */
  hurry(nowSeconds: number): void {
    this.#db.run(`UPDATE ${this.#name} SET nexttry = min(nexttry, ?)`, nowSeconds)
  }

  #one(condition: string, ...values: number[]): QueuedFid | undefined {
    const sql = `SELECT fid, nexttry, failcount FROM ${this.#name} WHERE ${condition}`
    const row = this.#db.row(sql, ...values)
    return (
      row && {
        fid: numberIn(row, 'fid'),
        nexttry: numberIn(row, 'nexttry'),
        failcount: numberIn(row, 'failcount'),
      }
    )
  }
}
