import { EdgeError } from '../../errors.ts'
import {
  type Arguments,
  type ArgumentsToSend,
  decodeArguments,
  encodeArguments,
  escapeArgument,
  unescapeArgument,
} from './arguments.ts'
import type { CommandName } from './commands.ts'

/** `COMMAND args\r\n`. A command without arguments still has its blank. */
export function encodeRequest(command: CommandName, args: ArgumentsToSend = {}): string {
  return `${command} ${encodeArguments(args)}\r\n`
}

export interface Request {
  /** Lower case; empty where the line begins with no word. `!stats` keeps its mark. */
  readonly command: string
  readonly args: Arguments
}

/** A line without its end, as the tracker reads it; null for a blank one, which it skips. */
export function decodeRequest(line: string): Request | null {
  if (/^\s*$/.test(line)) return null
  const [, command = '', args = ''] = /^\s*(!\S+|\w*)\s*(.*?)\r?$/s.exec(line) ?? []
  return { command: command.toLowerCase(), args: decodeArguments(args) }
}

/** A tracker's answer: `OK args` or `ERR code text [callid]`. */
export type Answer =
  | { readonly kind: 'ok'; readonly args: Arguments }
  | {
      readonly kind: 'error'
      readonly code: string
      readonly text: string
      readonly callid: string | undefined
    }

/** Old trackers write a length after OK. */
const OK = /^OK(?: +(?:[0-9]+(?= |$))? *(.*))?$/s
const ERR = /^ERR +([^ ]+)(?: +([^ ]*))?(?: +([^ ]*))?/

/** An answer without the end of its line. @throws EdgeError protocol_error */
export function decodeAnswer(line: string): Answer {
  const ok = OK.exec(line)
  if (ok !== null) return { kind: 'ok', args: decodeArguments(ok[1] ?? '') }
  const [, code, text = '', callid] = ERR.exec(line) ?? []
  if (code !== undefined) return { kind: 'error', code, text: unescapeArgument(text), callid }
  const start = JSON.stringify(line.slice(0, 40))
  throw new EdgeError('protocol_error', `a tracker answers with OK or ERR, not with ${start}`)
}

/** `OK ` keeps its blank when nothing follows. */
export function encodeOk(args: ArgumentsToSend = {}): string {
  return `OK ${encodeArguments(args)}\r\n`
}

export function encodeError(code: string, text: string, callid?: string): string {
  const words = ['ERR', code, escapeArgument(text)]
  if (callid !== undefined) words.push(escapeArgument(callid))
  return `${words.join(' ')}\r\n`
}
