import { mkdir } from 'node:fs/promises'
import { openClusters } from '../../src/app/clusters.ts'
import { uploadFile } from '../../src/app/mogilefs-upload.ts'
import type { Address } from '../../src/client/address.ts'
import { defaultEdgeConf, type EdgeConf } from '../../src/config/index.ts'
import { Child } from '../support/child.ts'
import { mogilefsConf } from '../support/mogilefs-stack.ts'
import { randomContent } from '../support/random-content.ts'
import { httpTarget } from './load.ts'
import { measure, measureEdge, print, withoutObjectCache } from './measure.ts'

const SMALL = { size: 30 * 1024, count: 200 }

interface Store {
  readonly tracker: Address
  readonly storage: Address
}

/** 30 KB files of MogileFS from end to end, beside a client that reads them from mogstored. */
export async function benchObjects(dataDir: string): Promise<void> {
  await mkdir(dataDir)
  const child = await Child.start<Store>(new URL('mogilefs-process.ts', import.meta.url), {
    dataDir,
    files: 0,
  })
  try {
    const conf = confOf(child.ready)
    const { keys, urls } = await putFiles(conf)
    const { host, port } = child.ready.storage
    const paths = keys.map((key) => `/img/${key}`)
    const copies = urls.map((url) => new URL(url).pathname)
    const raw = await measure(
      'raw client on mogstored',
      httpTarget(`http://${host}:${port}`, copies),
      {
        child,
      },
    )
    const missed = { ...conf, ...withoutObjectCache(conf) }
    const miss = await measureEdge('edge, location remembered', missed, { paths })
    const located = await measureEdge(
      'edge, tracker asked each time',
      { ...missed, mogilefs: conf.mogilefs && { ...conf.mogilefs, locationMs: 0 } },
      { paths },
    )
    const hit = await measureEdge('edge, object cache hit', conf, { paths })
    print('30 KB of MogileFS, 32 connections', [raw, miss, located, hit], 'requests')
  } finally {
    await child.stop()
  }
}

function confOf({ tracker }: Store): EdgeConf {
  const mogilefs = mogilefsConf({ trackers: [{ address: tracker }] }, { locationMs: 600_000 })
  return { ...defaultEdgeConf(), listen: [{ host: '127.0.0.1', port: 0 }], mogilefs }
}

async function putFiles(conf: EdgeConf): Promise<{ keys: string[]; urls: string[] }> {
  const clusters = openClusters(conf, () => undefined)
  const { mogilefs } = clusters
  if (mogilefs === null) throw new Error('no MogileFS is configured')
  const { signal } = new AbortController()
  const keys: string[] = []
  const urls: string[] = []
  for (let i = 0; i < SMALL.count; i += 1) {
    const key = `seller/2026/${i}.jpg`
    const content = { size: SMALL.size, chunks: [randomContent(SMALL.size, i)] }
    await uploadFile(mogilefs, { domain: 'img', key, read: async () => content }, signal)
    const [url] = await mogilefs.tracker.getPaths({ domain: 'img', key }, signal)
    if (url === undefined) throw new Error(`no copy of ${key}`)
    keys.push(key)
    urls.push(url)
  }
  clusters.close()
  return { keys, urls }
}
