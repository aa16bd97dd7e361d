import type { Command } from 'commander'
import { formatBytes } from '../../admin/byte-text.ts'
import type {
  MogilefsDeviceReport,
  MogilefsHostReport,
  MogilefsReport,
  MogilefsTrackerReport,
} from '../../admin/cluster-report.ts'
import { formatStates, problemsOf } from '../../admin/mogilefs-problems.ts'
import { askPatiently } from '../../client/ask.ts'
import type { ClusterFlags } from '../cluster-flags.ts'
import { EXIT } from '../exit-code.ts'
import { surveyMogilefs } from '../mogilefs-survey.ts'
import { addMogilefsFlags, withMogilefs } from '../open-mogilefs.ts'
import { formatTable, printResult } from './output.ts'

const MIB = 1024 ** 2

export function addMogCheckCommand(mog: Command): void {
  addMogilefsFlags(mog.command('check'))
    .description('ask every tracker and host, show every device; exit code 1 if anything is down')
    .option('--json', 'print an object')
    .action(check)
}

async function check(flags: ClusterFlags & { readonly json?: boolean }): Promise<void> {
  const survey = await withMogilefs(flags, (cluster, { mogilefs }) =>
    surveyMogilefs(cluster, mogilefs.trackers, askPatiently()),
  )
  const problems = problemsOf(survey).map(({ text }) => text)
  printResult(flags, format(survey, problems), { ...survey, problems })
  if (problems.length > 0) process.exitCode = EXIT.REFUSED
}

function format({ trackers, hosts, devices }: MogilefsReport, problems: readonly string[]): string {
  const parts = [formatTable(['tracker', 'answers', 'database'], trackers.map(trackerRow))]
  if (hosts.length > 0) {
    parts.push(formatTable(['host', 'address', 'state', 'answers'], hosts.map(hostRow)))
  }
  if (devices.length > 0) {
    const head = ['device', 'host', 'state', 'seen as', 'used', 'total', 'free', 'weight']
    parts.push(formatTable(head, devices.map(deviceRow)))
  }
  parts.push(problems.length === 0 ? 'all is well' : problems.join('\n'))
  return parts.join('\n\n')
}

function trackerRow({ tracker, error, databaseError }: MogilefsTrackerReport): string[] {
  if (error !== null) return [tracker, 'no', 'unknown']
  return [tracker, 'yes', databaseError === null ? 'answers' : 'fails']
}

function hostRow({ hostname, hostip, httpPort, status, error }: MogilefsHostReport): string[] {
  const isAsked = status === 'alive' || status === 'readonly'
  const answers = error === null ? 'yes' : 'no'
  return [hostname, `${hostip}:${httpPort}`, status, isAsked ? answers : 'not asked']
}

function deviceRow(device: MogilefsDeviceReport): string[] {
  const { devid, hostname, status, mbTotal, mbUsed, weight } = device
  const space = [mbUsed, mbTotal, mbTotal - mbUsed].map((mb) => formatBytes(mb * MIB))
  return [`dev${devid}`, hostname, status, formatStates(device), ...space, `${weight}`]
}
