import type { Device, Host } from '../wire/mogilefs/cluster-messages.ts'
import type { FidUrl } from '../wire/mogilefs/fid-path.ts'

/** What a device's copies are good for. */
type Use =
  | 'first'
  /** Read where no other copy can be, as the tracker does with `drain`. */
  | 'last'
  /** Down for the operators, though it may answer: asked where nothing else is left. */
  | 'emergency'
  | 'never'

/** Where a device is read from. */
export interface Place {
  readonly devid: number
  readonly host: string
  readonly port: number
  readonly weight: number
  readonly use: Use
}

const READABLE_HOST = ['alive', 'readonly']
const READABLE_DEVICE = ['alive', 'readonly', 'drain']
/** The tracker takes a weight of 0 for this one, which is also the column's default. */
const DEFAULT_WEIGHT = 100

/** Every device with a row, by its number. A zone is what GET_PATHS takes as `zone`. */
export function placesOf(
  devices: readonly Device[],
  hosts: readonly Host[],
  zone: 'alt' | undefined,
): ReadonlyMap<number, Place> {
  const hostOf = new Map(hosts.map((host) => [host.hostid, host]))
  return new Map(
    devices.map((device) => [device.devid, placeOf(device, hostOf.get(device.hostid), zone)]),
  )
}

function placeOf(device: Device, host: Host | undefined, zone: 'alt' | undefined): Place {
  const ip = (zone === 'alt' && host?.altip) || host?.hostip || ''
  const port = host?.httpGetPort || host?.httpPort || 0
  return {
    devid: device.devid,
    host: ip,
    port,
    weight: device.weight > 0 ? device.weight : DEFAULT_WEIGHT,
    use: ip === '' || port === 0 ? 'never' : useOf(device.status, host?.status ?? ''),
  }
}

function useOf(device: string, host: string): Use {
  if (READABLE_HOST.includes(host) && READABLE_DEVICE.includes(device)) {
    return device === 'drain' ? 'last' : 'first'
  }
  const isUsable =
    (host === 'down' || READABLE_HOST.includes(host)) &&
    (device === 'down' || READABLE_DEVICE.includes(device))
  return isUsable ? 'emergency' : 'never'
}

/**
 * The copies of a file in the order to try them: shuffled by weight, `drain` last, and behind all those
 * that are only down. They are better than nothing where no other can be read, and the tables do not
 * know which can: of such a file the tracker, which has looked, names one of them.
 */
export function copiesOf(
  fid: number,
  places: readonly Place[],
  random: () => number,
): readonly FidUrl[] {
  const shuffled = shuffle(places, random)
  const of = (use: Use): readonly Place[] => shuffled.filter((place) => place.use === use)
  const chosen = [...of('first'), ...of('last'), ...of('emergency')]
  return chosen.map(({ devid, host, port }) => ({ devid, fid, host, port }))
}

/** The chance to come first is as the weight, and so on with those that are left. */
function shuffle(places: readonly Place[], random: () => number): readonly Place[] {
  if (places.length < 2) return places
  return places
    .map((place) => ({ place, turn: -Math.log(1 - random()) / place.weight }))
    .sort((a, b) => a.turn - b.turn)
    .map(({ place }) => place)
}
