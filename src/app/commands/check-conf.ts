import type { Command } from 'commander'
import { readEdgeConf } from '../../config/index.ts'
import { formatFaults } from '../../config/report.ts'
import { EXIT } from '../exit-code.ts'

export function addCheckConfCommand(program: Command): void {
  program
    .command('check-conf <file>')
    .description(
      'check an edge.conf, or a file of FastDFS or MogileFS as it stands, and name every fault',
    )
    .option('--json', 'print an object')
    .action(checkConf)
}

function checkConf(path: string, flags: { json?: boolean }): void {
  const { conf, faults, warnings } = readEdgeConf(path)
  const report = formatFaults(faults, warnings)
  process.stdout.write(flags.json ? `${JSON.stringify({ faults, warnings })}\n` : report)
  if (conf === undefined) process.exitCode = EXIT.REFUSED
}
