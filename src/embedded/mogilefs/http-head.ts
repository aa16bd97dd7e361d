import type { Connection } from '../connection.ts'

export interface HttpHead {
  /** As it was sent: `get` is no method. */
  readonly method: string
  readonly target: string
  /** By lower-case name; repeated fields are joined by a comma. */
  readonly headers: ReadonlyMap<string, string>
  readonly isKeepAlive: boolean
}

/** Perlbal takes 40 KB and more. */
const MAX_HEAD_BYTES = 128 * 1024

/** Undefined when the peer has ended, or says what Perlbal hangs up on without a word. */
export async function readHead(connection: Connection): Promise<HttpHead | undefined> {
  const lines: string[] = []
  for (let left = MAX_HEAD_BYTES; ; ) {
    const line = await connection.readLine(left)
    if (line === undefined) return undefined
    if (line.length === 0 && lines.length > 0) break
    left = Math.max(0, left - line.length)
    // A blank line before a request is left over from the body before it.
    if (line.length > 0) lines.push(line.toString('latin1'))
    connection.startDeadline()
  }
  connection.clearDeadline()
  return parseHead(lines)
}

const REQUEST_LINE = /^([A-Za-z]+) +(\S+) +HTTP\/([0-9])\.([0-9])$/
const HEADER = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/

/** A request line alone, without any header, is hung up on too. */
export function parseHead([requestLine = '', ...lines]: readonly string[]): HttpHead | undefined {
  const [, method, target, major, minor] = REQUEST_LINE.exec(requestLine) ?? []
  const headers = parseHeaders(lines)
  if (method === undefined || target === undefined || headers === undefined) return undefined
  const isOld = Number(`${major}${minor}`) < 11
  return { method, target, headers, isKeepAlive: isKeepAlive(headers, isOld) }
}

function parseHeaders(lines: readonly string[]): ReadonlyMap<string, string> | undefined {
  const headers = new Map<string, string>()
  for (const line of lines) {
    const [, name, value = ''] = HEADER.exec(line) ?? []
    if (name === undefined) return undefined
    const key = name.toLowerCase()
    const earlier = headers.get(key)
    headers.set(key, earlier === undefined ? value : `${earlier}, ${value}`)
  }
  return headers.size === 0 ? undefined : headers
}

/** `Connection: TE, close` closes too. */
function isKeepAlive(headers: ReadonlyMap<string, string>, isOld: boolean): boolean {
  const words = (headers.get('connection') ?? '').toLowerCase().split(/[ ,\t]+/)
  return isOld ? words.includes('keep-alive') : !words.includes('close')
}
