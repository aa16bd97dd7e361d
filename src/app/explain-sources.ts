import { type ExplainQuestion, explain } from '../admin/explain/explain.ts'
import type { AnswerReport, Explanation } from '../admin/explain/explanation.ts'
import type {
  AskedUrl,
  ExplainSources,
  FastdfsSources,
  MogilefsSources,
} from '../admin/explain/sources.ts'
import { tryUrl } from '../admin/explain/trial.ts'
import { formatAddress } from '../client/address.ts'
import type { Observe } from '../client/events.ts'
import type { MogilefsDb } from '../client/mogilefs-db.ts'
import { domainOfHost, type EdgeConf, type MogilefsConf } from '../config/index.ts'
import { nearestName } from '../config/nearest-name.ts'
import type { UrlOptions } from '../http/find-ref.ts'
import { AddressMap } from '../resolver/address-map.ts'
import { type Clusters, openClusters } from './clusters.ts'
import { createTransfer } from './create-transfer.ts'
import { edgeOptions } from './edge-options.ts'
import type { FastdfsCluster } from './fastdfs-cluster.ts'
import { createDb, type MogilefsCluster } from './mogilefs-cluster.ts'
import { createHealth } from './timing.ts'

/** What an explanation is made from, opened for it alone. */
export interface OpenedSources extends ExplainSources {
  close(): void
}

/** A daemon that has said nothing for so long has no answer for whoever waits for an explanation. */
const SILENCE_MS = 2000
const IGNORE: Observe = () => undefined

/** Opens what an explanation needs, and closes it whatever happens. */
export async function explainOnce(question: ExplainQuestion, conf: EdgeConf): Promise<Explanation> {
  const sources = openExplainSources(conf)
  try {
    return await explain(question, sources)
  } finally {
    sources.close()
  }
}

/** Clusters of its own: questions of people must not change what the edge thinks of its hosts. */
export function openExplainSources(conf: EdgeConf): OpenedSources {
  const impatient = withDeadlines(conf)
  const clusters = openClusters(impatient, IGNORE)
  const databases = openDatabases(impatient)
  return {
    fastdfs: clusters.fastdfs && fastdfsSources(impatient, clusters.fastdfs),
    mogilefs:
      clusters.mogilefs &&
      impatient.mogilefs &&
      mogilefsSources(impatient.mogilefs, clusters.mogilefs, databases),
    addressMap: new AddressMap(conf.addressMap),
    token: {
      isChecked: conf.antiSteal.checkToken,
      secret: conf.antiSteal.secretKey,
      ttlSeconds: conf.antiSteal.tokenTtlSeconds,
    },
    verifyMaxBytes: conf.memory.verifyMaxBytes,
    nginxCache: { path: conf.nginx.cachePath, sliceBytes: conf.nginx.sliceBytes },
    answer: (asked) => answer(conf, asked),
    nearest: nearestName,
    now: Date.now,
    close: () => {
      for (const { client } of databases) client.close()
      clusters.close()
    },
  }
}

function withDeadlines(conf: EdgeConf): EdgeConf {
  const { timeouts } = conf
  const { connectMs, firstAnswerMs, networkMs } = timeouts
  return {
    ...conf,
    timeouts: {
      ...timeouts,
      connectMs: Math.min(connectMs, SILENCE_MS),
      firstAnswerMs: Math.min(firstAnswerMs, SILENCE_MS),
      networkMs: Math.min(networkMs, SILENCE_MS),
    },
  }
}

function fastdfsSources(conf: EdgeConf, { tracker, storage }: FastdfsCluster): FastdfsSources {
  return {
    hasGroupName: conf.urlHaveGroupName,
    groupName: conf.groupNames[0] ?? '',
    groupNames: conf.groupNames,
    trackers: conf.trackerServers
      .flat()
      .map((address) => ({ address: formatAddress(address), client: tracker.at(address) })),
    storage,
    localGroups: conf.localGroups,
  }
}

interface OpenedDatabase {
  readonly address: string
  readonly client: MogilefsDb
}

/** Each server as if it were the only one, so that it answers for itself. */
function openDatabases(conf: EdgeConf): readonly OpenedDatabase[] {
  const { mogilefs } = conf
  const database = mogilefs?.database ?? null
  if (mogilefs === null || database === null) return []
  return database.servers.flatMap((server) => {
    const alone = { ...mogilefs, database: { ...database, servers: [server] } }
    const client = createDb(conf, alone, { health: createHealth(), observe: IGNORE })
    return client === undefined ? [] : { address: formatAddress(server), client }
  })
}

function mogilefsSources(
  { trackers, vhosts, hasLeadingSlash }: MogilefsConf,
  { tracker, http }: MogilefsCluster,
  databases: readonly OpenedDatabase[],
): MogilefsSources {
  return {
    domainOfHost: domainOfHost.bind(undefined, vhosts),
    hasLeadingSlash,
    trackers: trackers.map((address) => ({
      address: formatAddress(address),
      client: tracker.at(address),
    })),
    databases,
    http,
  }
}

/** The edge's own answer, with the patience that is configured. */
async function answer(conf: EdgeConf, asked: AskedUrl): Promise<AnswerReport> {
  const clusters = openClusters(conf, IGNORE)
  try {
    const transfer = createTransfer(conf, clusters, IGNORE)
    const edge = { ...edgeOptions(conf), urls: urlsOf(clusters, asked), transfer }
    return await tryUrl({ edge, resolver: clusters.resolver }, asked)
  } finally {
    clusters.close()
  }
}

/** Groups and domains as listed just now: a new edge has not read them yet. */
function urlsOf({ urls }: Clusters, { isGroup, isDomain }: AskedUrl): UrlOptions {
  return {
    ...(urls.fastdfs && { fastdfs: { ...urls.fastdfs, isGroup } }),
    ...(urls.mogilefs && { mogilefs: { ...urls.mogilefs, isDomain } }),
  }
}
