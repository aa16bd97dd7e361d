import { basename } from 'node:path'
import type { Command } from 'commander'
import { formatAddress } from '../../client/address.ts'
import { firstAnswer } from '../../client/first-answer.ts'
import { requireNotFound } from '../../resolver/verdict.ts'
import { type FileId, formatFileId } from '../../wire/fastdfs/file-id.ts'
import type { FileInfo } from '../../wire/fastdfs/storage-messages.ts'
import type { ClusterFlags } from '../cluster-flags.ts'
import { createTransfer } from '../create-transfer.ts'
import { CommandError } from '../exit-code.ts'
import type { FastdfsCluster } from '../fastdfs-cluster.ts'
import { addFastdfsFlags, withFastdfs } from '../open-fastdfs.ts'
import { notFound } from './cluster-questions.ts'
import { requireFileId } from './file-argument.ts'
import { never } from './never.ts'
import { formatPairs, printResult } from './output.ts'
import { save } from './save.ts'

interface InfoFlags extends ClusterFlags {
  readonly offline?: boolean
  readonly json?: boolean
}

/** The commands that only read. */
export function addReadCommands(fdfs: Command): void {
  addFastdfsFlags(fdfs.command('download <id> [file]'))
    .description('fetch a file, checked and from whichever storage has it; `-` is standard output')
    .action(download)
  addFastdfsFlags(fdfs.command('info <id>'))
    .description('what the id says, and what a storage says of the file')
    .option('--offline', 'read the id alone and ask nobody')
    .option('--json', 'print an object')
    .action(info)
}

async function download(
  idText: string,
  path: string | undefined,
  flags: ClusterFlags,
): Promise<void> {
  const id = requireFileId(idText)
  await withFastdfs(flags, async (cluster, conf) => {
    const transfer = createTransfer(conf, cluster, () => undefined)
    const opened = await transfer.open({ system: 'fastdfs', ...id }, null, { signal: never() })
    if (opened === null) throw notFound(id)
    await save(opened, path ?? basename(id.filename))
  })
}

/** What `info` tells of a file; unknown is null. */
interface FileFacts {
  readonly group: string
  readonly filename: string
  readonly kind: FileId['kind']
  readonly sourceIp: string | null
  readonly sourceId: number | null
  readonly createTimestamp: number
  readonly size: number | null
  readonly crc32: number | null
}

async function info(idText: string, flags: InfoFlags): Promise<void> {
  const id = requireFileId(idText)
  const facts = flags.offline
    ? factsOf(id)
    : await withFastdfs(flags, async (cluster) => mergeInfo(id, await askInfo(cluster, id)))
  printResult(flags, formatFacts(facts), facts)
}

function factsOf(id: FileId): FileFacts {
  const { groupName: group, filename, kind, sourceIp, sourceId, createTimestamp, size, crc32 } = id
  return { group, filename, kind, sourceIp, sourceId, createTimestamp, size, crc32 }
}

/** A storage answers for a slave of 44 characters with its master's crc32: that one is not known. */
function mergeInfo(id: FileId, { size, modified, crc32, sourceIpAddr }: FileInfo): FileFacts {
  const facts = { ...factsOf(id), size, sourceIp: id.sourceIp ?? (sourceIpAddr || null) }
  if (id.kind === 'normal' || id.kind === 'trunk') return facts
  if (id.kind === 'appender') return { ...facts, crc32 }
  // A slave's id holds its master's time, its disk mtime is its own.
  return { ...facts, createTimestamp: modified, crc32: id.filename.length > 44 ? crc32 : null }
}

async function askInfo(cluster: FastdfsCluster, id: FileId): Promise<FileInfo> {
  const { tracker, storage, addressMap, health } = cluster
  const list = await tracker.queryFetchAll(id, never())
  if (list === null) throw new CommandError(`no tracker knows the group ${id.groupName}`)
  const candidates = list.servers.map(({ ipAddr, port }) => {
    const address = addressMap.reachable({ host: ipAddr, port })
    const ask = (signal: AbortSignal): Promise<FileInfo | null> =>
      storage.queryFileInfo(address, id, { signal, isCrc32Wanted: true })
    return { host: formatAddress(address), ask }
  })
  const options = { signal: never(), health, hedgeMs: 1000, observe: () => undefined }
  const outcome = await firstAnswer(candidates, options)
  if (outcome.answer !== undefined) return outcome.answer.value
  requireNotFound(outcome, null)
  throw notFound(id)
}

function formatFacts(facts: FileFacts): string {
  const { sourceIp, sourceId, size, crc32 } = facts
  const time = new Date(facts.createTimestamp * 1000).toISOString()
  const hex = crc32 === null ? 'unknown' : `0x${crc32.toString(16).padStart(8, '0')}`
  return formatPairs([
    ['file', formatFileId({ groupName: facts.group, filename: facts.filename })],
    ['kind', facts.kind],
    ['source', [sourceIp, sourceId && `id ${sourceId}`].filter(Boolean).join(', ') || 'unknown'],
    ['created', `${time} (${facts.createTimestamp})`],
    ['size', size === null ? 'unknown' : `${size}`],
    ['crc32', crc32 === null ? hex : `${crc32} (${hex})`],
  ])
}
