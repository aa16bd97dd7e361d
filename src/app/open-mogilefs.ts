import type { Command } from 'commander'
import type { Address } from '../client/address.ts'
import { defaultEdgeConf, type EdgeConf, type MogilefsConf } from '../config/index.ts'
import { asEdgeError } from '../errors.ts'
import { addClusterFlags, type ClusterFlags, loadConf } from './cluster-flags.ts'
import { CommandError, EXIT } from './exit-code.ts'
import { type MogilefsCluster, openMogilefsCluster } from './mogilefs-cluster.ts'

/** The MogileFS tracker that `dfs-edge up` starts. */
export const EMBEDDED_MOGILE_TRACKER: Address = { host: '127.0.0.1', port: 7001 }

/** How long a key stays what it was seen to be, where nobody set it: MogileFS's own pace. */
const LOCATION_MS = 10_000

/** An edge.conf in which there is MogileFS. */
export interface MogilefsEdgeConf extends EdgeConf {
  readonly mogilefs: MogilefsConf
}

/** The flags of every command that talks to a MogileFS cluster. */
export function addMogilefsFlags(command: Command): Command {
  return addClusterFlags(command, EMBEDDED_MOGILE_TRACKER)
}

/** Opens the cluster that the flags name, runs `use`, and closes it whatever happens. */
export async function withMogilefs<T>(
  flags: ClusterFlags,
  use: (cluster: MogilefsCluster, conf: MogilefsEdgeConf) => Promise<T>,
): Promise<T> {
  const conf = confOf(flags)
  const cluster = openMogilefsCluster(conf, conf.mogilefs, { observe: () => undefined })
  try {
    return await use(cluster, conf)
  } finally {
    cluster.close()
  }
}

/**
 * The same for what changes something. That is told to one tracker, and never to a second one while
 * the first may have done it: so those that hang are found out before.
 */
export function withMogilefsToChange<T>(
  flags: ClusterFlags,
  use: (cluster: MogilefsCluster) => Promise<T>,
): Promise<T> {
  return withMogilefs(flags, async (cluster, { mogilefs: { trackers } }) => {
    if (trackers.length > 1) await Promise.all(trackers.map((one) => learnHealth(cluster, one)))
    return use(cluster)
  })
}

/** The health of a tracker that does not answer is remembered: it is told last. */
async function learnHealth({ tracker }: MogilefsCluster, address: Address): Promise<void> {
  try {
    await tracker.at(address).noop(new AbortController().signal)
  } catch (thrown) {
    asEdgeError(thrown)
  }
}

/** A cluster of which nothing is known but its trackers. */
export function trackersAlone(trackers: readonly Address[]): MogilefsConf {
  return {
    trackers,
    database: null,
    resolve: ['tracker'],
    locationMs: LOCATION_MS,
    zone: null,
    hasLeadingSlash: false,
    vhosts: { exact: new Map(), wildcards: new Map() },
  }
}

function confOf({ tracker, conf: path }: ClusterFlags): MogilefsEdgeConf {
  const base = path === undefined ? defaultEdgeConf() : loadConf(path)
  if (tracker !== undefined) return withTrackers(base, tracker)
  if (path === undefined) return withTrackers(base, [EMBEDDED_MOGILE_TRACKER])
  if (base.mogilefs !== null) return { ...base, mogilefs: base.mogilefs }
  throw new CommandError(`${path} names no MogileFS: it has no "trackers"`, EXIT.USAGE)
}

/** Trackers of the command line are meant to be asked, and no database. */
function withTrackers(base: EdgeConf, trackers: readonly Address[]): MogilefsEdgeConf {
  const { zone = null } = base.mogilefs ?? {}
  return { ...base, mogilefs: { ...trackersAlone(trackers), zone } }
}
