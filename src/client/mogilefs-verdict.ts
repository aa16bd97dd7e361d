import { EdgeError } from '../errors.ts'
import type { Arguments } from '../wire/mogilefs/arguments.ts'
import { answerError, isAbsent, isRefusal } from '../wire/mogilefs/errors.ts'
import type { Answer } from '../wire/mogilefs/line.ts'
import type { Outcome } from './first-answer.ts'
import type { MogilefsCommand } from './mogilefs-exchange.ts'

/** Null: this tracker has not heard of the domain; another one may have. */
export type Judged<T> = { readonly value: T } | { readonly refusal: EdgeError } | null

export type TrackerOutcome<T> = Outcome<NonNullable<Judged<T>>>

/** A tracker learns within four seconds of what was made through another one. */
const NO_DOMAIN: ReadonlySet<string> = new Set(['unreg_domain', 'domain_not_found'])
const NOT_YET_KNOWN: ReadonlySet<string> = new Set([
  ...NO_DOMAIN,
  'unreg_class',
  'class_not_found',
  'host_not_found',
  'no_device',
])

/** What one answer means. @throws EdgeError where another tracker may do better */
export function judge<T>(
  answer: Answer,
  host: string,
  decode: (args: Arguments) => T,
): Judged<T | 'no_key'> {
  if (answer.kind === 'ok') return { value: decode(answer.args) }
  const { code, text } = answer
  if (NO_DOMAIN.has(code)) return null
  if (isAbsent(code) || code === 'no_key') return { value: 'no_key' }
  const error = answerError(code, text, host)
  if (isRefusal(code)) return { refusal: error }
  throw error
}

/**
 * What the answers of all trackers come to. A `failure` is never "not there": the database may be
 * down. @throws EdgeError no_tracker, refused_by_server
 */
export function settle<T>(outcome: TrackerOutcome<T>, what: string): T | 'no_domain' {
  const { answer, absent, failures } = outcome
  if (answer === undefined) {
    if (absent.length > 0) return 'no_domain'
    throw noTracker(what, failures)
  }
  if ('refusal' in answer.value) throw answer.value.refusal
  return answer.value.value
}

/**
 * No other tracker need be told. A command that was refused because the tracker does not know the
 * domain, class or host was not carried out; nor was a CREATE_OPEN that failed, whatever the cause.
 */
export function isSettled({ name }: MogilefsCommand, answer: Answer): boolean {
  if (answer.kind === 'ok') return true
  if (NOT_YET_KNOWN.has(answer.code)) return false
  return name !== 'create_open' || isRefusal(answer.code)
}

export function noTracker(what: string, failures: readonly EdgeError[]): EdgeError {
  const cause = failures.find(({ code }) => code === 'refused_by_server') ?? failures[0]
  const why = cause === undefined ? 'none is configured' : cause.message
  return new EdgeError('no_tracker', `no tracker answered ${what}: ${why}`, { cause })
}
