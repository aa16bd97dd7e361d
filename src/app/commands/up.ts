import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import type { Address } from '../../client/address.ts'
import { defaultEdgeConf } from '../../config/index.ts'
import { type EmbeddedFastdfs, startEmbeddedFastdfs } from '../../embedded/embedded-fastdfs.ts'
import type { Page } from '../../http/edge.ts'
import { addressParser } from '../cluster-flags.ts'
import { CommandError, describeError } from '../exit-code.ts'
import { openFastdfsCluster } from '../fastdfs-cluster.ts'
import { createLogger } from '../logger.ts'
import { EMBEDDED_TRACKER } from '../open-fastdfs.ts'
import { ensureSamples } from '../sample-files.ts'
import { renderSamplePage, type Sample } from '../sample-page.ts'
import { DRAIN_MS, untilSignal } from '../until-signal.ts'
import { type RunningEdge, startEdge } from '../wiring.ts'

interface UpFlags {
  readonly data: string
  readonly listen: Address
  readonly tracker: Address
  readonly storage: Address
}

export function addUpCommand(program: Command): void {
  program
    .command('up')
    .description('start a FastDFS store on this host and an edge in front of it, to try it out')
    .option('--data <dir>', 'where the files are kept', 'var')
    .option('--listen <host:port>', 'HTTP', addressParser(8090), { host: '127.0.0.1', port: 8090 })
    .option('--tracker <host:port>', 'the tracker', addressParser(22_122), EMBEDDED_TRACKER)
    .option('--storage <host:port>', 'the storage', addressParser(23_000), {
      host: '127.0.0.1',
      port: 23000,
    })
    .action(up)
}

async function up(flags: UpFlags): Promise<void> {
  const stopped = untilSignal()
  const store = await startStore(flags)
  try {
    const edge = await startFront(flags, store)
    await stopped
    await edge.close(DRAIN_MS)
  } finally {
    await store.close()
  }
}

async function startStore({ data, tracker, storage }: UpFlags): Promise<EmbeddedFastdfs> {
  const dataDir = resolve(data, 'fastdfs')
  await mkdir(dataDir, { recursive: true }).catch((cause) => {
    throw new CommandError(`cannot keep files under ${data}: ${describeError(cause)}`)
  })
  const groups = [{ groupName: 'group1', storages: [storage] }]
  return startEmbeddedFastdfs({ dataDir, tracker, groups })
}

async function startFront({ data, listen }: UpFlags, store: EmbeddedFastdfs): Promise<RunningEdge> {
  const { address } = store.tracker
  const conf = { ...defaultEdgeConf(), listen: [listen], trackerServers: [[address]] }
  const cluster = openFastdfsCluster(conf, () => undefined)
  const samples = await ensureSamples(cluster, join(resolve(data), 'samples.json'))
  cluster.close()
  const edge = await startEdge(conf, { logger: createLogger('warn'), page: samplePage(samples) })
  announce(edge, samples)
  return edge
}

function samplePage(samples: readonly Sample[]): (path: string) => Page | undefined {
  const body = Buffer.from(renderSamplePage(samples))
  const page = { contentType: 'text/html; charset=utf-8', body }
  return (path) => (path === '/' ? page : undefined)
}

function announce({ urls }: RunningEdge, samples: readonly Sample[]): void {
  const [url = ''] = urls
  const lines = samples.map(({ path, name }) => `  ${name.padEnd(24)} ${url}${path.slice(1)}`)
  process.stdout.write(`${lines.join('\n')}\nready ${url}\n`)
}
