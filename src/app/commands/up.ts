import { join, resolve } from 'node:path'
import { type Command, Option } from 'commander'
import { type Address, formatAddress } from '../../client/address.ts'
import { defaultEdgeConf, type EdgeConf } from '../../config/index.ts'
import type { Page } from '../../http/edge.ts'
import { addressParser } from '../cluster-flags.ts'
import { type StoreAddresses, startStores } from '../embedded-stores.ts'
import { openFastdfsCluster } from '../fastdfs-cluster.ts'
import { ensureFastdfsSamples } from '../fastdfs-samples.ts'
import { createLogger } from '../logger.ts'
import { openMogilefsCluster } from '../mogilefs-cluster.ts'
import { ensureMogilefsSamples } from '../mogilefs-samples.ts'
import { EMBEDDED_TRACKER } from '../open-fastdfs.ts'
import { EMBEDDED_MOGILE_TRACKER, type MogilefsEdgeConf, trackersAlone } from '../open-mogilefs.ts'
import { renderSamplePage, type Sample, type SampleGroup } from '../sample-page.ts'
import { DRAIN_MS, untilSignal } from '../until-signal.ts'
import { type RunningEdge, startEdge } from '../wiring.ts'

interface UpFlags extends StoreAddresses {
  readonly data: string
  readonly listen: Address
}

export function addUpCommand(program: Command): void {
  const command = program
    .command('up')
    .description(
      'start a FastDFS and a MogileFS store on this host and an edge in front of them, to try it out',
    )
    .option('--data <dir>', 'where the files are kept', 'var')
  addAddress(command, '--listen', { what: 'HTTP', port: 8090 })
  addAddress(command, '--tracker', { what: 'the FastDFS tracker', port: EMBEDDED_TRACKER.port })
  addAddress(command, '--storage', { what: 'the FastDFS storage', port: 23_000 })
  addAddress(command, '--mogile-tracker', {
    what: 'the MogileFS tracker',
    port: EMBEDDED_MOGILE_TRACKER.port,
  })
  addAddress(command, '--mogstored', { what: 'the MogileFS storage', port: 7500 })
  command.action(up)
}

function addAddress(command: Command, flag: string, it: { what: string; port: number }): void {
  const { what, port } = it
  const usual = { host: '127.0.0.1', port }
  const option = new Option(`${flag} <host:port>`, what).argParser(addressParser(port))
  command.addOption(option.default(usual, formatAddress(usual)))
}

async function up(flags: UpFlags): Promise<void> {
  const stopped = untilSignal()
  const stores = await startStores(flags.data, flags)
  try {
    const edge = await startFront(flags)
    await stopped
    await edge.close(DRAIN_MS)
  } finally {
    await stores.close()
  }
}

async function startFront(flags: UpFlags): Promise<RunningEdge> {
  const conf = {
    ...defaultEdgeConf(),
    listen: [flags.listen],
    trackerServers: [[flags.tracker]],
    mogilefs: trackersAlone([flags.mogileTracker]),
  }
  const groups = [
    fastdfsGroup(await fastdfsSamples(conf, flags.data)),
    mogilefsGroup(await mogilefsSamples(conf)),
  ]
  const edge = await startEdge(conf, { logger: createLogger('warn'), page: samplePage(groups) })
  announce(edge, groups)
  return edge
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

function samplePage(groups: readonly SampleGroup[]): (path: string) => Page | undefined {
  const body = Buffer.from(renderSamplePage(groups))
  const page = { contentType: 'text/html; charset=utf-8', body }
  return (path) => (path === '/' ? page : undefined)
}

function announce({ urls }: RunningEdge, groups: readonly SampleGroup[]): void {
  const [url = ''] = urls
  const names = groups.flatMap(({ samples }) => samples.map(({ name }) => name))
  const width = Math.max(...names.map((name) => name.length))
  const lines = groups.flatMap(({ title, samples }) => [
    title,
    ...samples.map(({ path, name }) => `  ${name.padEnd(width)}  ${url}${path.slice(1)}`),
  ])
  process.stdout.write(`${lines.join('\n')}\nready ${url}\n`)
}
