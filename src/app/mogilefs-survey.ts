import { type Address, formatAddress } from '../client/address.ts'
import { asEdgeError, type EdgeError } from '../errors.ts'
import type { Device, Host } from '../wire/mogilefs/cluster-messages.ts'
import type { MogilefsCluster } from './mogilefs-cluster.ts'

export interface TrackerReport {
  readonly tracker: string
  /** Null when it answers; else why not. */
  readonly error: string | null
  /** The same of the primary database behind it; null too where the tracker did not answer. */
  readonly databaseError: string | null
}

export interface HostReport extends Host {
  /** Null when it answers, or need not; else why not. */
  readonly error: string | null
}

export interface DeviceReport extends Device {
  readonly hostname: string
  /** Null when its host tells its usage, or need not; else why not. */
  readonly error: string | null
  /** What each tracker that answered has seen of it, once each: its monitor writes to every device. */
  readonly observedStates: readonly string[]
}

/** The state of a cluster, as its trackers and this host see it. */
export interface Survey {
  readonly trackers: readonly TrackerReport[]
  readonly hosts: readonly HostReport[]
  readonly devices: readonly DeviceReport[]
}

interface View {
  readonly report: TrackerReport
  readonly hosts: readonly Host[]
  readonly devices: readonly Device[]
}

/** No file has it: a tracker that looks for it has asked its database. */
const UNUSED_FID = Number.MAX_SAFE_INTEGER
/** Hosts and devices in these states are to be read from. */
const IN_USE: ReadonlySet<string> = new Set(['alive', 'readonly', 'drain'])

/** Asks every tracker and every host that is in use. */
export async function surveyCluster(
  cluster: MogilefsCluster,
  trackers: readonly Address[],
  signal: AbortSignal,
): Promise<Survey> {
  const views = await Promise.all(trackers.map((it) => viewOf(cluster, it, signal)))
  const view = views.find(({ report }) => report.error === null)
  const hosts = view?.hosts.toSorted((a, b) => a.hostid - b.hostid) ?? []
  const devices = view?.devices.toSorted((a, b) => a.devid - b.devid) ?? []
  const probed = await Promise.all(hosts.map((host) => probeHost(cluster, host, signal)))
  return {
    trackers: views.map(({ report }) => report),
    hosts: probed,
    devices: await Promise.all(
      devices.map(async (device) => {
        const host = hosts.find(({ hostid }) => hostid === device.hostid)
        const error = await probeDevice(cluster, { device, host }, signal)
        return { ...reportOf(device, host, views), error }
      }),
    ),
  }
}

async function viewOf(
  cluster: MogilefsCluster,
  address: Address,
  signal: AbortSignal,
): Promise<View> {
  const alone = cluster.tracker.at(address)
  const tracker = formatAddress(address)
  try {
    const [hosts, devices] = await Promise.all([alone.getHosts(signal), alone.getDevices(signal)])
    const lookUp = alone.fileDebug({ fid: UNUSED_FID }, signal)
    const databaseError = await lookUp.then(() => null, reasonOf)
    return { report: { tracker, error: null, databaseError }, hosts, devices }
  } catch (thrown) {
    const report = { tracker, error: reasonOf(thrown), databaseError: null }
    return { report, hosts: [], devices: [] }
  }
}

async function probeHost(
  cluster: MogilefsCluster,
  host: Host,
  signal: AbortSignal,
): Promise<HostReport> {
  const error = IN_USE.has(host.status) ? await probe(cluster, { host, path: '/' }, signal) : null
  return { ...host, error }
}

async function probeDevice(
  cluster: MogilefsCluster,
  { device, host }: { device: Device; host: Host | undefined },
  signal: AbortSignal,
): Promise<string | null> {
  const isInUse = host !== undefined && IN_USE.has(host.status) && IN_USE.has(device.status)
  return isInUse ? probe(cluster, { host, path: `/dev${device.devid}/usage` }, signal) : null
}

/** Null when there is such a page; else why not. */
async function probe(
  { http, addressMap }: MogilefsCluster,
  { host, path }: { host: Host; path: `/${string}` },
  signal: AbortSignal,
): Promise<string | null> {
  const { hostip, httpPort, httpGetPort } = host
  const address = addressMap.reachable({ host: hostip, port: httpGetPort ?? httpPort })
  return http.probe(address, path, signal).then(() => null, reasonOf)
}

function reportOf(
  device: Device,
  host: Host | undefined,
  views: readonly View[],
): Omit<DeviceReport, 'error'> {
  const seen = views.flatMap(
    ({ devices }) => devices.find(({ devid }) => devid === device.devid) ?? [],
  )
  const observedStates = [...new Set(seen.map(({ observedState }) => observedState))]
  return { ...device, hostname: host?.hostname ?? `host ${device.hostid}`, observedStates }
}

/** One tracker was asked: what it said or did is in the cause. */
function reasonOf(thrown: unknown): string {
  const error: EdgeError = asEdgeError(thrown)
  return error.cause instanceof Error ? error.cause.message : error.message
}

/** What an operator has to look after, one sentence each. Dead hosts and devices are no concern. */
export function problemsOf({ trackers, hosts, devices }: Survey): readonly string[] {
  const statusOf = new Map(hosts.map(({ hostid, status }) => [hostid, status]))
  return [
    ...trackers.flatMap(trackerProblem),
    ...hosts.flatMap(hostProblem),
    ...devices.flatMap((device) => {
      const hostStatus = statusOf.get(device.hostid) ?? 'dead'
      return IN_USE.has(hostStatus) ? deviceProblem(device, hostStatus) : []
    }),
  ]
}

function trackerProblem({ tracker, error, databaseError }: TrackerReport): string | [] {
  if (error !== null) return `tracker ${tracker} does not answer: ${error}`
  return databaseError === null
    ? []
    : `tracker ${tracker} has trouble with its database: ${databaseError}`
}

function hostProblem({ hostname, status, error }: HostReport): string | [] {
  if (status === 'down') return `host ${hostname} is marked down`
  return error === null ? [] : `host ${hostname} does not answer: ${error}`
}

function deviceProblem(device: DeviceReport, hostStatus: string): string | [] {
  const { devid, hostname, status, observedStates, error } = device
  const name = `dev${devid} on ${hostname}`
  if (status === 'down') return `${name} is marked down`
  if (!IN_USE.has(status)) return []
  if (error !== null) return `${name} does not tell its usage: ${error}`
  const isToBeWritten = status === 'alive' && hostStatus === 'alive'
  const wanted = isToBeWritten ? ['writeable'] : ['writeable', 'readable']
  const isWell = observedStates.every((state) => wanted.includes(state))
  return isWell
    ? []
    : `${name} is ${formatStates(device)}, where it should be ${wanted.join(' or ')}`
}

/** `writeable`, or `writeable, unreachable` where trackers do not agree. */
export function formatStates({ observedStates }: DeviceReport): string {
  return observedStates.map((state) => state || 'not yet looked at').join(', ')
}
