import type {
  MogilefsDeviceReport,
  MogilefsHostReport,
  MogilefsReport,
  MogilefsTrackerReport,
} from '../admin/cluster-report.ts'
import { isInUse } from '../admin/mogilefs-problems.ts'
import { type Address, formatAddress } from '../client/address.ts'
import type { Ask } from '../client/ask.ts'
import type { Device, Host } from '../wire/mogilefs/cluster-messages.ts'
import type { MogilefsCluster } from './mogilefs-cluster.ts'
import { reasonOf } from './reason-of.ts'

interface View {
  readonly report: MogilefsTrackerReport
  readonly hosts: readonly Host[]
  readonly devices: readonly Device[]
}

/** No file has it: a tracker that looks for it has asked its database. */
const UNUSED_FID = Number.MAX_SAFE_INTEGER

/** Asks every tracker and every host that is in use. */
export async function surveyMogilefs(
  cluster: MogilefsCluster,
  trackers: readonly Address[],
  ask: Ask,
): Promise<MogilefsReport> {
  const views = await Promise.all(trackers.map((it) => viewOf(cluster, it, ask)))
  const view = views.find(({ report }) => report.error === null)
  const hosts = view?.hosts.toSorted((a, b) => a.hostid - b.hostid) ?? []
  const devices = view?.devices.toSorted((a, b) => a.devid - b.devid) ?? []
  const probes = devices.map(async (device) => {
    const host = hosts.find(({ hostid }) => hostid === device.hostid)
    const error = await probeDevice(cluster, { device, host }, ask)
    return { ...reportOf(device, host, views), error }
  })
  return {
    trackers: views.map(({ report }) => report),
    hosts: await Promise.all(hosts.map((host) => probeHost(cluster, host, ask))),
    devices: await Promise.all(probes),
  }
}

async function viewOf(cluster: MogilefsCluster, address: Address, ask: Ask): Promise<View> {
  const alone = cluster.tracker.at(address)
  const tracker = formatAddress(address)
  try {
    const [hosts, devices] = await ask((signal) =>
      Promise.all([alone.getHosts(signal), alone.getDevices(signal)]),
    )
    const lookUp = ask((signal) => alone.fileDebug({ fid: UNUSED_FID }, signal))
    const databaseError = await lookUp.then(() => null, reasonOf)
    return { report: { tracker, error: null, databaseError }, hosts, devices }
  } catch (thrown) {
    const report = { tracker, error: reasonOf(thrown), databaseError: null }
    return { report, hosts: [], devices: [] }
  }
}

async function probeHost(
  { http, addressMap }: MogilefsCluster,
  host: Host,
  ask: Ask,
): Promise<MogilefsHostReport> {
  if (!isInUse(host)) return { ...host, error: null }
  const address = addressMap.reachable(readAddress(host))
  const answer = ask((signal) => http.ping(address, signal))
  return { ...host, error: await answer.then(() => null, reasonOf) }
}

/** Null when its page of usage is there; else why not. */
async function probeDevice(
  { http, addressMap }: MogilefsCluster,
  { device, host }: { device: Device; host: Host | undefined },
  ask: Ask,
): Promise<string | null> {
  if (host === undefined || !isInUse(host) || !isInUse(device)) return null
  const address = addressMap.reachable(readAddress(host))
  const usage = ask((signal) => http.probe(address, `/dev${device.devid}/usage`, signal))
  return usage.then(() => null, reasonOf)
}

function readAddress({ hostip, httpPort, httpGetPort }: Host): Address {
  return { host: hostip, port: httpGetPort ?? httpPort }
}

function reportOf(
  device: Device,
  host: Host | undefined,
  views: readonly View[],
): Omit<MogilefsDeviceReport, 'error'> {
  const seen = views.flatMap(
    ({ devices }) => devices.find(({ devid }) => devid === device.devid) ?? [],
  )
  const observedStates = [...new Set(seen.map(({ observedState }) => observedState))]
  return { ...device, hostname: host?.hostname ?? `host ${device.hostid}`, observedStates }
}
