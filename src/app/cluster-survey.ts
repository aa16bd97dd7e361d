import type { ClusterReport } from '../admin/cluster-report.ts'
import { askWithin } from '../client/ask.ts'
import type { DatabaseState } from '../client/sql-replication.ts'
import type { EdgeConf } from '../config/index.ts'
import type { Clusters } from './clusters.ts'
import { surveyFastdfs } from './fastdfs-survey.ts'
import { surveyMogilefs } from './mogilefs-survey.ts'

/** For an answer to one question. A page that takes longer than a breath is not looked at. */
const DEADLINE_MS = 1000

/** Asks every daemon that is configured or listed; one that hangs costs its own deadline at most. */
export async function surveyClusters(
  { fastdfs, mogilefs }: Pick<Clusters, 'fastdfs' | 'mogilefs'>,
  conf: Pick<EdgeConf, 'trackerServers' | 'mogilefs'>,
): Promise<ClusterReport> {
  const at = Date.now()
  const ask = askWithin(DEADLINE_MS)
  const [ofFastdfs, ofMogilefs, databases] = await Promise.all([
    fastdfs && surveyFastdfs(fastdfs, conf.trackerServers.flat(), ask),
    mogilefs && surveyMogilefs(mogilefs, conf.mogilefs?.trackers ?? [], ask),
    surveyReplication({ mogilefs }),
  ])
  return { at, fastdfs: ofFastdfs, mogilefs: ofMogilefs, databases }
}

/** Asks the databases alone; none where keys are looked up with trackers. */
export async function surveyReplication({
  mogilefs,
}: Pick<Clusters, 'mogilefs'>): Promise<readonly DatabaseState[]> {
  return mogilefs?.db?.survey(askWithin(DEADLINE_MS)) ?? []
}
