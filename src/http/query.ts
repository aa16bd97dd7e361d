/** The arguments that mean something; all others are never looked at. */
const NAMES = ['token', 'ts', 'filename', 'attname', 'start', 'end', 'redirect'] as const
type QueryName = (typeof NAMES)[number]

/** Of repeated arguments the first one counts. */
export type Query = { readonly [name in QueryName]?: string }

/** What a file system takes as a name; a longer argument is refused. */
const MAX_VALUE_BYTES = 255

export const EMPTY_QUERY: Query = {}

/** `a=1&b=2` without its `?`; undefined where one that counts is badly encoded or too long. */
export function parseQuery(text: string): Query | undefined {
  const query: { [name in QueryName]?: string } = {}
  for (const pair of text.split('&')) {
    const equals = pair.indexOf('=')
    const name = NAMES.find((known) => known === (equals < 0 ? pair : pair.slice(0, equals)))
    if (name === undefined || query[name] !== undefined) continue
    const value = decodeValue(equals < 0 ? '' : pair.slice(equals + 1))
    if (value === undefined) return undefined
    query[name] = value
  }
  return query
}

/** `+` is a blank: Java's URLEncoder, which most uploaders use, writes it so. */
function decodeValue(text: string): string | undefined {
  try {
    const value = decodeURIComponent(text.replaceAll('+', ' '))
    return Buffer.byteLength(value) > MAX_VALUE_BYTES ? undefined : value
  } catch {
    return undefined
  }
}
