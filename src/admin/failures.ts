import type { EdgeEvent } from '../client/events.ts'
import { EdgeError } from '../errors.ts'
import type { RequestRecord } from '../http/request-record.ts'
import { formatRef } from '../resolver/resolver.ts'
import { FAILURES_MAX, type FailureReport } from './process-report.ts'

type Failure = Omit<FailureReport, 'at' | 'count'>

/** What went wrong last. The same thing about the same host is one, with a count. */
export class Failures {
  readonly #now: () => number
  /** In the order of their last time. */
  readonly #failures = new Map<string, FailureReport>()

  /** @param now milliseconds since 1970 */
  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  /** Newest first. */
  get list(): readonly FailureReport[] {
    return [...this.#failures.values()].reverse()
  }

  noteEvent(event: EdgeEvent): void {
    const failure = failureOfEvent(event)
    if (failure !== undefined) this.#note(failure)
  }

  noteRequest(record: RequestRecord): void {
    if (record.fault !== undefined) this.#note(failureOfRequest(record))
  }

  #note(failure: Failure): void {
    const key = `${failure.kind} ${failure.host} ${failure.code}`
    const count = (this.#failures.get(key)?.count ?? 0) + 1
    this.#failures.delete(key)
    this.#failures.set(key, { ...failure, at: this.#now(), count })
    const [oldest] = this.#failures.keys()
    if (this.#failures.size > FAILURES_MAX && oldest !== undefined) this.#failures.delete(oldest)
  }
}

function failureOfEvent(event: EdgeEvent): Failure | undefined {
  switch (event.type) {
    case 'host_failed': {
      const { code, message: reason } = event.error
      return { kind: 'host', host: event.host, ref: null, code, reason }
    }
    case 'host_silent': {
      const reason = 'it was silent, so that another host was asked as well'
      return { kind: 'host', host: event.host, ref: null, code: 'timeout', reason }
    }
    case 'wrong_content': {
      const reason = 'a file of it has another size or checksum than it must have'
      return { kind: 'content', host: event.host, ref: event.ref, code: 'wrong_content', reason }
    }
    default:
      return undefined
  }
}

function failureOfRequest({ ref, path, fault }: RequestRecord): Failure {
  const file = ref === null ? path : formatRef(ref)
  if (fault instanceof EdgeError) {
    const { code, message: reason, host = null } = fault
    return { kind: 'request', host, ref: file, code, reason }
  }
  return { kind: 'request', host: null, ref: file, code: 'internal', reason: `${fault}` }
}
