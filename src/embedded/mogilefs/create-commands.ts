import type { Arguments } from '../../wire/mogilefs/arguments.ts'
import { formatChecksum, parseChecksum } from '../../wire/mogilefs/checksum.ts'
import { encodeOpenedFile, encodeSingleDestination } from '../../wire/mogilefs/file-messages.ts'
import { isSqlError } from './database.ts'
import { DEFAULT_CLASS } from './domain-tables.ts'
import type { TempfileRow } from './file-tables.ts'
import type { ObservedDevice } from './observed-cluster.ts'
import { answer, DONE, type Reply, refusal } from './reply.ts'
import {
  type DomainRequest,
  isSet,
  numberOf,
  onDomain,
  type TrackerContext,
} from './tracker-command.ts'
import { wantedCopies } from './wanted-copies.ts'

/** CREATE_OPEN domain key [class fid size multi_dest] => fid devid path | fid dev_count devid_1 .. */
export const createOpen = onDomain(async (tracker, request) => {
  const { store, cluster, dirs } = tracker
  const { args } = request
  const fileClass = classToUse(tracker, request)
  if (fileClass === undefined) return refusal('unreg_class')
  const { freeBytes } = await dirs.space()
  const count = isSet(args, 'multi_dest') ? wantedCopies(fileClass) : 1
  const devices = numberOf(args, 'size') > freeBytes ? [] : cluster.destinations(count)
  if (devices.length === 0) return refusal('no_devices')
  const isTaken = isSet(args, 'fid') && store.files.hasFid(numberOf(args, 'fid'))
  if (isTaken) return refusal('fid_in_use')
  const devids = devices.map(({ row }) => row.devid)
  const fid = register(tracker, request, { classid: fileClass.classid, devids })
  return fid === undefined ? refusal('db') : opened(fid, { devices, args })
})

function opened(
  fid: number,
  { devices, args }: { readonly devices: readonly ObservedDevice[]; readonly args: Arguments },
): Reply {
  const destinations = devices.map((device) => ({
    devid: device.row.devid,
    path: device.uploadUrl(fid),
  }))
  const [first] = destinations
  if (isSet(args, 'multi_dest') || first === undefined) {
    return answer(encodeOpenedFile({ fid, destinations }))
  }
  return answer(encodeSingleDestination(fid, first))
}

function classToUse({ store }: TrackerContext, { dmid, args }: DomainRequest) {
  const name = args.get('class') ?? ''
  return name === ''
    ? (store.domains.classOf(dmid, DEFAULT_CLASS.classid) ?? DEFAULT_CLASS)
    : store.domains.classNamed(dmid, name)
}

/** Undefined when the tables do not take it, such as a key of more than 255 characters. */
function register(
  { store, nowSeconds }: TrackerContext,
  { dmid, args }: DomainRequest,
  { classid, devids }: Pick<TempfileRow, 'classid' | 'devids'>,
): number | undefined {
  const fid = isSet(args, 'fid') ? numberOf(args, 'fid') : null
  const row = { fid, createtime: nowSeconds(), dmid, classid, dkey: args.get('key') ?? '', devids }
  try {
    return store.files.insertTempfile(row)
  } catch (error) {
    if (isSqlError(error)) return undefined
    throw error
  }
}

interface Close extends DomainRequest {
  readonly fid: number
  readonly devid: number
  readonly path: string
}

/** CREATE_CLOSE domain key fid devid path [size checksum checksumverify] => */
export const createClose = onDomain(async (tracker, request) => {
  const { args } = request
  if (!isSet(args, 'fid')) return refusal('no_fid')
  if (!isSet(args, 'devid')) return refusal('no_devid')
  if (!isSet(args, 'path')) return refusal('no_path')
  if (isSet(args, 'checksum') && parseChecksum(args.get('checksum') ?? '') === null) {
    return refusal('invalid_checksum_format')
  }
  const fid = numberOf(args, 'fid')
  const devid = numberOf(args, 'devid')
  const path = args.get('path') ?? ''
  if (tracker.cluster.device(devid)?.uploadUrl(fid) !== path) return refusal('bogus_args')
  return await tracker.locks.run(`${fid}`, () => close(tracker, { ...request, fid, devid, path }))
})

