import { nameOf } from '../../http/request-url.ts'
import { formatRef } from '../../resolver/resolver.ts'
import { createToken } from '../../wire/token.ts'
import { type Verdict, verdict } from './causes.ts'
import type { TokenQuestion } from './token-report.ts'

const HOURS = Array.from({ length: 14 }, (_, index) => index + 1)

/**
 * What a wrong token was made of, found by making the mistakes that others have made. Undefined: none
 * of them, so it is the secret or the id of another file.
 */
export function findMistake(secret: string, question: TokenQuestion): Verdict | undefined {
  const given = question.query.token ?? ''
  const ts = question.query.ts ?? ''
  const isMadeOf = (filename: string, time: string): boolean =>
    createToken(filename, time, secret) === given.toLowerCase()
  return findWrongName(question, (name) => isMadeOf(name, ts)) ?? findWrongTime(question, isMadeOf)
}

function findWrongName(
  { ref, rawPath }: TokenQuestion,
  isMadeOf: (name: string) => boolean,
): Verdict | undefined {
  const wanted = nameOf(ref)
  if (isMadeOf(wanted)) return verdict('token_upper_case', {})
  const group = formatRef(ref).slice(1, -wanted.length - 1)
  for (const given of [`${group}/${wanted}`, `/${group}/${wanted}`]) {
    if (isMadeOf(given)) return verdict('token_with_group', { given, wanted, group: `${group}/` })
  }
  if (isMadeOf(`/${wanted}`)) return verdict('token_with_slash', { given: `/${wanted}`, wanted })
  const isEncoded = encodingsOf(wanted, rawPath).some(isMadeOf)
  return isEncoded ? verdict('token_encoded_name', { wanted }) : undefined
}

/** As it stood in the URL, and as usual functions write it. */
function encodingsOf(wanted: string, rawPath: string): readonly string[] {
  const encoded = encodeURI(wanted)
  const component = encodeURIComponent(wanted)
  const below = rawPath.replace(/^\/[^/]*\//, '')
  return [below, rawPath.slice(1), encoded, component].filter((text) => text !== wanted)
}

function findWrongTime(
  { ref, query }: TokenQuestion,
  isMadeOf: (name: string, time: string) => boolean,
): Verdict | undefined {
  const wanted = nameOf(ref)
  const ts = query.ts ?? ''
  const seconds = Number(ts)
  const signs = (time: number): boolean => isMadeOf(wanted, `${time}`)
  const inSeconds = Math.floor(seconds / 1000)
  if (signs(inSeconds)) return verdict('token_milliseconds', { ts, signed: `${inSeconds}` })
  const milliseconds = findMilliseconds(seconds, signs)
  if (milliseconds !== undefined) {
    return verdict('token_milliseconds', { ts, signed: `${milliseconds}` })
  }
  const hours = HOURS.flatMap((one) => [one, -one]).find((one) => signs(seconds + one * 3600))
  if (hours === undefined) return undefined
  const signed = `${seconds + hours * 3600}`
  return verdict('token_other_zone', { ts, signed, hours: `${Math.abs(hours)}` })
}

/** Of a second that was rounded down, any of its thousand. */
function findMilliseconds(seconds: number, signs: (time: number) => boolean): number | undefined {
  const times = Array.from({ length: 1000 }, (_, index) => seconds * 1000 + index)
  return times.find(signs)
}
