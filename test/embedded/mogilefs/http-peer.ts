import assert from 'node:assert/strict'
import { BytePeer } from '../../support/byte-peer.ts'

export interface HttpAnswer {
  readonly status: number
  /** Status line and header fields, in their order. */
  readonly lines: readonly string[]
  readonly body: Buffer
}

/** One connection to a mogstored: it writes what it is told and reads answers by their framing. */
export class HttpPeer extends BytePeer {
  async read(method = 'GET'): Promise<HttpAnswer> {
    await this.until(() => this.received.includes('\r\n\r\n'))
    const head = this.take(this.received.indexOf('\r\n\r\n') + 4).toString('latin1')
    const lines = head.slice(0, -4).split('\r\n')
    const [, status] = /^HTTP\/1\.0 ([0-9]{3}) /.exec(lines[0] ?? '') ?? []
    assert.ok(status !== undefined, `a bad status line: ${lines[0]}`)
    const length = Number(/^Content-Length: ([0-9]+)$/m.exec(lines.join('\n'))?.[1] ?? 0)
    const isBodyless = method === 'HEAD' || ['204', '304'].includes(status)
    if (!isBodyless) await this.has(length)
    return { status: Number(status), lines, body: this.take(isBodyless ? 0 : length) }
  }
}

interface Address {
  readonly host: string
  readonly port: number
}

/** One request, as it stands, on a connection of its own. */
export async function askHttp(address: Address, text: string | Buffer): Promise<HttpAnswer> {
  const peer = new HttpPeer(address)
  try {
    const request = Buffer.from(text)
    peer.send(request)
    return await peer.read(`${request.subarray(0, 4)}` === 'HEAD' ? 'HEAD' : 'GET')
  } finally {
    peer.close()
  }
}

export function get(url: string, fields = ''): Promise<HttpAnswer> {
  const { hostname, port, pathname } = new URL(url)
  const head = `GET ${pathname} HTTP/1.1\r\nHost: x\r\n${fields}\r\n`
  return askHttp({ host: hostname, port: Number(port) }, head)
}

/** As mogupload does it. */
export function put(url: string, content: Buffer): Promise<HttpAnswer> {
  const { hostname, port, pathname } = new URL(url)
  const head = `PUT ${pathname} HTTP/1.0\r\nContent-length: ${content.length}\r\n\r\n`
  const request = Buffer.concat([Buffer.from(head), content])
  return askHttp({ host: hostname, port: Number(port) }, request)
}
