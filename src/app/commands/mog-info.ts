import type { Command } from 'commander'
import type { MogilefsKey } from '../../client/mogilefs-file.ts'
import type { MogilefsTracker } from '../../client/mogilefs-tracker.ts'
import { asEdgeError } from '../../errors.ts'
import { parseFidUrl } from '../../wire/mogilefs/fid-path.ts'
import type { FileInfo } from '../../wire/mogilefs/file-messages.ts'
import type { MogilefsCluster } from '../mogilefs-cluster.ts'
import { withMogilefs } from '../open-mogilefs.ts'
import { addKeyFlags, type KeyFlags, noSuchDomain, noSuchKey, takeKey } from './mog-key.ts'
import { never } from './never.ts'
import { formatPairs, formatTable, printable, printResult } from './output.ts'

interface InfoFlags extends KeyFlags {
  readonly json?: boolean
}

interface CopyReport {
  readonly url: string
  /** The trackers would give it to a reader. */
  readonly isListed: boolean
  /** `yes`, or why not. */
  readonly answers: string
}

interface FileReport extends MogilefsKey, FileInfo {
  readonly copies: readonly CopyReport[]
}

export function addMogInfoCommand(mog: Command): void {
  addKeyFlags(mog.command('info [key]'))
    .description('what the trackers know of a file, and which of its copies answer')
    .option('--json', 'print an object')
    .action(info)
}

async function info(word: string | undefined, flags: InfoFlags): Promise<void> {
  const { domain, key } = takeKey(flags, [word])
  const report = await withMogilefs(flags, (cluster) => inspect(cluster, { domain, key }))
  printResult(flags, format(report), report)
}

async function inspect(cluster: MogilefsCluster, name: MogilefsKey): Promise<FileReport> {
  const { tracker } = cluster
  const [file, listed, all] = await Promise.all([
    tracker.fileInfo(name, never()),
    tracker.getPaths(name, never()),
    allPaths(tracker, name),
  ])
  if (file === 'no_domain' || listed === 'no_domain') throw noSuchDomain(name.domain)
  if (file === 'no_key' || listed === 'no_key') throw noSuchKey(name)
  const urls = [...new Set([...listed, ...all])]
  const copies = await Promise.all(
    urls.map(async (url) => ({
      url,
      isListed: listed.includes(url),
      answers: await probe(cluster, url, file.length),
    })),
  )
  return { ...name, ...file, copies }
}

/** Copies on devices that cannot be read as well, where the primary database answers. */
async function allPaths(tracker: MogilefsTracker, name: MogilefsKey): Promise<readonly string[]> {
  try {
    const debug = await tracker.fileDebug(name, never())
    return typeof debug === 'string' ? [] : debug.paths.map(({ path }) => path)
  } catch (thrown) {
    asEdgeError(thrown)
    return []
  }
}

async function probe(
  { http, addressMap }: MogilefsCluster,
  url: string,
  length: number,
): Promise<string> {
  const copy = parseFidUrl(url)
  if (copy === undefined) return 'this is no URL of a fid'
  try {
    const size = await http.size({ ...copy, ...addressMap.reachable(copy) }, never())
    if (size === null) return 'no, it is not there'
    return size === length ? 'yes' : `no, it has ${size} bytes`
  } catch (thrown) {
    return `no, ${asEdgeError(thrown).message}`
  }
}

function format({ domain, key, copies, ...file }: FileReport): string {
  const facts = formatPairs([
    ['domain', domain],
    ['key', printable(key)],
    ['fid', `${file.fid}`],
    ['class', file.className],
    ['length', `${file.length}`],
    ['devcount', `${file.devcount}`],
    ['checksum', file.checksum ?? 'none, its class has no hash type'],
  ])
  const rows = copies.map(({ url, isListed, answers }) => [url, isListed ? 'yes' : 'no', answers])
  if (rows.length === 0) return `${facts}\nno copy is known`
  return `${facts}\n\n${formatTable(['copy', 'given out', 'answers'], rows)}`
}
