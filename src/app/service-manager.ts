import { execFile } from 'node:child_process'
import { fstatSync } from 'node:fs'
import { describeError } from './exit-code.ts'
import type { Logger } from './logger.ts'

type Env = Record<string, string | undefined>

/** Words of sd_notify(3): `READY=1`, `STATUS=..`. */
export type Notify = (...words: readonly string[]) => void

/**
 * The way to systemd, where a unit of Type=notify runs this process. Its own program says the words, for
 * Node has no datagram sockets of Unix. The variable goes, so that no child speaks for this process.
 */
export function takeNotify(logger: Logger, env: Env = process.env): Notify {
  const { NOTIFY_SOCKET: socket } = env
  delete env['NOTIFY_SOCKET']
  if (socket === undefined) return () => undefined
  return (...words) => {
    execFile('systemd-notify', words, { env: { ...env, NOTIFY_SOCKET: socket } }, (error) => {
      if (error === null) return
      logger.error({ error: describeError(error), words }, 'systemd cannot be told how the edge is')
    })
  }
}

/** Whether standard error is what systemd has given for it: the journal. */
export function isJournal(fd: number, env: Env = process.env): boolean {
  const { JOURNAL_STREAM: stream } = env
  if (stream === undefined) return false
  const { dev, ino } = fstatSync(fd)
  return stream === `${dev}:${ino}`
}

/** pino's levels as those of syslog: warn, error, fatal. What has none is info. */
const PRIORITIES: Readonly<Record<string, number>> = { 40: 4, 50: 3, 60: 2 }

/** sd-daemon(3): what the journal shows with `journalctl -p warning` begins with its priority. */
export function journalLine(line: string): string {
  const [, level = ''] = /^\{"level":([0-9]+),/.exec(line) ?? []
  const priority = PRIORITIES[level]
  return priority === undefined ? line : `<${priority}>${line}`
}
