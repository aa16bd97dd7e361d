import type { Command } from 'commander'
import type { Domain, FileClass } from '../../wire/mogilefs/cluster-messages.ts'
import type { ClusterFlags } from '../cluster-flags.ts'
import { CommandError, EXIT } from '../exit-code.ts'
import { addMogilefsFlags, withMogilefs, withMogilefsToChange } from '../open-mogilefs.ts'
import { noSuchDomain } from './mog-key.ts'
import { never } from './never.ts'
import { formatTable, printResult } from './output.ts'

interface JsonFlags extends ClusterFlags {
  readonly json?: boolean
}

interface ClassFlags extends ClusterFlags {
  readonly mindevcount: number
  readonly hashtype: string
  readonly replpolicy?: string
}

export function addMogDomainCommands(mog: Command): void {
  const domain = mog.command('domain').description('look at the domains, or make one')
  addMogilefsFlags(domain.command('list'))
    .description('the domains and how many classes each has')
    .option('--json', 'print an object')
    .action(listDomains)
  addMogilefsFlags(domain.command('add <domain>')).description('make a domain').action(addDomain)
  const classes = mog.command('class').description('look at the classes of domains, or make one')
  addMogilefsFlags(classes.command('list [domain]'))
    .description('the classes of all domains, or of one')
    .option('--json', 'print an object')
    .action(listClasses)
  addMogilefsFlags(classes.command('add <domain> <class>'))
    .description('make a class')
    .option('--mindevcount <count>', 'how many devices are to have a file', parseDevcount, 2)
    .option('--hashtype <type>', 'checksums to keep: NONE, MD5 or SHA-1', parseHashtype, 'NONE')
    .option('--replpolicy <policy>', 'where copies go, for example "MultipleHosts(3)"')
    .action(addClass)
}

async function listDomains(flags: JsonFlags): Promise<void> {
  const domains = await allDomains(flags)
  const rows = domains.map(({ name, classes }) => [name, `${classes.length}`])
  const text = rows.length === 0 ? 'no domains' : formatTable(['domain', 'classes'], rows)
  printResult(flags, text, { domains })
}

/** Trackers list them in no order. */
async function allDomains(flags: ClusterFlags): Promise<readonly Domain[]> {
  const domains = await withMogilefs(flags, ({ tracker }) => tracker.getDomains(never()))
  const ordered = domains.map((it) => ({ ...it, classes: it.classes.toSorted(byName) }))
  return ordered.toSorted(byName)
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1
}

async function addDomain(domain: string, flags: ClusterFlags): Promise<void> {
  await withMogilefsToChange(flags, ({ tracker }) => tracker.admin.createDomain(domain, never()))
}

async function listClasses(domain: string | undefined, flags: JsonFlags): Promise<void> {
  const all = await allDomains(flags)
  const chosen = domain === undefined ? all : all.filter(({ name }) => name === domain)
  if (domain !== undefined && chosen.length === 0) throw noSuchDomain(domain)
  const rows = chosen.flatMap(({ name, classes }) => classes.map((it) => classRow(name, it)))
  const head = ['domain', 'class', 'mindevcount', 'hashtype', 'replpolicy']
  printResult(flags, formatTable(head, rows), { domains: chosen })
}

function classRow(domain: string, it: FileClass): string[] {
  return [domain, it.name, `${it.mindevcount}`, it.hashtype, it.replpolicy]
}

async function addClass(domain: string, className: string, flags: ClassFlags): Promise<void> {
  const { mindevcount, hashtype, replpolicy } = flags
  const settings = { domain, className, mindevcount, hashtype, replpolicy }
  await withMogilefsToChange(flags, ({ tracker }) => tracker.admin.createClass(settings, never()))
}

function parseDevcount(text: string): number {
  if (/^[1-9][0-9]{0,2}$/.test(text)) return Number(text)
  throw new CommandError(`--mindevcount takes a number from 1 to 999, not "${text}"`, EXIT.USAGE)
}

function parseHashtype(text: string): string {
  const hashtype = text.toUpperCase().replace(/^SHA1$/, 'SHA-1')
  if (['NONE', 'MD5', 'SHA-1'].includes(hashtype)) return hashtype
  throw new CommandError(`--hashtype takes NONE, MD5 or SHA-1, not "${text}"`, EXIT.USAGE)
}
