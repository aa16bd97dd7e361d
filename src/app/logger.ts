import pino, { type Logger } from 'pino'
import type { EdgeEvent, Observe } from '../client/events.ts'
import { EdgeError } from '../errors.ts'
import type { EdgeLog } from '../http/message.ts'
import type { LogDestination } from './log-destination.ts'
import type { Repeats } from './repeats.ts'

export type { Logger } from 'pino'

/** JSON lines, made for people where the destination is a terminal. */
export function createLogger(level: string, destination: LogDestination): Logger {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination)
}

/** Tells what happened to daemons and files; a dead storage says so once, not once a request. */
export function logEvents(logger: Logger, repeats: Repeats): Observe {
  return (event) => {
    const topic = topicOf(event)
    if (topic === undefined) return
    repeats.say(topic, (again) =>
      logger.warn({ ...fieldsOf(event), ...again }, MESSAGES[event.type]),
    )
  }
}

/** What http has to say: the same failure for the same reason is said once as well. */
export function logFaults(logger: Logger, repeats: Repeats): EdgeLog {
  const saying = (level: 'warn' | 'error') => (fields: object, message: string) =>
    repeats.say(`${message} ${causeOf(fields)}`, (again) =>
      logger[level]({ ...fields, ...again }, message),
    )
  return { warn: saying('warn'), error: saying('error') }
}

function causeOf(fields: object): string {
  const { err }: { err?: unknown } = fields
  return err instanceof EdgeError ? `${err.code} ${err.host}` : `${err}`
}

const MESSAGES = {
  host_failed: 'a host failed, the next one is asked',
  host_silent: 'a host is silent, another one is asked as well',
  stale_location: 'no tracker tells where a file is, an old location is used',
  failed_over: 'another host gave what one did not',
  resumed: 'a stream broke and went on from another replica',
  wrong_content: 'a replica gave wrong content',
} as const satisfies Record<EdgeEvent['type'], string>

/** Undefined: it has been told by what was before it. */
function topicOf(event: EdgeEvent): string | undefined {
  switch (event.type) {
    case 'host_failed':
      return `${event.type} ${event.host} ${event.error.code}`
    case 'host_silent':
      return `${event.type} ${event.host}`
    case 'resumed':
      return `${event.type} ${event.from}`
    case 'wrong_content':
      return `${event.type} ${event.host} ${event.ref}`
    case 'stale_location':
      return event.type
    case 'failed_over':
      return undefined
  }
}

function fieldsOf(event: EdgeEvent): object {
  if (event.type !== 'host_failed') return { ...event, type: undefined }
  const { code, message } = event.error
  return { host: event.host, code, error: message }
}
