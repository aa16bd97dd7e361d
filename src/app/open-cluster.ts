import type { Command } from 'commander'
import type { Address } from '../client/address.ts'
import { defaultEdgeConf, type EdgeConf, readEdgeConf } from '../config/index.ts'
import { formatFaults } from '../config/report.ts'
import { CommandError, EXIT } from './exit-code.ts'
import { type FastdfsCluster, openFastdfsCluster } from './fastdfs-cluster.ts'

/** The tracker that `dfs-edge up` starts. */
export const EMBEDDED_TRACKER: Address = { host: '127.0.0.1', port: 22122 }

export interface ClusterFlags {
  readonly tracker?: readonly Address[]
  readonly conf?: string
}

/** A configuration without a fault. @throws CommandError with every fault in its message */
export function loadConf(path: string): EdgeConf {
  const { conf, faults, warnings } = readEdgeConf(path)
  if (conf === undefined) throw new CommandError(formatFaults(faults, warnings), EXIT.USAGE)
  return conf
}

/** The flags of every command that talks to a cluster. */
export function addClusterFlags(command: Command): Command {
  return command
    .option('--tracker <host:port>', 'a tracker to ask; repeatable', collectAddress)
    .option('--conf <file>', 'take trackers and settings from this edge.conf')
}

/** Opens the cluster that the flags name, runs `use`, and closes it whatever happens. */
export async function withCluster<T>(
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

function collectAddress(value: string, earlier: readonly Address[] = []): readonly Address[] {
  return [...earlier, parseAddress(value)]
}

export function parseAddress(value: string): Address {
  const [, bracketed, plain, port = '22122'] =
    /^(?:\[([^\]]+)\]|([^:[\]]+))(?::([0-9]{1,5}))?$/.exec(value) ?? []
  const host = bracketed ?? plain
  if (host !== undefined && Number(port) >= 1 && Number(port) <= 65_535) {
    return { host, port: Number(port) }
  }
  throw new CommandError(`"${value}" is no host:port`, EXIT.USAGE)
}
