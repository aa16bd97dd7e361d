import type { Command } from 'commander'
import { formatBytes } from '../../admin/byte-text.ts'
import type { Device } from '../../wire/mogilefs/cluster-messages.ts'
import type { ClusterFlags } from '../cluster-flags.ts'
import { type Census, type ClassCount, countFiles } from '../mogilefs-census.ts'
import { addMogilefsFlags, withMogilefs } from '../open-mogilefs.ts'
import { parseCount } from './count-argument.ts'
import { never } from './never.ts'
import { formatTable, printResult } from './output.ts'

interface StatsFlags extends ClusterFlags {
  readonly maxFiles: number
  readonly json?: boolean
}

interface Totals extends Omit<ClassCount, 'domain' | 'className'> {}

/** Some minutes of a tracker's time; who wants more says so. */
const MAX_FILES = 1_000_000
const MIB = 1024 ** 2

export function addMogStatsCommand(mog: Command): void {
  addMogilefsFlags(mog.command('stats'))
    .description('files and bytes of each class, counted one by one, and the space of each device')
    .option('--max-files <count>', 'count no more files than this', parseCount, MAX_FILES)
    .option('--json', 'print an object')
    .action(stats)
}

async function stats(flags: StatsFlags): Promise<void> {
  await withMogilefs(flags, async ({ tracker }) => {
    const devices = (await tracker.getDevices(never())).toSorted((a, b) => a.devid - b.devid)
    const census = await countFiles(tracker, flags.maxFiles, never())
    const total = totalOf(census.classes)
    const object = { source: 'tracker', ...census, total, devices }
    printResult(flags, format(census, total, devices), object)
  })
}

function totalOf(classes: readonly ClassCount[]): Totals {
  const sum = (of: (count: ClassCount) => number): number =>
    classes.reduce((total, count) => total + of(count), 0)
  return {
    files: sum(({ files }) => files),
    bytes: sum(({ bytes }) => bytes),
    copies: sum(({ copies }) => copies),
    storedBytes: sum(({ storedBytes }) => storedBytes),
  }
}

function format(
  { classes, isComplete }: Census,
  total: Totals,
  devices: readonly Device[],
): string {
  const head = ['domain', 'class', 'files', 'bytes', 'copies', 'bytes of all copies']
  const rows = classes.map((it) => [it.domain, it.className, ...totalsRow(it)])
  const files = formatTable(head, [...rows, ['all', '', ...totalsRow(total)]])
  const space = formatTable(['device', 'state', 'used', 'total'], devices.map(deviceRow))
  return `${files}\n${sourceOf(isComplete, total.files)}\n\n${space}\n${SPACE_SOURCE}`
}

function sourceOf(isComplete: boolean, files: number): string {
  if (isComplete)
    return 'all files that the trackers list were counted; copies are as they count them'
  return `only the oldest ${files} files were counted, there are more: see --max-files`
}

const SPACE_SOURCE =
  'used and total are those of the whole disk, as the trackers measured them last'

function totalsRow({ files, bytes, copies, storedBytes }: Totals): string[] {
  return [`${files}`, formatBytes(bytes), `${copies}`, formatBytes(storedBytes)]
}

function deviceRow({ devid, status, mbUsed, mbTotal }: Device): string[] {
  return [`dev${devid}`, status, formatBytes(mbUsed * MIB), formatBytes(mbTotal * MIB)]
}
