import type { Command } from 'commander'
import { createToken } from '../../wire/token.ts'
import { CommandError, EXIT } from '../exit-code.ts'
import { requireFileId } from './file-argument.ts'

export function addTokenCommand(program: Command): void {
  program
    .command('token <id>')
    .description("print the URL query of FastDFS's anti-steal token for a file")
    .requiredOption('--secret <text>', 'http.anti_steal.secret_key')
    .option('--ts <seconds>', 'unix time that the token counts from; 0 never expires; default: now')
    .action(printToken)
}

function printToken(idText: string, flags: { secret: string; ts?: string }): void {
  const { filename } = requireFileId(idText)
  const ts = flags.ts ?? `${Math.floor(Date.now() / 1000)}`
  if (!/^[0-9]{1,15}$/.test(ts)) throw new CommandError('--ts takes whole seconds', EXIT.USAGE)
  process.stdout.write(`token=${createToken(filename, ts, flags.secret)}&ts=${ts}\n`)
}
