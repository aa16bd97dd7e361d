import type { Command } from 'commander'
import type { ClusterFlags } from '../cluster-flags.ts'
import { CommandError, EXIT } from '../exit-code.ts'
import { addFastdfsFlags, withFastdfs } from '../open-fastdfs.ts'
import { findSource, notFound } from './cluster-questions.ts'
import { requireFileId } from './file-argument.ts'
import { never } from './never.ts'
import { formatPairs, printResult } from './output.ts'

interface MetadataFlags extends ClusterFlags {
  readonly set?: ReadonlyMap<string, string>
  readonly replace?: boolean
  readonly json?: boolean
}

export function addMetadataCommand(fdfs: Command): void {
  addFastdfsFlags(fdfs.command('metadata <id>'))
    .description('show the metadata of a file, or change it first')
    .option('--set <name=value>', 'set a value, the others stay; repeatable', collectPair)
    .option('--replace', 'with --set: drop what was there before')
    .option('--json', 'print an object')
    .action(metadata)
}

async function metadata(idText: string, flags: MetadataFlags): Promise<void> {
  const id = requireFileId(idText)
  const values = await withFastdfs(flags, async (cluster) => {
    const address = await findSource(cluster, id)
    const { storage } = cluster
    if (flags.set !== undefined) {
      const flag = flags.replace ? 'O' : 'M'
      const change = { file: id, flag, metadata: flags.set } as const
      if (!(await storage.setMetadata(address, change, never()))) throw notFound(id)
    }
    // A storage says "not found" of a file without metadata as well.
    const found = await storage.getMetadata(address, id, never())
    if (
      found === null &&
      (await storage.queryFileInfo(address, id, { signal: never() })) === null
    ) {
      throw notFound(id)
    }
    return found ?? new Map<string, string>()
  })
  const text = values.size === 0 ? 'no metadata' : formatPairs([...values])
  printResult(flags, text, Object.fromEntries(values))
}

function collectPair(
  text: string,
  earlier: ReadonlyMap<string, string> = new Map(),
): ReadonlyMap<string, string> {
  const [, name, value = ''] = /^([^=]+)=(.*)$/s.exec(text) ?? []
  if (name === undefined) throw new CommandError(`"${text}" is no name=value`, EXIT.USAGE)
  return new Map([...earlier, [name, value]])
}
