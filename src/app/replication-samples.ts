import { SampleSheet, type Samples } from '../admin/samples.ts'
import type { DatabaseState } from '../client/sql-replication.ts'

/** How far the replicas of MogileFS's database are behind; nothing of one that does not answer or may not say. */
export function replicationSamples(databases: readonly DatabaseState[]): Samples {
  const sheet = new SampleSheet()
  for (const { host, lag } of databases) {
    if (lag === null || lag.kind === 'unknown') continue
    if (lag.kind === 'files') {
      sheet.add('dfs_edge_replication_lag_files', { host }, lag.files)
      continue
    }
    sheet.add('dfs_edge_replication_stopped', { host }, lag.kind === 'stopped' ? 1 : 0)
    if (lag.kind === 'seconds') {
      sheet.add('dfs_edge_replication_lag_seconds', { host }, lag.seconds)
    }
  }
  return sheet.samples
}
