import type { Arguments } from '../../wire/mogilefs/arguments.ts'
import { encodePaths } from '../../wire/mogilefs/file-messages.ts'
import type { FileRow } from './file-tables.ts'
import type { ObservedDevice } from './observed-cluster.ts'
import { answer, refusal } from './reply.ts'
import { isSet, numberOf, onKey, type TrackerContext, zoneOf } from './tracker-command.ts'
import { weightedShuffle } from './weighted-shuffle.ts'

const MIN_PATHS = 2

/** GET_PATHS domain key [noverify pathcount zone] => paths path1 .. */
export const getPaths = onKey(async (tracker, { dmid, key, args }) => {
  const file = tracker.store.files.byKey(dmid, key)
  if (file === undefined) return refusal('unknown_key')
  const devids = tracker.store.files.devids(file.fid)
  const devices = devids.map((devid) => tracker.cluster.device(devid))
  // One row that names an unknown device, and upstream dies on it whatever the others say.
  if (devices.includes(undefined)) return refusal('failure')
  const known = devices.filter((device) => device !== undefined)
  const paths = await choosePaths(tracker, file, { devices: known, args })
  return answer(encodePaths(tracker.faults.lie?.(paths) ?? paths))
})

async function choosePaths(
  tracker: TrackerContext,
  file: FileRow,
  { devices, args }: { devices: readonly ObservedDevice[]; args: Arguments },
): Promise<readonly string[]> {
  const pathcount = Math.max(MIN_PATHS, numberOf(args, 'pathcount'))
  const zone = zoneOf(tracker, args)
  const paths: string[] = []
  const draining: string[] = []
  let backup: string | undefined
  for (const device of weightedShuffle(devices, ({ row }) => row.weight)) {
    const url = device.url(file.fid, zone)
    if (!device.isReadable) backup = url
    else if (paths.length === 0 && !(await isVerified(tracker, file, { device, args }))) continue
    else (device.isDraining ? draining : paths).push(url)
    if (paths.length === pathcount) return paths
  }
  const all = [...paths, ...draining].slice(0, pathcount)
  // Nothing is readable: a path that may have been dead for long is still an answer.
  return all.length === 0 && backup !== undefined ? [backup] : all
}

/** Without `noverify` the first path is one whose file is there and has the right size. */
async function isVerified(
  { dirs }: TrackerContext,
  { fid, length }: FileRow,
  { device, args }: { device: ObservedDevice; args: Arguments },
): Promise<boolean> {
  if (isSet(args, 'noverify')) return true
  return (await dirs.sizeOf({ fid, devid: device.row.devid })) === length
}
