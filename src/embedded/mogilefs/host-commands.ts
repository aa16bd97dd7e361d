import type { Arguments } from '../../wire/mogilefs/arguments.ts'
import { encodeHosts, type Host } from '../../wire/mogilefs/cluster-messages.ts'
import { answer, DONE, type Refused, refusal } from './reply.ts'
import { isSet, numberOf, type TrackerCommand } from './tracker-command.ts'

const HOST_STATES = ['alive', 'dead', 'down', 'readonly']
const DEFAULT_PORT = 7500

/** GET_HOSTS [hostid] => hosts host1_hostid .. */
export const getHosts: TrackerCommand = ({ store }, args) => {
  const isAsked = ({ hostid }: Host) => !args.has('hostid') || hostid === numberOf(args, 'hostid')
  return answer(encodeHosts(store.cluster.hosts().filter(isAsked)))
}

/** CREATE_HOST host ip port [status getport altip altmask] => hostid hostname */
export const createHost: TrackerCommand = ({ store, work }, args) => {
  const hostname = args.get('host') ?? ''
  const isKnown = store.cluster.hostNamed(hostname) !== undefined
  const fault = hostFault(args) ?? newHostFault(args, isKnown)
  if (fault !== undefined) return refusal(fault)
  const empty = { hostname, hostip: '', status: 'down', httpPort: DEFAULT_PORT }
  const host = { ...empty, httpGetPort: null, altip: null, altmask: null, ...given(args) }
  if (store.cluster.hosts().some((other) => isSameAddress(host, other))) return refusal('dup')
  const hostid = store.cluster.insertHost(host)
  work.retry()
  return answer({ hostid, hostname })
}

function newHostFault(args: Arguments, isKnown: boolean): Refused | undefined {
  if (isKnown) return 'host_exists'
  if (!isSet(args, 'ip')) return 'no_ip'
  return isSet(args, 'port') ? undefined : 'no_port'
}

function isSameAddress(a: Pick<Host, 'hostip' | 'httpPort'>, b: Host): boolean {
  return a.hostip === b.hostip && a.httpPort === b.httpPort
}

/** UPDATE_HOST host [ip port status getport altip altmask] => hostid hostname */
export const updateHost: TrackerCommand = ({ store, work }, args) => {
  const host = store.cluster.hostNamed(args.get('host') ?? '')
  const fault = hostFault(args) ?? (host === undefined ? 'host_not_found' : undefined)
  if (fault !== undefined || host === undefined) return refusal(fault ?? 'host_not_found')
  store.cluster.updateHost({ ...host, ...given(args) })
  work.retry()
  return answer({ hostid: host.hostid, hostname: host.hostname })
}

function hostFault(args: Arguments): Refused | undefined {
  if (!isSet(args, 'host')) return 'no_host'
  const status = args.get('status') || 'down'
  return HOST_STATES.includes(status) ? undefined : 'unknown_state'
}

/** What the arguments say of a host; an empty `getport`, `altip` or `altmask` takes it away. */
function given(args: Arguments): Partial<Omit<Host, 'hostid' | 'hostname'>> {
  const hostip = args.get('ip')
  const status = args.get('status')
  return {
    ...(hostip && { hostip }),
    ...(status && { status }),
    ...(isSet(args, 'port') && { httpPort: numberOf(args, 'port') }),
    ...(args.has('getport') && { httpGetPort: numberOf(args, 'getport') || null }),
    ...(args.has('altip') && { altip: args.get('altip') || null }),
    ...(args.has('altmask') && { altmask: args.get('altmask') || null }),
  }
}

/** DELETE_HOST host => */
export const deleteHost: TrackerCommand = ({ store }, args) => {
  const host = store.cluster.hostNamed(args.get('host') ?? '')
  if (host === undefined) return refusal('unknown_host')
  const hasDevices = store.cluster.devices().some(({ hostid }) => hostid === host.hostid)
  if (hasDevices) return refusal('host_not_empty')
  store.cluster.deleteHost(host.hostid)
  return DONE
}