async function close(tracker: TrackerContext, request: Close): Promise<Reply> {
  const { store, work } = tracker
  const tempfile = store.files.tempfile(request.fid)
  if (tempfile === undefined) return refusal('no_temp_file')
  const size = await uploadedSize(tracker, request)
  const problem =
    destinationProblem(tempfile, request) ??
    sizeProblem(request, size) ??
    (await checksumProblem(tracker, request))
  if (problem !== undefined || size === undefined || !hasKey(request.args)) {
    work.abandon(tempfile)
    return problem ?? DONE
  }
  await removeOthers(tracker, tempfile, request.devid)
  keep(tracker, request, { tempfile, size })
  work.wake()
  return DONE
}

/** A close without a key means that the upload is not wanted any more. */
function hasKey(args: Arguments): boolean {
  return (args.get('key') ?? '') !== ''
}

function destinationProblem({ devids }: TempfileRow, { devid }: Close): Reply | undefined {
  if (devids.includes(devid)) return undefined
  const valid = `Valid devices were: ${devids.join(',')}`
  return refusal('invalid_destdev', `File uploaded to invalid dest ${devid}. ${valid}`)
}

async function uploadedSize(tracker: TrackerContext, { fid, devid }: Close) {
  const isReachable = tracker.cluster.device(devid)?.isReachable === true
  return isReachable ? await tracker.dirs.sizeOf({ fid, devid }) : undefined
}

/** A size of 0 means that the client does not know it. */
function sizeProblem({ args, path }: Close, actual: number | undefined): Reply | undefined {
  if (!hasKey(args)) return undefined
  const expected = isSet(args, 'size') ? numberOf(args, 'size') : -1
  const form = `Expected: ${expected}; actual: ${actual ?? 0}`
  if (actual === undefined) {
    return refusal('size_verify_error', `${form} (missing); path: ${path}; error: not found`)
  }
  const isRight = expected === -1 || expected === actual
  return isRight ? undefined : refusal('size_mismatch', `${form}; path: ${path}`)
}

async function checksumProblem(
  { dirs }: TrackerContext,
  { args, fid, devid, path }: Close,
): Promise<Reply | undefined> {
  const expected = parseChecksum(args.get('checksum') ?? '')
  if (expected === null || !isSet(args, 'checksumverify')) return undefined
  const digest = await dirs.digest({ fid, devid }, expected.algorithm, () => true)
  const value = digest?.toString('hex') ?? ''
  if (value === expected.value) return undefined
  const actual = formatChecksum({ ...expected, value })
  const text = `Expected: ${formatChecksum(expected)}; actual: ${actual}; path: ${path}`
  return refusal('checksum_mismatch', text)
}

/** A client may have tried several destinations. */
async function removeOthers(
  { dirs }: TrackerContext,
  { fid, devids }: TempfileRow,
  keptDevid: number,
): Promise<void> {
  for (const devid of devids) if (devid !== keptDevid) await dirs.remove({ fid, devid })
}

/** The new fid takes the key, and what the key meant before is deleted. */
function keep(
  { store, nowSeconds }: TrackerContext,
  { dmid, fid, devid, args }: Close,
  { tempfile, size }: { readonly tempfile: TempfileRow; readonly size: number },
): void {
  const dkey = args.get('key') ?? ''
  store.transaction(() => {
    const old = store.files.byKey(dmid, dkey)
    if (old !== undefined) store.deleteFile(old.fid, nowSeconds())
    store.files.deleteTempfile(fid)
    store.files.insert({ fid, dmid, dkey, length: size, classid: tempfile.classid, devcount: 1 })
    store.files.addCopy(fid, devid)
    store.toReplicate.add(fid, nowSeconds())
  })
}
