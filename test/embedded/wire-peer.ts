import type { HostPort } from '../../src/embedded/embedded-fastdfs.ts'
import { encodeFrame } from '../../src/wire/fastdfs/header.ts'
import { BytePeer } from '../support/byte-peer.ts'

export interface Answer {
  readonly status: number
  readonly body: Buffer
}

/**
 * One connection to a FastDFS daemon, as plain as can be: it knows frames and nothing else.
 */
export class WirePeer extends BytePeer {
  async ask(command: number, body: Buffer = Buffer.alloc(0), status = 0): Promise<Answer> {
    this.send(encodeFrame(command, body, { status }))
    return await this.answer()
  }

  /** The next frame. @throws when the connection ends before it is whole */
  async answer(): Promise<Answer> {
    await this.has(10)
    const length = Number(this.received.readBigInt64BE(0))
    await this.has(10 + length)
    const frame = this.take(10 + length)
    if (frame.readUInt8(8) !== 100) throw new Error(`an answer with command ${frame.readUInt8(8)}`)
    return { status: frame.readUInt8(9), body: frame.subarray(10) }
  }
}

/** One request on a connection of its own, which is closed afterwards. */
export async function askOnce(
  address: HostPort,
  command: number,
  body?: Buffer,
  status?: number,
): Promise<Answer> {
  const peer = new WirePeer(address)
  try {
    return await peer.ask(command, body, status)
  } finally {
    peer.close()
  }
}
