import { Command, CommanderError } from 'commander'
import { addCheckConfCommand } from './commands/check-conf.ts'
import { addExplainCommand } from './commands/explain.ts'
import { addMetadataCommand } from './commands/fdfs-metadata.ts'
import { addMonitorCommand } from './commands/fdfs-monitor.ts'
import { addReadCommands } from './commands/fdfs-read.ts'
import { addWriteCommands } from './commands/fdfs-write.ts'
import { addMogCommands } from './commands/mog.ts'
import { addNginxCommand } from './commands/nginx.ts'
import { addPurgeCommand } from './commands/purge.ts'
import { addServeCommand } from './commands/serve.ts'
import { addTokenCommand } from './commands/token.ts'
import { addUpCommand } from './commands/up.ts'
import { describeError, EXIT, exitCodeOf } from './exit-code.ts'
import { packageVersion } from './package-version.ts'

const EXIT_CODES = `
Exit codes: 0 done, 1 refused or not found, 2 usage or configuration.`

export function createProgram(): Command {
  const program = new Command('dfs-edge')
    .description(
      'HTTP edge that serves public images and videos out of FastDFS and MogileFS clusters',
    )
    .version(packageVersion())
    .addHelpText('after', EXIT_CODES)
    .exitOverride()
  addServeCommand(program)
  addUpCommand(program)
  const fdfs = program
    .command('fdfs')
    .description('store, fetch and look at files of a FastDFS cluster')
    .addHelpText('after', EXIT_CODES)
  addWriteCommands(fdfs)
  addReadCommands(fdfs)
  addMetadataCommand(fdfs)
  addMonitorCommand(fdfs)
  const mog = program
    .command('mog')
    .description('store, fetch and look at files of a MogileFS cluster')
    .addHelpText('after', EXIT_CODES)
  addMogCommands(mog)
  addTokenCommand(program)
  addCheckConfCommand(program)
  addNginxCommand(program)
  addPurgeCommand(program)
  addExplainCommand(program)
  nameHelp(program, program.name())
  return program
}

/** What is wrong with the use of a command is told with the way to the help for that one. */
function nameHelp(command: Command, path: string): void {
  command.showHelpAfterError(`(${path} --help shows what there is)`)
  for (const child of command.commands) nameHelp(child, `${path} ${child.name()}`)
}

/** Runs one command line; the exit code is in `process.exitCode`. */
export async function runCommandLine(argv: readonly string[]): Promise<void> {
  try {
    await createProgram().parseAsync(argv)
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? EXIT.DONE : EXIT.USAGE
      return
    }
    process.stderr.write(`dfs-edge: ${describeError(error)}\n`)
    process.exitCode = exitCodeOf(error)
  }
}
