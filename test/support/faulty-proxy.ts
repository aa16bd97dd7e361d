import { randomBytes } from 'node:crypto'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { Address } from '../../src/client/address.ts'

/** What is done to the bytes that the daemon sends. Each may be switched at any time. */
export interface ProxyFaults {
  /** Every connection ends after so many bytes. */
  readonly cutAfterBytes?: number
  /** Of every so many bytes the last is wrong. */
  readonly wrongByteEvery?: number
  readonly bytesPerSecond?: number
  /** Whatever is asked is answered with bytes that are no protocol. */
  readonly isGarbage?: boolean
  /** Connections are taken, and nothing comes through in either direction. */
  readonly isHung?: boolean
  /** Called for each connection: what becomes of a chunk of it. Undefined: the connection is cut there. */
  readonly change?: () => (chunk: Buffer) => Buffer | undefined
}

const SLOW_CHUNKS_PER_SECOND = 20

/** Stands between an edge and a daemon, and does to their bytes what a bad network or disk does. */
export class FaultyProxy {
  readonly target: Address
  faults: ProxyFaults = {}
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #address: Address | undefined

  private constructor(target: Address) {
    this.target = target
    this.#server = createServer({ noDelay: true }, (client) => this.#join(client))
  }

  static async start(target: Address, host = '127.0.0.1'): Promise<FaultyProxy> {
    const proxy = new FaultyProxy(target)
    await new Promise<void>((resolve) => proxy.#server.listen(0, host, resolve))
    const bound = proxy.#server.address()
    if (bound === null || typeof bound === 'string') throw new Error('the proxy does not listen')
    proxy.#address = { host, port: bound.port }
    return proxy
  }

  get address(): Address {
    if (this.#address === undefined) throw new Error('the proxy does not listen')
    return this.#address
  }

  /** Connections made under other faults would go on as they are. */
  async set(faults: ProxyFaults): Promise<void> {
    this.faults = faults
    for (const socket of this.#sockets) socket.destroy()
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  #join(client: Socket): void {
    this.#watch(client)
    const { faults } = this
    if (faults.isHung) return void client.resume()
    if (faults.isGarbage) return void client.on('data', () => client.write(garbage()))
    const daemon = connect({ ...this.target, noDelay: true })
    this.#watch(daemon)
    client.pipe(daemon)
    daemon.once('close', () => client.destroy())
    client.once('close', () => daemon.destroy())
    this.#passOn(daemon, client, faults).catch(() => client.destroy())
  }

  #watch(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('close', () => this.#sockets.delete(socket))
  }

  async #passOn(daemon: Socket, client: Socket, faults: ProxyFaults): Promise<void> {
    const { cutAfterBytes = Number.POSITIVE_INFINITY, wrongByteEvery, bytesPerSecond } = faults
    const change = faults.change?.() ?? unchanged
    let passed = 0
    for await (const chunk of daemon) {
      const changed = change(chunk)
      if (changed === undefined) return void client.destroy()
      for (const piece of inPieces(changed, bytesPerSecond)) {
        const bytes = piece.subarray(0, cutAfterBytes - passed)
        spoil(bytes, passed, wrongByteEvery)
        passed += bytes.length
        await write(client, bytes)
        if (passed >= cutAfterBytes) return void client.end()
        if (bytesPerSecond !== undefined) await delay((bytes.length / bytesPerSecond) * 1000)
      }
    }
    client.end()
  }
}

function unchanged(chunk: Buffer): Buffer {
  return chunk
}

function inPieces(chunk: Buffer, bytesPerSecond: number | undefined): readonly Buffer[] {
  if (bytesPerSecond === undefined) return [chunk]
  const size = Math.max(1, Math.floor(bytesPerSecond / SLOW_CHUNKS_PER_SECOND))
  return Array.from({ length: Math.ceil(chunk.length / size) }, (_, index) =>
    chunk.subarray(index * size, (index + 1) * size),
  )
}

/** `position` is where the chunk begins in all that came over the connection. */
function spoil(chunk: Buffer, position: number, every: number | undefined): void {
  if (every === undefined) return
  for (let i = every - 1 - (position % every); i < chunk.length; i += every) {
    chunk.writeUInt8(chunk.readUInt8(i) ^ 0xff, i)
  }
}

/** The first bit makes a FastDFS length negative, the end makes a line of it. */
function garbage(): Buffer {
  const bytes = randomBytes(64)
  bytes.writeUInt8(bytes.readUInt8(0) | 0x80, 0)
  return Buffer.concat([bytes, Buffer.from('\r\n')])
}

function write(socket: Socket, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    if (socket.destroyed) reject(new Error('the other end has gone'))
    else socket.write(bytes, (error) => (error ? reject(error) : resolve()))
  })
}
