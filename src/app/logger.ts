import pino, { type Logger } from 'pino'
import type { EdgeEvent, Observe } from '../client/events.ts'
import { LogDestination } from './log-destination.ts'

export type { Logger } from 'pino'

/** JSON lines, on standard error unless told otherwise. */
export function createLogger(level: string, destination = new LogDestination(null)): Logger {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination)
}

/** The same thing about the same host is said once in this time, with a count. */
const REPEAT_MS = 10_000
/** Different things that are counted at a time. */
const TOPICS_MAX = 1000

interface Topic {
  toldAt: number
  repeats: number
}

/** Tells what happened to daemons and files; a dead storage says so once, not once a request. */
export function logEvents(logger: Logger, now: () => number = () => performance.now()): Observe {
  const topics = new Map<string, Topic>()

  /** How often it happened since it was last told; undefined while it must not be told again. */
  function mayTell(key: string): number | undefined {
    const topic = topics.get(key)
    if (topic !== undefined && now() - topic.toldAt < REPEAT_MS) {
      topic.repeats += 1
      return undefined
    }
    if (topics.size >= TOPICS_MAX) topics.clear()
    topics.set(key, { toldAt: now(), repeats: 0 })
    return topic?.repeats ?? 0
  }

  return (event) => {
    const repeats = mayTell(topicOf(event))
    if (repeats === undefined) return
    const again = repeats === 0 ? {} : { repeats }
    logger.warn({ ...fieldsOf(event), ...again }, MESSAGES[event.type])
  }
}

const MESSAGES = {
  host_failed: 'a host failed, the next one is asked',
  host_silent: 'a host is silent, another one is asked as well',
  stale_location: 'no tracker answers, an old location is used',
  resumed: 'a stream broke and went on from another replica',
  wrong_content: 'a replica gave wrong content',
} as const satisfies Record<EdgeEvent['type'], string>

function topicOf(event: EdgeEvent): string {
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
  }
}

function fieldsOf(event: EdgeEvent): object {
  if (event.type !== 'host_failed') return { ...event, type: undefined }
  const { code, message } = event.error
  return { host: event.host, code, error: message }
}
