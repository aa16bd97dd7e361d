import type { Arguments } from '../../wire/mogilefs/arguments.ts'
import { encodeDevices, type Host } from '../../wire/mogilefs/cluster-messages.ts'
import type { ObservedDevice } from './observed-cluster.ts'
import { answer, DONE, type Reply, refusal } from './reply.ts'
import { isSet, numberOf, type TrackerCommand, type TrackerContext } from './tracker-command.ts'

const DEVICE_STATES = ['alive', 'dead', 'down', 'readonly', 'drain']
const MAX_DEVID = 16_777_215
const MIB = 1024 * 1024
const UNSEEN = { mbTotal: 0, mbUsed: 0 }

/** GET_DEVICES [devid] => devices dev1_devid .. */
export const getDevices: TrackerCommand = async ({ cluster, dirs }, args) => {
  const { usedBytes, freeBytes } = await dirs.space()
  const seen = {
    mbTotal: Math.floor((usedBytes + freeBytes) / MIB),
    mbUsed: Math.floor(usedBytes / MIB),
  }
  const isAsked = ({ row }: ObservedDevice) =>
    !args.has('devid') || row.devid === numberOf(args, 'devid')
  const devices = cluster.devices().filter(isAsked)
  return answer(
    encodeDevices(
      devices.map(({ row, observedState, isReachable }) => ({
        ...row,
        observedState,
        ...(isReachable ? seen : UNSEEN),
      })),
    ),
  )
}

/** CREATE_DEVICE hostid | hostname, devid [state] => */
export const createDevice: TrackerCommand = async (tracker, args) => {
  const { store, work } = tracker
  const status = args.get('state') || 'alive'
  if (!DEVICE_STATES.includes(status)) return refusal('invalid_state')
  const devid = /^[0-9]{1,8}$/.test(args.get('devid') ?? '') ? numberOf(args, 'devid') : 0
  if (devid < 1 || devid > MAX_DEVID) return refusal('invalid_devid')
  const host = hostOf(tracker, args)
  if (host === undefined) return hostRefusal(args)
  if (store.cluster.device(devid) !== undefined) return refusal('existing_devid')
  await tracker.addDevice(devid, host.hostid)
  store.cluster.insertDevice({ devid, hostid: host.hostid, status })
  work.retry()
  return DONE
}

function hostOf({ store }: TrackerContext, args: Arguments): Host | undefined {
  const hostid = numberOf(args, 'hostid')
  if (hostid > 0) return store.cluster.host(hostid)
  return store.cluster.hostNamed(args.get('hostname') ?? '')
}

function hostRefusal(args: Arguments): Reply {
  if (numberOf(args, 'hostid') > 0) return refusal('unknown_hostid')
  return refusal(isSet(args, 'hostname') ? 'unknown_host' : 'bad_args')
}

/** SET_STATE host device state => */
export const setState: TrackerCommand = (tracker, args) => {
  const { store, work, nowSeconds } = tracker
  const state = args.get('state') ?? ''
  if (!DEVICE_STATES.includes(state)) return refusal('bad_params')
  return withDevice(tracker, args, ({ row: { devid, status } }) => {
    if (status === 'dead' && state === 'alive') return refusal('state_too_high')
    store.cluster.setState(devid, state)
    if (state === 'dead') store.cluster.reap(devid, nowSeconds())
    work.retry()
    return DONE
  })
}

/** SET_WEIGHT host device weight => */
export const setWeight: TrackerCommand = (tracker, args) => {
  const weight = numberOf(args, 'weight')
  if (weight < 0) return refusal('bad_params')
  return withDevice(tracker, args, ({ row }) => {
    tracker.store.cluster.setWeight(row.devid, weight)
    return DONE
  })
}

function withDevice(
  { cluster }: TrackerContext,
  args: Arguments,
  act: (device: ObservedDevice) => Reply,
): Reply {
  const hostname = args.get('host') ?? ''
  const devid = numberOf(args, 'device')
  if (hostname === '' || devid === 0) return refusal('bad_params')
  const device = cluster.device(devid)
  if (device === undefined) return refusal('no_device')
  return device.host.hostname === hostname ? act(device) : refusal('host_mismatch')
}
