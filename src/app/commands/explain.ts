import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import type { Explanation } from '../../admin/explain/explanation.ts'
import { headlineOf, type Section, sectionsOf } from '../../admin/explain/sections.ts'
import type { Address } from '../../client/address.ts'
import { defaultEdgeConf, type EdgeConf } from '../../config/index.ts'
import { parseHttpDate } from '../../http/http-date.ts'
import { addressParser, loadConf } from '../cluster-flags.ts'
import { CommandError, EXIT } from '../exit-code.ts'
import { explainOnce } from '../explain-sources.ts'
import { EMBEDDED_TRACKER } from '../open-fastdfs.ts'
import { EMBEDDED_MOGILE_TRACKER, trackersAlone } from '../open-mogilefs.ts'
import { formatPairs, formatTable, printable, printResult } from './output.ts'

interface ExplainFlags {
  readonly conf?: string
  readonly tracker?: readonly Address[]
  readonly mogileTracker?: readonly Address[]
  readonly host?: string
  readonly date?: string
  readonly json?: boolean
}

const USUAL_CONF = 'conf/edge.conf'

export function addExplainCommand(program: Command): void {
  program
    .command('explain <url>')
    .description(
      'say why a URL is answered as it is, and what to do; exit code 1 if it is not served',
    )
    .option('--conf <file>', `take the clusters from this edge.conf, instead of ${USUAL_CONF}`)
    .option('--tracker <host:port>', 'a FastDFS tracker; repeatable', collect(EMBEDDED_TRACKER))
    .option(
      '--mogile-tracker <host:port>',
      'a MogileFS tracker; repeatable',
      collect(EMBEDDED_MOGILE_TRACKER),
    )
    .option('--host <name>', 'the Host header of the request')
    .option('--date <date>', "the Date that the client's clock showed, or that the answer had")
    .option('--json', 'print an object')
    .action(explain)
}

function collect(usual: Address) {
  const parse = addressParser(usual.port)
  return (value: string, earlier: readonly Address[] = []): readonly Address[] => [
    ...earlier,
    parse(value),
  ]
}

async function explain(url: string, flags: ExplainFlags): Promise<void> {
  const dateSeconds = flags.date === undefined ? undefined : requireDate(flags.date)
  const explanation = await explainOnce({ url, host: flags.host, dateSeconds }, confOf(flags))
  printResult(flags, format(explanation), explanation)
  const status = explanation.answer?.status ?? explanation.verdict.status
  if (status >= 400) process.exitCode = EXIT.REFUSED
}

function requireDate(text: string): number {
  const seconds = parseHttpDate(text, Date.now() / 1000)
  if (seconds !== undefined) return seconds
  const form = 'Sun, 06 Nov 1994 08:49:37 GMT'
  throw new CommandError(`"${text}" is no date as in HTTP, such as "${form}"`, EXIT.USAGE)
}

/** Trackers of the command line go before those of a file. */
function confOf({ conf: path, tracker, mogileTracker }: ExplainFlags): EdgeConf {
  const isNamed = tracker !== undefined || mogileTracker !== undefined
  const file = path ?? (!isNamed && existsSync(USUAL_CONF) ? USUAL_CONF : undefined)
  const base = file === undefined ? defaultEdgeConf() : loadConf(file)
  const trackers = tracker ?? (isNamed || file !== undefined ? undefined : [EMBEDDED_TRACKER])
  const mogileTrackers =
    mogileTracker ?? (isNamed || file !== undefined ? undefined : [EMBEDDED_MOGILE_TRACKER])
  return {
    ...base,
    ...(trackers && { trackerServers: trackers.map((one) => [one]) }),
    ...(mogileTrackers && { mogilefs: trackersAlone(mogileTrackers) }),
  }
}

function format(explanation: Explanation): string {
  const sections = sectionsOf(explanation).map(formatSection)
  return [
    printable(headlineOf(explanation)),
    ...sections,
    printable(explanation.verdict.sentence),
  ].join('\n\n')
}

function formatSection({ title, pairs, table, lines }: Section): string {
  const clean = (texts: readonly string[]): string[] => texts.map(printable)
  const parts = [
    ...(pairs.length === 0
      ? []
      : [formatPairs(pairs.map(([name, value]) => [name, printable(value)]))]),
    ...(table === null ? [] : [formatTable(table.head, table.rows.map(clean))]),
    ...clean(lines),
  ]
  return `${title}\n${parts.join('\n').replace(/^/gm, '  ')}`
}
