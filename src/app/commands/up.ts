import { join } from 'node:path'
import { type Command, Option } from 'commander'
import type { PurgeTarget } from '../../admin/purge-target.ts'
import { type Address, formatAddress } from '../../client/address.ts'
import { defaultEdgeConf } from '../../config/index.ts'
import type { Page } from '../../http/edge.ts'
import { AdminListener } from '../admin-listener.ts'
import { addressParser } from '../cluster-flags.ts'
import { type StoreAddresses, startStores } from '../embedded-stores.ts'
import { LogDestination } from '../log-destination.ts'
import { createLogger } from '../logger.ts'
import { EMBEDDED_TRACKER } from '../open-fastdfs.ts'
import { EMBEDDED_MOGILE_TRACKER, type MogilefsEdgeConf, trackersAlone } from '../open-mogilefs.ts'
import { ensureSamples } from '../sample-groups.ts'
import { renderSamplePage, type SampleGroup } from '../sample-page.ts'
import { DRAIN_MS, untilSignal } from '../until-signal.ts'
import { nginxFolder, type RunningNginx, startUpNginx, type UpNginxOptions } from '../up-nginx.ts'
import { startEdge } from '../wiring.ts'

interface UpFlags extends StoreAddresses {
  readonly data: string
  readonly listen: Address
  readonly admin: Address
  readonly nginx: Address | false
}

const WITHOUT_NGINX =
  'dfs-edge: there is no nginx on this host, so the edge stands alone; ' +
  'to have it, as root: apt-get install nginx libnginx-mod-http-js\n'

export function addUpCommand(program: Command): void {
  const command = program
    .command('up')
    .description(
      'start a FastDFS and a MogileFS store on this host, an edge in front of them, and nginx in front of it, to try it out',
    )
    .option('--data <dir>', 'where the files are kept', 'var')
  addAddress(command, '--nginx', { what: 'nginx', port: 8080 })
  command.option('--no-nginx', 'leave nginx out')
  addAddress(command, '--listen', { what: 'the edge', port: 8090 })
  addAddress(command, '--admin', { what: 'the status page, and purges', port: 8091 })
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
    const conf = confOf(flags)
    const groups = await ensureSamples(conf, flags.data)
    const logger = createLogger('warn', await LogDestination.open(null))
    const edge = await startEdge(conf, { logger, page: samplePage(groups) })
    let admin: AdminListener | undefined
    try {
      const purgeEdges = async (target: PurgeTarget) => edge.purge(target)
      const reports = async () => [edge.report()]
      const metrics = async () => [edge.samples()]
      admin = await AdminListener.start(conf, { logger, purgeEdges, reports, metrics })
      const nginx = await startNginx(flags, { conf, localGroups: stores.localGroups })
      announce({ url: nginx?.url ?? edge.urls[0] ?? '', status: `${admin.url}/` }, groups)
      await Promise.race([stopped, ...(nginx ? [nginx.failed] : [])])
      await nginx?.stop()
    } finally {
      await edge.close(DRAIN_MS)
      await admin?.close()
    }
  } finally {
    await stores.close()
  }
}

function confOf(flags: UpFlags): MogilefsEdgeConf {
  const { data, listen, admin, tracker, mogileTracker } = flags
  const base = defaultEdgeConf()
  return {
    ...base,
    listen: [listen],
    admin: { listen: admin, token: undefined },
    nginx: { ...base.nginx, cachePath: join(nginxFolder(data), 'cache') },
    trackerServers: [[tracker]],
    mogilefs: trackersAlone([mogileTracker]),
  }
}

async function startNginx(
  { data, nginx: listen }: UpFlags,
  parts: Pick<UpNginxOptions, 'conf' | 'localGroups'>,
): Promise<RunningNginx | undefined> {
  if (listen === false) return undefined
  const nginx = await startUpNginx({ data, listen, ...parts })
  if (nginx === undefined) process.stderr.write(WITHOUT_NGINX)
  return nginx
}

function samplePage(groups: readonly SampleGroup[]): (path: string) => Page | undefined {
  const body = Buffer.from(renderSamplePage(groups))
  const page = { contentType: 'text/html; charset=utf-8', body }
  return (path) => (path === '/' ? page : undefined)
}

function announce(
  { url, status }: { readonly url: string; readonly status: string },
  groups: readonly SampleGroup[],
): void {
  const names = groups.flatMap(({ samples }) => samples.map(({ name }) => name))
  const width = Math.max(...names.map((name) => name.length))
  const lines = groups.flatMap(({ title, samples }) => [
    title,
    ...samples.map(({ path, name }) => `  ${name.padEnd(width)}  ${url}${path.slice(1)}`),
  ])
  process.stdout.write(`${lines.join('\n')}\nstatus ${status}\nready ${url}\n`)
}
