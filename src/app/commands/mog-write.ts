import type { Command } from 'commander'
import { CommandError, EXIT } from '../exit-code.ts'
import { uploadFile } from '../mogilefs-upload.ts'
import { withMogilefsToChange } from '../open-mogilefs.ts'
import { readContent } from './content-argument.ts'
import {
  addDomainFlags,
  addKeyFlags,
  type KeyFlags,
  noSuchKey,
  onlyOne,
  requireKey,
  takeKey,
} from './mog-key.ts'
import { never } from './never.ts'
import { printResult } from './output.ts'
import { withSpooledInput } from './spool.ts'

interface UploadFlags extends KeyFlags {
  readonly file?: string
  readonly class?: string
  readonly json?: boolean
}

/** The commands that change what is stored. */
export function addMogWriteCommands(mog: Command): void {
  addDomainFlags(mog.command('upload [file]'))
    .description('store a file under a key and print its fid; `-` is standard input')
    .requiredOption('--key <key>', 'the key, which may have a file already')
    .option('--file <file>', 'the file, in place of the word')
    .option('--class <name>', "the class, else the domain's default")
    .option('--json', 'print an object')
    .action(upload)
  addKeyFlags(mog.command('rename [key] [new-key]'))
    .description('give a file another key')
    .option('--to <key>', 'the new key, in place of the word')
    .action(rename)
  addKeyFlags(mog.command('delete [key]')).description('delete a file').action(remove)
}

async function upload(word: string | undefined, flags: UploadFlags): Promise<void> {
  const key = requireKey(flags.key)
  const path = onlyOne(word, flags.file, '--file') ?? missing('a file')
  if (path === '-') await withSpooledInput((spool) => store(spool, key, flags))
  else await store(path, key, flags)
}

async function store(path: string, key: string, flags: UploadFlags): Promise<void> {
  const { domain, class: className } = flags
  // A file that cannot be read is told before a tracker is asked for a place.
  await readContent(path)
  const stored = await withMogilefsToChange(flags, (cluster) =>
    uploadFile(cluster, { domain, key, className, read: () => readContent(path, key) }, never()),
  )
  printResult(flags, `${stored.fid}`, { domain, key, ...stored })
}

async function rename(
  first: string | undefined,
  second: string | undefined,
  flags: KeyFlags & { readonly to?: string },
): Promise<void> {
  const { next, ...from } = takeKey(flags, [first, second])
  const newKey = requireKey(onlyOne(next, flags.to, '--to'), 'the new key')
  const isDone = await withMogilefsToChange(flags, ({ tracker }) =>
    tracker.rename({ ...from, newKey }, never()),
  )
  if (!isDone) throw noSuchKey(from)
}

async function remove(word: string | undefined, flags: KeyFlags): Promise<void> {
  const { domain, key } = takeKey(flags, [word])
  const isDone = await withMogilefsToChange(flags, ({ tracker }) =>
    tracker.delete({ domain, key }, never()),
  )
  if (!isDone) throw noSuchKey({ domain, key })
}

function missing(what: string): never {
  throw new CommandError(`${what} is missing`, EXIT.USAGE)
}
