import { connect, type Socket } from 'node:net'
import type { HostPort } from '../../src/embedded/embedded-fastdfs.ts'
import { encodeFrame } from '../../src/wire/fastdfs/header.ts'

export interface Answer {
  readonly status: number
  readonly body: Buffer
}

const DEADLINE_MS = 10_000

/**
 * One connection to a daemon, as plain as can be: it knows frames and nothing else, and shares no
 * code with src/client.
 */
export class WirePeer {
  readonly socket: Socket
  #received = Buffer.alloc(0)
  #hasEnded = false
  #wake: () => void = () => undefined

  constructor({ host, port }: HostPort) {
    this.socket = connect({ host, port, noDelay: true })
    this.socket.on('error', () => undefined)
    this.socket.on('data', (chunk) => {
      this.#received = Buffer.concat([this.#received, chunk])
      this.#wake()
    })
    for (const event of ['end', 'close']) {
      this.socket.on(event, () => {
        this.#hasEnded = true
        this.#wake()
      })
    }
  }

  /** Everything that has arrived and was not taken by an answer. */
  get received(): Buffer {
    return this.#received
  }

  async ask(command: number, body: Buffer = Buffer.alloc(0), status = 0): Promise<Answer> {
    this.send(encodeFrame(command, body, { status }))
    return await this.answer()
  }

  send(bytes: Buffer): void {
    this.socket.write(bytes)
  }

  /** The next frame. @throws when the connection ends before it is whole */
  async answer(): Promise<Answer> {
    await this.#until(() => this.#received.length >= 10)
    const length = Number(this.#received.readBigInt64BE(0))
    await this.#until(() => this.#received.length >= 10 + length)
    const frame = this.#take(10 + length)
    if (frame.readUInt8(8) !== 100) throw new Error(`an answer with command ${frame.readUInt8(8)}`)
    return { status: frame.readUInt8(9), body: frame.subarray(10) }
  }

  /** Waits for the end of the connection. */
  async ended(): Promise<void> {
    await this.#wait(() => this.#hasEnded)
  }

  /** Waits until so many bytes are there that no answer has taken. */
  async has(size: number): Promise<void> {
    await this.#until(() => this.#received.length >= size)
  }

  close(): void {
    this.socket.destroy()
  }

  async #until(holds: () => boolean): Promise<void> {
    await this.#wait(() => holds() || this.#hasEnded)
    if (!holds()) throw new Error(`the daemon ended after ${this.#received.length} bytes`)
  }

  async #wait(holds: () => boolean): Promise<void> {
    let isLate = false
    const deadline = setTimeout(() => {
      isLate = true
      this.#wake()
    }, DEADLINE_MS)
    while (!holds() && !isLate) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    clearTimeout(deadline)
    if (!holds()) throw new Error(`waited in vain, with ${this.#received.length} bytes at hand`)
  }

  #take(size: number): Buffer {
    const taken = this.#received.subarray(0, size)
    this.#received = this.#received.subarray(size)
    return taken
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
