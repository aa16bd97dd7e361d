/** RFC 9110 5.6.7: a recipient must accept all three formats and a sender generates the first. */
const IMF_FIXDATE =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d\d) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT$/
const RFC850_DATE =
  /^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (\d\d)-([A-Z][a-z]{2})-(\d\d) (\d\d):(\d\d):(\d\d) GMT$/
const ASCTIME_DATE =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ([A-Z][a-z]{2}) ([ \d]\d) (\d\d):(\d\d):(\d\d) (\d{4})$/

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

interface DateParts {
  readonly year: number
  readonly month: string | undefined
  readonly day: string | undefined
  readonly time: readonly (string | undefined)[]
}

/** Unix seconds as `Sun, 06 Nov 1994 08:49:37 GMT`. */
export function formatHttpDate(unixSeconds: number): string {
  return new Date(unixSeconds * 1000).toUTCString()
}

/** Unix seconds, or undefined for what is no date. The day of the week is not compared. */
export function parseHttpDate(text: string, nowSeconds: number): number | undefined {
  const parts = parseImfFixdate(text) ?? parseRfc850(text, nowSeconds) ?? parseAsctime(text)
  return parts === undefined ? undefined : toUnixSeconds(parts)
}

function parseImfFixdate(text: string): DateParts | undefined {
  const match = IMF_FIXDATE.exec(text)
  if (match === null) return undefined
  const [, day, month, year, ...time] = match
  return { year: Number(year), month, day, time }
}

/**
 * "Recipients of a timestamp value in rfc850-date format, which uses a two-digit year, MUST
 * interpret a timestamp that appears to be more than 50 years in the future as representing the
 * most recent year in the past that had the same last two digits."
 */
function parseRfc850(text: string, nowSeconds: number): DateParts | undefined {
  const match = RFC850_DATE.exec(text)
  if (match === null) return undefined
  const [, day, month, twoDigits, ...time] = match
  const thisYear = new Date(nowSeconds * 1000).getUTCFullYear()
  const year = thisYear - (thisYear % 100) + Number(twoDigits)
  return { year: year > thisYear + 50 ? year - 100 : year, month, day, time }
}

function parseAsctime(text: string): DateParts | undefined {
  const match = ASCTIME_DATE.exec(text)
  if (match === null) return undefined
  const [, month, day, hours, minutes, seconds, year] = match
  return { year: Number(year), month, day, time: [hours, minutes, seconds] }
}

function toUnixSeconds({ year, month, day, time }: DateParts): number | undefined {
  const monthIndex = MONTHS.indexOf(month ?? '')
  const [hours = 0, minutes = 0, seconds = 0] = time.map(Number)
  // A leap second is a valid date.
  if (monthIndex < 0 || hours > 23 || minutes > 59 || seconds > 60) return undefined
  const date = new Date(0)
  date.setUTCFullYear(year, monthIndex, Number(day))
  if (date.getUTCMonth() !== monthIndex || Number(day) === 0) return undefined
  return date.getTime() / 1000 + hours * 3600 + minutes * 60 + seconds
}
