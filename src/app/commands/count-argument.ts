import { CommandError, EXIT } from '../exit-code.ts'

/** A number from 1 on. */
export function parseCount(text: string): number {
  if (/^[1-9][0-9]{0,8}$/.test(text)) return Number(text)
  throw new CommandError(`"${text}" is no number from 1 to 999999999`, EXIT.USAGE)
}
