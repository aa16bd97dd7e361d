import type { Command } from 'commander'
import type { Address } from '../client/address.ts'
import { defaultEdgeConf, type EdgeConf } from '../config/index.ts'
import { addClusterFlags, type ClusterFlags, loadConf } from './cluster-flags.ts'
import { type FastdfsCluster, openFastdfsCluster } from './fastdfs-cluster.ts'

/** The FastDFS tracker that `dfs-edge up` starts. */
export const EMBEDDED_TRACKER: Address = { host: '127.0.0.1', port: 22122 }

/** The flags of every command that talks to a FastDFS cluster. */
export function addFastdfsFlags(command: Command): Command {
  return addClusterFlags(command, EMBEDDED_TRACKER)
}

/** Opens the cluster that the flags name, runs `use`, and closes it whatever happens. */
export async function withFastdfs<T>(
  flags: ClusterFlags,
  use: (cluster: FastdfsCluster, conf: EdgeConf) => Promise<T>,
): Promise<T> {
  const conf = confOf(flags)
  const cluster = openFastdfsCluster(conf, () => undefined)
  try {
    return await use(cluster, conf)
  } finally {
    cluster.close()
  }
}

function confOf({ tracker, conf }: ClusterFlags): EdgeConf {
  const base = conf === undefined ? defaultEdgeConf() : loadConf(conf)
  if (tracker !== undefined) return { ...base, trackerServers: tracker.map((one) => [one]) }
  if (conf === undefined) return { ...base, trackerServers: [[EMBEDDED_TRACKER]] }
  return base
}
