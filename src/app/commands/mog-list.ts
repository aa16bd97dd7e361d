import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Command } from 'commander'
import { listAllKeys } from '../mogilefs-keys.ts'
import { withMogilefs } from '../open-mogilefs.ts'
import { parseCount } from './count-argument.ts'
import { addDomainFlags, type DomainFlags, noSuchDomain, onlyOne } from './mog-key.ts'
import { never } from './never.ts'
import { printable } from './output.ts'

interface ListFlags extends DomainFlags {
  readonly prefix?: string
  readonly after?: string
  readonly limit?: number
  readonly json?: boolean
}

type Pages = AsyncIterable<readonly string[]>

export function addMogListCommand(mog: Command): void {
  addDomainFlags(mog.command('list [prefix]'))
    .description('the keys of a domain, all or those that begin with a prefix')
    .option('--prefix <text>', 'the prefix, in place of the word')
    .option('--after <key>', 'go on after this key')
    .option('--limit <count>', 'at most so many', parseCount)
    .option('--json', 'print an object')
    .action(list)
}

async function list(word: string | undefined, flags: ListFlags): Promise<void> {
  const { domain, after, limit } = flags
  const prefix = onlyOne(word, flags.prefix, '--prefix')
  await withMogilefs(flags, async ({ tracker }) => {
    const pages = await listAllKeys(tracker, { domain, prefix, after, limit }, never())
    if (pages === null) throw noSuchDomain(domain)
    await print(flags.json ? jsonOf(domain, pages) : linesOf(pages))
  })
}

/** Page by page: a domain can have more keys than there is memory. */
async function print(text: AsyncIterable<string>): Promise<void> {
  try {
    await pipeline(Readable.from(text), process.stdout, { end: false })
  } catch (error) {
    // `| head` has what it wants.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPIPE')) throw error
  }
}

async function* linesOf(pages: Pages): AsyncGenerator<string, void, undefined> {
  for await (const keys of pages) yield keys.map((key) => `${printable(key)}\n`).join('')
}

async function* jsonOf(domain: string, pages: Pages): AsyncGenerator<string, void, undefined> {
  yield `{"domain":${JSON.stringify(domain)},"keys":[`
  let separator = ''
  for await (const keys of pages) {
    yield separator + keys.map((key) => JSON.stringify(key)).join(',')
    separator = ','
  }
  yield ']}\n'
}
