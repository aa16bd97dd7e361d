import { EdgeError } from '../errors.ts'

/** What the command line answers its caller. */
export const EXIT = { DONE: 0, REFUSED: 1, USAGE: 2 } as const

/** A command that cannot do what was asked: told in one line, without a stack. */
export class CommandError extends Error {
  readonly exitCode: number

  constructor(message: string, exitCode: number = EXIT.REFUSED) {
    super(message)
    this.name = 'CommandError'
    this.exitCode = exitCode
  }
}

/** One line for the one who typed the command; our own errors say all that helps in theirs. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { cause } = error
  const isOurs = error instanceof EdgeError && !(cause instanceof EdgeError)
  if (cause === undefined || isOurs) return error.message
  const why = describeError(cause)
  return error.message.includes(why) ? error.message : `${error.message}: ${why}`
}

export function exitCodeOf(error: unknown): number {
  if (error instanceof CommandError) return error.exitCode
  if (!(error instanceof EdgeError)) return EXIT.REFUSED
  return error.code === 'invalid_ref' || error.code === 'invalid_config' ? EXIT.USAGE : EXIT.REFUSED
}
