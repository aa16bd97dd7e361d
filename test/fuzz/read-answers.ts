import assert from 'node:assert/strict'

export interface Answer {
  readonly status: number
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>
  readonly body: Buffer
}

/** All that the edge ever says of an answer. Anything else has been put there by somebody. */
const NAMES = new Set([
  ...['accept-ranges', 'allow', 'cache-control', 'connection', 'content-disposition'],
  ...['content-length', 'content-range', 'content-type', 'date', 'etag', 'keep-alive'],
  ...['last-modified', 'retry-after', 'x-content-type-options', 'x-request-id'],
  ...['x-accel-expires', 'x-dfs-answer', 'x-dfs-fid', 'x-dfs-size'],
])
const STATUS_LINE = /^HTTP\/1\.1 (\d{3}) [A-Z][A-Za-z -]*$/
const FIELD = /^([A-Za-z][A-Za-z-]*): ([ -~]*)$/

/**
 * All answers of a connection up to its end, by their framing alone; what is no HTTP is no answer.
 * An answer to HEAD has a length and no body: no content begins as an answer does.
 */
export function readAnswers(received: Buffer): Answer[] {
  const answers: Answer[] = []
  let rest = received
  while (rest.length > 0) {
    const end = rest.indexOf('\r\n\r\n')
    assert.ok(end > 0, `no head of an answer: ${JSON.stringify(rest.toString('latin1', 0, 80))}`)
    const head = readHead(rest.toString('latin1', 0, end))
    rest = rest.subarray(end + 4)
    const length = lengthOf(head, rest)
    assert.ok(rest.length >= length, `${rest.length} of ${length} bytes of content`)
    answers.push({ ...head, body: rest.subarray(0, length) })
    rest = rest.subarray(length)
  }
  return answers
}

function readHead(text: string): Omit<Answer, 'body'> {
  const [line = '', ...fields] = text.split('\r\n')
  const [, status] = STATUS_LINE.exec(line) ?? []
  assert.ok(status !== undefined, `a bad status line: ${JSON.stringify(line)}`)
  const headers = new Map<string, string>()
  for (const field of fields) {
    const [, name = '', value = ''] = FIELD.exec(field) ?? []
    const key = name.toLowerCase()
    assert.ok(NAMES.has(key), `a header field that is not the edge's: ${JSON.stringify(field)}`)
    assert.ok(!headers.has(key), `a repeated header field: ${JSON.stringify(field)}`)
    headers.set(key, value)
  }
  return { status: Number(status), headers }
}

function lengthOf({ status, headers }: Omit<Answer, 'body'>, rest: Buffer): number {
  const field = headers.get('content-length')
  if (status === 204 || status === 304) {
    assert.ok(status === 304 || field === undefined, 'a 204 with a length')
    return 0
  }
  assert.match(field ?? '', /^\d{1,15}$/, 'no length')
  const isBodyless = rest.length === 0 || rest.toString('latin1', 0, 9) === 'HTTP/1.1 '
  return isBodyless ? 0 : Number(field)
}
