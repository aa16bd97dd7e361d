import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { createConnection } from '../http-cases.ts'
import { bytesOf } from '../mutate.ts'
import { type Answer, readAnswers } from '../read-answers.ts'
import type { FuzzTarget, OpenTarget } from '../target.ts'
import { startWholeEdge, TRUSTED, type WholeEdge } from '../whole-edge.ts'

/** The edge answers these of itself; 502 to 504 would be a fault that there is not. */
const STATUSES = new Set([
  ...[200, 204, 206, 304, 400, 404, 405, 408, 412, 413, 414, 416, 417, 431, 501, 505],
])
const DEADLINE_MS = 5000
const OTHER_TARGETS = [
  ...['/', '*', '/favicon.ico', '/img/none', '/img/', '/group1/M00/00/00/x', '/group9/M00/00/00/x'],
  ...['http://img.example.com/a', '/img/%E5%9B%BE', '//', '/img//a', '/%2e%2e/x', 'a:443', ''],
]
/** All that a client may be told of a fault. */
const ERROR_TEXT = /^\d{3} [A-Za-z' -]+\n[A-Za-z0-9 ,.:'/-]+\nRequest: [\w-]{8,64}\n$/
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Requests over real sockets, from a proxy and from anyone. */
export const HTTP_REQUESTS: FuzzTarget = {
  name: 'HTTP requests to an edge with its clusters',
  cases: { short: 600, long: 40_000 },
  maxMs: 1000,
  parallel: 8,
  open,
}

async function open(): Promise<OpenTarget> {
  const edge = await startWholeEdge()
  const targets = [...edge.files.keys(), ...edge.files.keys(), ...OTHER_TARGETS]
  return {
    generate: (random) => createConnection(random, targets),
    check: (text) => check(edge, text),
    close: () => edge.close(),
  }
}

async function check(edge: WholeEdge, text: string): Promise<void> {
  // The text alone says how it is sent, so that it is sent so again.
  const isTrusted = text.length % 4 === 0
  const localAddress = isTrusted ? TRUSTED : '127.0.0.1'
  const socket = connect({ host: '127.0.0.1', port: edge.port, localAddress })
  const answers = readAnswers(await exchange(socket, bytesOf(text)))
  for (const answer of answers) checkAnswer(edge, answer, isTrusted)
  assert.deepEqual(edge.takeErrors(), [])
}

async function exchange(socket: Socket, request: Buffer): Promise<Buffer> {
  const chunks: Buffer[] = []
  socket.on('data', (chunk) => chunks.push(chunk))
  socket.on('error', () => undefined)
  socket.setTimeout(DEADLINE_MS, () => socket.destroy(new Error('nothing came')))
  const closed = once(socket, 'close')
  const middle = request.length % 3 === 0 ? request.length >> 1 : 0
  socket.write(request.subarray(0, middle))
  setImmediate(() => socket.end(request.subarray(middle)))
  await closed
  assert.ok(!(socket.errored?.message === 'nothing came'), 'the connection stays open')
  return Buffer.concat(chunks)
}

function checkAnswer(edge: WholeEdge, { status, headers, body }: Answer, isTrusted: boolean): void {
  assert.ok(STATUSES.has(status), `status ${status}: ${body}`)
  assert.ok(status === 304 || status < 300 || status > 399, `status ${status}`)
  if (status >= 400) {
    assert.match(headers.get('x-request-id') ?? '', isTrusted ? /^[\w-]{8,64}$/ : UUID)
    if (body.length > 0) assert.match(body.toString('latin1'), ERROR_TEXT)
    return
  }
  if (!isTrusted) assert.equal(headers.get('x-dfs-answer'), undefined)
  if (body.length === 0) return
  const file = [...edge.files.values()].find((bytes) => isOf(bytes, { status, headers, body }))
  assert.ok(file !== undefined, `content of no file: ${status} ${[...headers]}`)
}

/** Whether an answer's content is a file's, by its status and header fields. */
function isOf(file: Buffer, { status, headers, body }: Answer): boolean {
  if (headers.get('accept-ranges') === 'none') return file.includes(body.subarray(13))
  if (status === 200) return file.equals(body)
  const type = headers.get('content-type') ?? ''
  if (type.startsWith('multipart/byteranges')) return areParts(file, type, body)
  return isPart(file, headers.get('content-range') ?? '', body)
}

function isPart(file: Buffer, range: string, bytes: Buffer): boolean {
  const [, first, last, size] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(range) ?? []
  if (Number(size) !== file.length) return false
  return file.subarray(Number(first), Number(last) + 1).equals(bytes)
}

function areParts(file: Buffer, type: string, body: Buffer): boolean {
  const boundary = type.slice(type.indexOf('=') + 1)
  const parts = body.toString('latin1').split(`--${boundary}`)
  return parts.slice(1, -1).every((part) => {
    const end = part.indexOf('\r\n\r\n')
    const [, range = ''] = /\r\nContent-Range: (.*)$/.exec(part.slice(0, end)) ?? []
    return isPart(file, range, bytesOf(part.slice(end + 4, -2)))
  })
}
