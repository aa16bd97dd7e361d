import { bytesOf } from './mutate.ts'

/** Columns that the edge reads, by table. */
const TABLES: Readonly<Record<string, readonly string[]>> = {
  host: [
    ...['hostid', 'hostname', 'hostip', 'status', 'http_port', 'http_get_port', 'altip', 'altmask'],
  ],
  device: ['devid', 'hostid', 'status', 'weight', 'mb_total', 'mb_used'],
  domain: ['dmid', 'namespace'],
  class: ['dmid', 'classid', 'hashtype'],
  file: ['fid', 'dmid', 'dkey', 'length', 'classid'],
  file_on: ['fid', 'devid'],
  checksum: ['fid', 'hashtype', 'checksum'],
}

/** What a table holds, whatever its columns would take in a database that is well. */
export interface View {
  readonly table: string
  readonly rows: readonly (readonly string[])[]
  /** Another version of MogileFS may be without them. */
  readonly missing: ReadonlySet<string>
}

/**
 * One view for each table, of lines `host|1|a|10.99.0.1`: a row, its values in the order of columns.
 * `N` is NULL, `#6162` are bytes, digits a number, all else text. `-host|altip` leaves a column out.
 */
export function viewsOf(text: string): readonly View[] {
  const lines = text.split('\n').map((line) => line.split('|'))
  const of = (name: string): readonly (readonly string[])[] =>
    lines.flatMap(([first, ...cells]) => (first === name ? [cells] : []))
  return Object.keys(TABLES).map((table) => {
    return { table, rows: of(table), missing: new Set(of(`-${table}`).flat()) }
  })
}

/** A table of which every column is missing is missing itself. */
export function viewSql({ table, rows, missing }: View): string {
  const columns = TABLES[table]?.map((name, index) => ({ name, index })) ?? []
  const left = columns.filter(({ name }) => !missing.has(name))
  if (left.length === 0) return `DROP VIEW IF EXISTS ${table}`
  const select = (row: readonly string[]): string =>
    `SELECT ${left.map(({ name, index }) => `${literal(row[index] ?? 'N')} AS ${name}`).join(', ')}`
  const selects = rows.length > 0 ? rows.map(select) : [`${select([])} WHERE FALSE`]
  return `CREATE OR REPLACE VIEW ${table} AS ${selects.join(' UNION ALL ')}`
}

function literal(cell: string): string {
  if (cell === 'N') return 'NULL'
  if (/^-?[0-9]{1,40}(?:\.[0-9]{1,10})?$/.test(cell)) return cell
  if (/^#(?:[0-9a-f]{2})*$/.test(cell)) return `x'${cell.slice(1)}'`
  return `CONVERT(x'${bytesOf(cell).toString('hex')}' USING utf8mb4)`
}
