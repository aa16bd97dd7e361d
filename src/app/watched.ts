import type { Watched } from '../admin/process-watch.ts'
import { formatAddress } from '../client/address.ts'
import { formatSqlAddress } from '../client/sql-connection.ts'
import type { EdgeConf } from '../config/index.ts'
import type { ClientBounds } from '../http/admission.ts'
import type { FileTransfer } from '../transfer/file-transfer.ts'
import type { Clusters } from './clusters.ts'

export interface WatchedParts {
  readonly conf: EdgeConf
  readonly bounds: ClientBounds
  readonly transfer: FileTransfer
  readonly clusters: Clusters
}

/** The state of an edge process at the moment. */
export function watchedOf({ conf, bounds, transfer, clusters }: WatchedParts): Watched {
  const { fastdfs, mogilefs, health } = clusters
  return {
    load: { connections: bounds.connections.count, requests: bounds.requests.count },
    transfer: transfer.state,
    locations: {
      ...(fastdfs && { fastdfs: fastdfs.resolver.locations }),
      ...(mogilefs && { mogilefs: mogilefs.resolver.locations }),
    },
    pools: [...(fastdfs?.pools() ?? []), ...(mogilefs?.pools() ?? [])],
    hosts: health.hosts,
    roles: rolesOf(conf),
  }
}

function rolesOf({ trackerServers, mogilefs }: EdgeConf): Watched['roles'] {
  const trackers = [...trackerServers.flat(), ...(mogilefs?.trackers ?? [])].map(formatAddress)
  const databases = (mogilefs?.database?.servers ?? []).map(formatSqlAddress)
  return new Map([
    ...trackers.map((host) => [host, 'tracker'] as const),
    ...databases.map((host) => [host, 'database'] as const),
  ])
}
