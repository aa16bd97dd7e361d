import type { Query } from '../../http/query.ts'
import { nameOf } from '../../http/request-url.ts'
import { formatRef, type Ref } from '../../resolver/resolver.ts'
import { checkToken } from '../../wire/token.ts'
import { type Verdict, verdict } from './causes.ts'
import type { TokenReport } from './explanation.ts'
import { formatDuration } from './format.ts'
import { findMistake } from './token-mistakes.ts'

export interface TokenSettings {
  readonly isChecked: boolean
  /** Empty: none is configured. */
  readonly secret: string
  readonly ttlSeconds: number
}

export interface TokenQuestion {
  readonly ref: Ref
  readonly query: Query
  /** The path as it stood in the URL, encoded. */
  readonly rawPath: string
  readonly nowSeconds: number
  /** The Date that a client's clock showed, or an answer had. */
  readonly dateSeconds: number | null
}

/** An hour that is not over by more than this is a time zone and no coincidence. */
const ZONE_TOLERANCE_SECONDS = 120

export function reportToken(settings: TokenSettings, question: TokenQuestion): TokenReport {
  const { ref, query, nowSeconds, dateSeconds } = question
  const { secret, ttlSeconds, isChecked } = settings
  const filename = nameOf(ref)
  const given = { filename, token: query.token, ts: query.ts }
  const state = checkToken({ ...given, secret, ttlSeconds, nowSeconds })
  const isSigned = query.token !== undefined || query.ts !== undefined
  const ts = Number(query.ts)
  const isTimed = (state === 'ok' || state === 'expired') && ts !== 0
  return {
    isChecked,
    token: query.token ?? null,
    ts: query.ts ?? null,
    expectedInput:
      isChecked || isSigned ? `${filename} + <secret> + ${query.ts ?? '<unix time>'}` : null,
    state: isChecked || isSigned ? state : 'not asked for',
    leftSeconds: isTimed ? Math.round(ts + ttlSeconds - nowSeconds) : null,
    clockDifferenceSeconds: dateSeconds === null ? null : Math.round(dateSeconds - nowSeconds),
    fault: isChecked && state !== 'ok' ? faultOf(state, settings, question) : null,
  }
}

type Refused = 'missing' | 'malformed' | 'wrong' | 'expired'

function faultOf(state: Refused, settings: TokenSettings, question: TokenQuestion): Verdict {
  const { ref, query } = question
  switch (state) {
    case 'missing': {
      const id = formatRef(ref).slice(1)
      return verdict('token_missing', { name: query.token ? 'ts' : 'token', id })
    }
    case 'malformed':
      return verdict('token_ts_form', { ts: query.ts ?? '' })
    case 'expired':
      return expired(settings, question)
    case 'wrong':
      return findMistake(settings.secret, question) ?? wrong(ref)
  }
}

function wrong(ref: Ref): Verdict {
  return verdict('token_wrong', { wanted: nameOf(ref) })
}

function expired({ ttlSeconds }: TokenSettings, question: TokenQuestion): Verdict {
  const { query, nowSeconds, dateSeconds } = question
  const ts = Number(query.ts)
  const age = nowSeconds - ts
  const ended = formatDuration(age - ttlSeconds)
  const difference = dateSeconds === null ? 0 : nowSeconds - dateSeconds
  if (dateSeconds !== null && dateSeconds - ts <= ttlSeconds && difference > 0) {
    const off = `${formatDuration(difference)} behind`
    return verdict('token_expired_by_clock', { age: ended, difference: off })
  }
  const hours = Math.round(age / 3600)
  if (hours >= 1 && hours <= 14 && Math.abs(age - hours * 3600) <= ZONE_TOLERANCE_SECONDS) {
    return verdict('token_expired_by_zone', { hours: `${hours}` })
  }
  const time = new Date(ts * 1000).toISOString()
  return verdict('token_expired', { age: ended, time, ttl: `${ttlSeconds}` })
}
