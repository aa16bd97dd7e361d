import type { Arguments } from '../../wire/mogilefs/arguments.ts'
import { formatChecksum } from '../../wire/mogilefs/checksum.ts'
import { encodeFileInfo, encodeKeyPage } from '../../wire/mogilefs/file-messages.ts'
import type { ClassRow } from './domain-tables.ts'
import type { FileRow } from './file-tables.ts'
import { foldPrefix } from './folded-key.ts'
import { answer, DONE, type Reply, refusal } from './reply.ts'
import {
  isSet,
  numberOf,
  onDomain,
  onKey,
  type TrackerCommand,
  type TrackerContext,
  zoneOf,
} from './tracker-command.ts'

const MAX_KEYS = 1000
const MAX_FIDS = 500
const DEFAULT_FIDS = 100
const MAX_SLEEP_SECONDS = 10

/** FILE_INFO domain key [devices] => fid length class devcount domain key [checksum devids] */
export const fileInfo = onKey(({ store }, { dmid, domain, key, args }) => {
  const file = store.files.byKey(dmid, key)
  if (file === undefined) return refusal('unknown_key')
  const fileClass = store.domains.classOf(dmid, file.classid)
  if (fileClass === undefined) return refusal('failure')
  const { fid, length, devcount } = file
  const checksum = checksumText(store.files.checksum(fid), fileClass)
  const info = { fid, length, devcount, className: fileClass.classname, checksum }
  const devids = isSet(args, 'devices') ? store.files.devids(fid).join(',') : undefined
  return answer({ ...encodeFileInfo(info), domain, key, devids })
})

function checksumText(
  checksum: ReturnType<TrackerContext['store']['files']['checksum']>,
  { hashtype }: ClassRow,
): string | null {
  if (hashtype === null) return null
  return checksum === null || checksum.algorithm === 'crc32' ? 'MISSING' : formatChecksum(checksum)
}

/** FILE_DEBUG fid | domain key => checksum [fid_* tempfile_* replqueue_* delqueue_* devpath_* devids] */
export const fileDebug: TrackerCommand = (tracker, args) => {
  const fid = numberOf(args, 'fid')
  return fid === 0 ? debugKey(tracker, args) : debugFid(tracker, fid, args)
}

const debugKey = onKey((tracker, { dmid, key, args }) => {
  const file = tracker.store.files.byKey(dmid, key)
  return file === undefined ? refusal('unknown_key') : debugFid(tracker, file.fid, args)
})

function debugFid(tracker: TrackerContext, fid: number, args: Arguments): Reply {
  const { store, cluster } = tracker
  const zone = zoneOf(tracker, args)
  const devids = store.files.devids(fid)
  const paths = devids.flatMap((devid) => {
    const url = cluster.device(devid)?.url(fid, zone)
    return url === undefined ? [] : [[`devpath_${devid}`, url] as const]
  })
  const checksum = store.files.checksum(fid)
  const isHash = checksum !== null && checksum.algorithm !== 'crc32'
  return answer({
    ...prefixed('fid', fileFields(tracker, store.files.byFid(fid))),
    ...prefixed('tempfile', tempfileFields(tracker, fid)),
    ...prefixed('replqueue', { ...store.toReplicate.find(fid) }),
    ...prefixed('delqueue', { ...store.toDelete.find(fid) }),
    ...Object.fromEntries(paths),
    devids: devids.length > 0 ? devids.join(',') : undefined,
    checksum: isHash ? formatChecksum(checksum) : 'NONE',
  })
}

type Fields = Readonly<Record<string, string | number>>

function prefixed(prefix: string, fields: Fields): Fields {
  const entries = Object.entries(fields).map(([name, value]) => [`${prefix}_${name}`, value])
  return Object.fromEntries(entries)
}

function fileFields({ store }: TrackerContext, file: FileRow | undefined): Fields {
  if (file === undefined) return {}
  const { fid, dmid, dkey, length, classid, devcount } = file
  const domain = store.domains.namespace(dmid) ?? ''
  const className = store.domains.classOf(dmid, classid)?.classname ?? ''
  return { fid, dmid, dkey, length, classid, devcount, domain, class: className }
}

function tempfileFields({ store }: TrackerContext, fid: number): Fields {
  const tempfile = store.files.tempfile(fid)
  return tempfile === undefined ? {} : { ...tempfile, devids: tempfile.devids.join(',') }
}

/** LIST_KEYS domain [prefix after limit] => key_count key_1 .. next_after */
export const listKeys = onDomain(({ store }, { dmid, args }) => {
  const prefix = args.get('prefix') ?? ''
  const after = args.get('after') ?? ''
  // Upstream takes the prefix for a regular expression here, which only harms keys like "a+b".
  const isBehind = foldPrefix(after).startsWith(foldPrefix(prefix))
  if (after !== '' && !isBehind) return refusal('after_mismatch')
  const asked = numberOf(args, 'limit')
  const limit = asked > 0 ? Math.min(asked, MAX_KEYS) : MAX_KEYS
  const keys = store.files.keys(dmid, { prefix, after, limit })
  return keys.length === 0 ? refusal('none_match') : answer(encodeKeyPage(keys))
})

/** LIST_FIDS from to => fid_count fid_1_fid ..; `to` is a count, and `from` itself is left out. */
export const listFids: TrackerCommand = (tracker, args) => {
  const asked = numberOf(args, 'to') || DEFAULT_FIDS
  const limit = asked < 0 ? MAX_FIDS : Math.min(asked, MAX_FIDS)
  const files = tracker.store.files.afterFid(numberOf(args, 'from'), limit)
  const fields = files.map((file, index) => {
    const {
      fid,
      dkey: key,
      length,
      devcount,
      domain,
      class: className,
    } = listedFields(tracker, file)
    return prefixed(`fid_${index + 1}`, { fid, key, length, devcount, domain, class: className })
  })
  return answer(Object.assign({ fid_count: files.length }, ...fields))
}

function listedFields({ store }: TrackerContext, file: FileRow) {
  const { dmid, classid } = file
  const domain = store.domains.namespace(dmid) ?? ''
  const className = store.domains.classOf(dmid, classid)?.classname ?? ''
  return { ...file, domain, class: className }
}

export const noop: TrackerCommand = () => DONE

/** SLEEP duration: keeps this connection waiting, and no other. */
export const sleep: TrackerCommand = async ({ connection }, args) => {
  const seconds = Math.min(Math.max(0, numberOf(args, 'duration')), MAX_SLEEP_SECONDS)
  await connection.delay(seconds * 1000)
  return DONE
}
