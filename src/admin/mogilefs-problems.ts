import type {
  MogilefsDeviceReport,
  MogilefsHostReport,
  MogilefsReport,
  MogilefsTrackerReport,
} from './cluster-report.ts'
import { type Concern, down, look } from './concern.ts'

/** Hosts and devices in these states are to be read from. */
const IN_USE: ReadonlySet<string> = new Set(['alive', 'readonly', 'drain'])

export function isInUse({ status }: { readonly status: string }): boolean {
  return IN_USE.has(status)
}

/** What an operator has to look after. Dead hosts and devices are no concern. */
export function problemsOf({ trackers, hosts, devices }: MogilefsReport): readonly Concern[] {
  const statusOf = new Map(hosts.map(({ hostid, status }) => [hostid, status]))
  return [
    ...trackers.flatMap(trackerProblem),
    ...hosts.flatMap(hostProblem),
    ...devices.flatMap((device) => {
      const hostStatus = statusOf.get(device.hostid) ?? 'dead'
      return isInUse({ status: hostStatus }) ? deviceProblem(device, hostStatus) : []
    }),
  ]
}

function trackerProblem({ tracker, error, databaseError }: MogilefsTrackerReport): Concern | [] {
  if (error !== null) return down(`tracker ${tracker} does not answer: ${error}`)
  return databaseError === null
    ? []
    : down(`tracker ${tracker} has trouble with its database: ${databaseError}`)
}

function hostProblem({ hostname, status, error }: MogilefsHostReport): Concern | [] {
  if (status === 'down') return look(`host ${hostname} is marked down`)
  return error === null ? [] : down(`host ${hostname} does not answer: ${error}`)
}

function deviceProblem(device: MogilefsDeviceReport, hostStatus: string): Concern | [] {
  const { devid, hostname, status, error } = device
  const name = `dev${devid} on ${hostname}`
  if (status === 'down') return look(`${name} is marked down`)
  if (!isInUse(device)) return []
  if (error !== null) return down(`${name} does not tell its usage: ${error}`)
  if (isAsItShould(device, hostStatus)) return []
  const wanted = wantedStates(device, hostStatus).join(' or ')
  return look(`${name} is ${formatStates(device)}, where it should be ${wanted}`)
}

function wantedStates({ status }: MogilefsDeviceReport, hostStatus: string): readonly string[] {
  const isToBeWritten = status === 'alive' && hostStatus === 'alive'
  return isToBeWritten ? ['writeable'] : ['writeable', 'readable']
}

/** Of a device that is in use. */
export function isAsItShould(device: MogilefsDeviceReport, hostStatus: string): boolean {
  const wanted = wantedStates(device, hostStatus)
  return device.observedStates.every((state) => wanted.includes(state))
}

/** `writeable`, or `writeable, unreachable` where trackers do not agree. */
export function formatStates({ observedStates }: MogilefsDeviceReport): string {
  return observedStates.map((state) => state || 'not yet looked at').join(', ')
}
