import assert from 'node:assert/strict'
import { type Answer, decodeAnswer } from '../../../src/wire/mogilefs/line.ts'
import { BytePeer } from '../../support/byte-peer.ts'

/** One connection to a tracker: it knows lines and nothing else. */
export class LinePeer extends BytePeer {
  /** The next line without its end, which must be CRLF. */
  async line(): Promise<string> {
    await this.until(() => this.received.includes('\n'))
    const line = this.take(this.received.indexOf('\n') + 1).toString()
    assert.ok(line.endsWith('\r\n'), `a line ends in CRLF: ${JSON.stringify(line)}`)
    return line.slice(0, -2)
  }

  async ask(request: string): Promise<string> {
    this.send(`${request}\r\n`)
    return await this.line()
  }
}

interface Address {
  readonly host: string
  readonly port: number
}

/** One line on a connection of its own. */
export async function askLine({ address }: { address: Address }, request: string): Promise<string> {
  const peer = new LinePeer(address)
  try {
    return await peer.ask(request)
  } finally {
    peer.close()
  }
}

export async function ask(tracker: { address: Address }, request: string): Promise<Answer> {
  return decodeAnswer(await askLine(tracker, request))
}

/** The pairs of an answer that must be well. */
export async function askOk(
  tracker: { address: Address },
  request: string,
): Promise<Readonly<Record<string, string>>> {
  const answer = await ask(tracker, request)
  assert.ok(answer.kind === 'ok', `${request}: ${JSON.stringify(answer)}`)
  return Object.fromEntries(answer.args)
}

/** The code of an answer that must be an error. */
export async function askError(tracker: { address: Address }, request: string): Promise<string> {
  const answer = await ask(tracker, request)
  assert.ok(answer.kind === 'error', `${request}: ${JSON.stringify(answer)}`)
  return answer.code
}
