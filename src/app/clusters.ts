import type { Observe } from '../client/events.ts'
import type { HostHealth } from '../client/host-health.ts'
import { domainOfHost, type EdgeConf } from '../config/index.ts'
import type { UrlOptions } from '../http/find-ref.ts'
import { AllSystems } from '../resolver/all-systems.ts'
import type { Resolver } from '../resolver/resolver.ts'
import { type FastdfsCluster, openFastdfsCluster } from './fastdfs-cluster.ts'
import { type MogilefsCluster, openMogilefsCluster } from './mogilefs-cluster.ts'
import { createHealth } from './timing.ts'
import { watchMembers } from './watch-members.ts'

/** The clusters that one edge serves. */
export interface Clusters {
  readonly fastdfs: FastdfsCluster | null
  readonly mogilefs: MogilefsCluster | null
  readonly resolver: Resolver
  readonly health: HostHealth
  readonly urls: UrlOptions
  /** Looks at what can be wrong with a configuration at the start. @throws EdgeError invalid_config */
  check(): Promise<void>
  close(): void
}

/** How often the names of groups are read again, where MogileFS's domains stand beside them. */
const GROUPS_REFRESH_MS = 10_000

/** Opens what is configured. */
export function openClusters(conf: EdgeConf, observe: Observe): Clusters {
  const health = createHealth()
  const hasFastdfs = conf.trackerServers.length > 0 || conf.localGroups.length > 0
  const fastdfs = hasFastdfs ? openFastdfsCluster(conf, observe, health) : null
  const mogilefs = conf.mogilefs && openMogilefsCluster(conf, conf.mogilefs, { observe, health })
  const resolver = new AllSystems({
    ...(fastdfs && { fastdfs: fastdfs.resolver }),
    ...(mogilefs && { mogilefs: mogilefs.resolver }),
  })
  return {
    fastdfs,
    mogilefs,
    resolver,
    health,
    urls: urlsOf(conf, fastdfs, mogilefs),
    check: async () => mogilefs?.check(),
    close: () => {
      mogilefs?.close()
      fastdfs?.close()
    },
  }
}

function urlsOf(
  conf: EdgeConf,
  fastdfs: FastdfsCluster | null,
  mogilefs: MogilefsCluster | null,
): UrlOptions {
  return {
    ...(fastdfs && {
      fastdfs: {
        hasGroupName: conf.urlHaveGroupName,
        groupName: conf.groupNames[0] ?? '',
        isGroup: watchGroups(conf, fastdfs),
      },
    }),
    ...(mogilefs &&
      conf.mogilefs && {
        mogilefs: {
          domainOfHost: domainOfHost.bind(undefined, conf.mogilefs.vhosts),
          isDomain: mogilefs.isDomain,
          hasLeadingSlash: conf.mogilefs.hasLeadingSlash,
        },
      }),
  }
}

function watchGroups(conf: EdgeConf, { tracker }: FastdfsCluster): (name: string) => boolean {
  const configured = new Set(conf.groupNames)
  const isListed = watchMembers(GROUPS_REFRESH_MS, async () => {
    const groups = await tracker.listGroups(new AbortController().signal)
    return groups.map(({ groupName }) => groupName)
  })
  return (name) => configured.has(name) || isListed(name)
}
