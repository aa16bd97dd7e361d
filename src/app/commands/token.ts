import type { Command } from 'commander'
import { createToken } from '../../wire/token.ts'
import { loadConf } from '../cluster-flags.ts'
import { CommandError, EXIT } from '../exit-code.ts'
import { requireFileId } from './file-argument.ts'

interface Flags {
  readonly conf?: string
  readonly secret?: string
  readonly ts?: string
}

export function addTokenCommand(program: Command): void {
  program
    .command('token <id>')
    .description("print the URL query of FastDFS's anti-steal token for a file")
    .option('--conf <file>', 'take http.anti_steal.secret_key from this edge.conf')
    .option(
      '--secret <text>',
      'the secret itself, which other users of this host can see meanwhile',
    )
    .option('--ts <seconds>', 'unix time that the token counts from; 0 never expires; default: now')
    .action(printToken)
}

function printToken(idText: string, flags: Flags): void {
  const { filename } = requireFileId(idText)
  const ts = flags.ts ?? `${Math.floor(Date.now() / 1000)}`
  if (!/^[0-9]{1,15}$/.test(ts)) throw new CommandError('--ts takes whole seconds', EXIT.USAGE)
  process.stdout.write(`token=${createToken(filename, ts, secretOf(flags))}&ts=${ts}\n`)
}

function secretOf({ conf, secret }: Flags): string {
  if ((conf === undefined) === (secret === undefined)) {
    throw new CommandError('give the secret by --conf FILE or by --secret TEXT', EXIT.USAGE)
  }
  if (conf === undefined) return secret ?? ''
  const { secretKey } = loadConf(conf).antiSteal
  if (secretKey !== '') return secretKey
  throw new CommandError(`${conf} sets no http.anti_steal.secret_key`, EXIT.USAGE)
}
