import { join, resolve } from 'node:path'
import type { EdgeConf } from '../config/index.ts'
import { openFastdfsCluster } from './fastdfs-cluster.ts'
import { ensureFastdfsSamples } from './fastdfs-samples.ts'
import { openMogilefsCluster } from './mogilefs-cluster.ts'
import { ensureMogilefsSamples } from './mogilefs-samples.ts'
import type { MogilefsEdgeConf } from './open-mogilefs.ts'
import type { Sample, SampleGroup } from './sample-page.ts'

/** The samples of both stores, put in where they are not there. @param data the folder of the stores */
export async function ensureSamples(conf: MogilefsEdgeConf, data: string): Promise<SampleGroup[]> {
  return [
    fastdfsGroup(await fastdfsSamples(conf, data)),
    mogilefsGroup(await mogilefsSamples(conf)),
  ]
}

async function fastdfsSamples(conf: EdgeConf, data: string): Promise<readonly Sample[]> {
  const cluster = openFastdfsCluster(conf, () => undefined)
  try {
    return await ensureFastdfsSamples(cluster, join(resolve(data), 'samples.json'))
  } finally {
    cluster.close()
  }
}

async function mogilefsSamples(conf: MogilefsEdgeConf): Promise<readonly Sample[]> {
  const cluster = openMogilefsCluster(conf, conf.mogilefs, { observe: () => undefined })
  try {
    return await ensureMogilefsSamples(cluster)
  } finally {
    cluster.close()
  }
}

function fastdfsGroup(samples: readonly Sample[]): SampleGroup {
  return {
    title: 'FastDFS',
    about: 'The path is the id that the storage gave to the file.',
    command: 'dfs-edge fdfs upload FILE',
    result: 'the id that it prints',
    samples,
  }
}

function mogilefsGroup(samples: readonly Sample[]): SampleGroup {
  return {
    title: 'MogileFS',
    about: 'The path is a domain and a key of your choice.',
    command: 'dfs-edge mog upload FILE --domain img --key KEY',
    result: 'img/KEY',
    samples,
  }
}
