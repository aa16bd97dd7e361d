import type { Command } from 'commander'
import { EdgeError } from '../../errors.ts'
import { formatFileId } from '../../wire/fastdfs/file-id.ts'
import { STATUS } from '../../wire/fastdfs/status.ts'
import type { ClusterFlags } from '../cluster-flags.ts'
import { CommandError, EXIT } from '../exit-code.ts'
import { addFastdfsFlags, withFastdfs } from '../open-fastdfs.ts'
import { findSource, notFound } from './cluster-questions.ts'
import { readContent } from './content-argument.ts'
import { extensionOf, requireFileId } from './file-argument.ts'
import { never } from './never.ts'
import { printResult } from './output.ts'

interface UploadFlags extends ClusterFlags {
  readonly group?: string
  readonly ext?: string
  readonly appender?: boolean
  readonly json?: boolean
}

interface SlaveFlags extends ClusterFlags {
  readonly prefix: string
  readonly ext?: string
  readonly json?: boolean
}

/** The commands that change what is stored. */
export function addWriteCommands(fdfs: Command): void {
  addFastdfsFlags(fdfs.command('upload <file>'))
    .description('store a file and print its id')
    .option('--group <name>', 'the group to store it in; else the tracker chooses')
    .option('--ext <name>', "the extension, without a dot; else the file name's")
    .option('--appender', 'make it a file that can be appended to')
    .option('--json', 'print an object')
    .action(upload)
  addFastdfsFlags(fdfs.command('append <id> <file>'))
    .description('append a file to an appender')
    .action(append)
  addFastdfsFlags(fdfs.command('slave <id> <file>'))
    .description("store a file under its master's id (a thumbnail) and print its own")
    .requiredOption('--prefix <text>', 'what follows the id of the master, for example _150x150')
    .option('--ext <name>', "the extension, without a dot; else the file name's")
    .option('--json', 'print an object')
    .action(slave)
  addFastdfsFlags(fdfs.command('delete <id>')).description('delete a file').action(remove)
}

async function upload(path: string, flags: UploadFlags): Promise<void> {
  const extName = checkExtension(flags.ext ?? extensionOf(path))
  const content = await readContent(path)
  const name = await withFastdfs(flags, async ({ tracker, storage, addressMap }) => {
    const target = await tracker.queryStore(flags.group, never())
    const [server] = target?.servers ?? []
    if (target === null || server === undefined) {
      throw new CommandError(flags.group ? `no group ${flags.group}` : 'no storage takes uploads')
    }
    const { storePathIndex } = target
    const address = addressMap.reachable({ host: server.ipAddr, port: server.port })
    const isAppender = flags.appender ?? false
    return storage.upload(address, { content, extName, storePathIndex, isAppender }, never())
  })
  printResult(flags, formatFileId(name), { id: formatFileId(name), group: name.groupName })
}

async function append(idText: string, path: string, flags: ClusterFlags): Promise<void> {
  const id = requireFileId(idText)
  const content = await readContent(path)
  await withFastdfs(flags, async (cluster) => {
    const address = await findSource(cluster, id)
    try {
      const isDone = await cluster.storage.append(address, { file: id, content }, never())
      if (!isDone) throw notFound(id)
    } catch (error) {
      throw isInvalid(error) ? new CommandError(`${formatFileId(id)} is not an appender`) : error
    }
  })
}

async function slave(idText: string, path: string, flags: SlaveFlags): Promise<void> {
  const master = requireFileId(idText)
  const extName = checkExtension(flags.ext ?? extensionOf(path))
  const { prefix } = flags
  if (prefix === '' || Buffer.byteLength(prefix) > 16 || prefix.includes('/')) {
    throw new CommandError('--prefix takes 1 to 16 bytes without a slash', EXIT.USAGE)
  }
  const content = await readContent(path)
  const name = await withFastdfs(flags, async (cluster) => {
    const address = await findSource(cluster, master)
    return cluster.storage.uploadSlave(address, { master, prefix, extName, content }, never())
  })
  printResult(flags, formatFileId(name), { id: formatFileId(name), group: name.groupName })
}

async function remove(idText: string, flags: ClusterFlags): Promise<void> {
  const id = requireFileId(idText)
  await withFastdfs(flags, async (cluster) => {
    const address = await findSource(cluster, id)
    if (!(await cluster.storage.delete(address, id, never()))) throw notFound(id)
  })
}

function isInvalid(error: unknown): boolean {
  return error instanceof EdgeError && error.status === STATUS.EINVAL
}

function checkExtension(extName: string): string {
  if (Buffer.byteLength(extName) <= 6 && !extName.startsWith('.') && !extName.includes('/')) {
    return extName
  }
  throw new CommandError('--ext takes at most 6 bytes, without the dot', EXIT.USAGE)
}
