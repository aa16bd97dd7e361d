import { basename } from 'node:path'
import type { Command } from 'commander'
import { createTransfer } from '../create-transfer.ts'
import { CommandError, EXIT } from '../exit-code.ts'
import { withMogilefs } from '../open-mogilefs.ts'
import { addKeyFlags, type KeyFlags, noSuchKey, onlyOne, takeKey } from './mog-key.ts'
import { never } from './never.ts'
import { save } from './save.ts'

interface FetchFlags extends KeyFlags {
  readonly file?: string
}

export function addMogFetchCommand(mog: Command): void {
  addKeyFlags(mog.command('fetch [key] [file]'))
    .description('fetch a file, checked and from whichever device has it; `-` is standard output')
    .option('--file <file>', 'where to write it, in place of the word; else the end of the key')
    .action(fetchFile)
}

async function fetchFile(
  first: string | undefined,
  second: string | undefined,
  flags: FetchFlags,
): Promise<void> {
  const { next, domain, key } = takeKey(flags, [first, second])
  const path = onlyOne(next, flags.file, '--file') ?? fileNameOf(key)
  await withMogilefs(flags, async (cluster, conf) => {
    const transfer = createTransfer(conf, cluster, () => undefined)
    const opened = await transfer.open({ system: 'mogilefs', domain, key }, null, {
      signal: never(),
    })
    if (opened === null) throw noSuchKey({ domain, key })
    await save(opened, path)
  })
}

function fileNameOf(key: string): string {
  const name = basename(key)
  if (name !== '' && name !== '-' && name !== '..' && name !== '.') return name
  throw new CommandError(`${JSON.stringify(key)} gives no file name: say --file`, EXIT.USAGE)
}
