import type { Socket } from 'node:net'
import { EdgeError } from '../errors.ts'
import { ByteReader } from '../wire/byte-reader.ts'
import type { Gate } from './gate.ts'

export interface ConnectionLimits {
  /** A connection on which nothing moves for so long is closed. */
  readonly idleTimeoutMs: number
  /** From the first byte of a header (or of a short body) to its last: a slow writer is closed. */
  readonly requestTimeoutMs: number
}

/** Bytes that may wait to be read, unless a longer line is asked for; the kernel holds the rest. */
const HIGH_WATER_BYTES = 256 * 1024

const REUSED_FRAME_BYTES = 64 * 1024

/** How long the peer of a connection that we have ended may go on sending before it is cut. */
const LINGER_MS = 2000

/** What a reader waits for. */
interface Wanted {
  hasEnough(): boolean
  /** Bytes that it may take until there is enough. */
  readonly limit: number
  wake(): void
}

/** One accepted connection, read by asking for bytes and written with back-pressure. */
export class Connection {
  /** Settles when the socket is gone. */
  readonly closed: Promise<void>
  readonly #socket: Socket
  readonly #gate: Gate
  readonly #limits: ConnectionLimits
  readonly #reader = new ByteReader()
  #wanted: Wanted | undefined
  #deadline: NodeJS.Timeout | undefined
  #frame: Buffer | undefined
  #hasEnded = false
  #isDiscarding = false

  constructor(socket: Socket, gate: Gate, limits: ConnectionLimits) {
    this.#socket = socket
    this.#gate = gate
    this.#limits = limits
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()))
    socket.on('data', (chunk) => this.#onData(chunk))
    socket.on('end', () => this.#onEnd())
    socket.on('close', () => this.#onEnd())
    // What went wrong shows in `close`, which follows.
    socket.on('error', () => undefined)
    socket.on('timeout', () => gate.isClosed || socket.destroy())
    this.followGate()
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed
  }

  get remoteAddress(): string | undefined {
    return this.#socket.remoteAddress
  }

  /** Exactly `size` bytes, or undefined when the peer ends before they have come. */
  async read(size: number): Promise<Buffer | undefined> {
    if (!(await this.#until(() => this.#reader.length >= size, size))) return undefined
    this.clearDeadline()
    const taken = this.#reader.take(size)
    this.#updateFlow()
    return taken
  }

  /** What is there, from one byte to `limit`; undefined when the peer has ended. */
  async readSome(limit: number): Promise<Buffer | undefined> {
    if (!(await this.#until(() => this.#reader.length > 0, 1))) return undefined
    const taken = this.#reader.takeSome(limit)
    this.#updateFlow()
    return taken
  }

  /**
   * The next line without its end, CRLF or LF; undefined when the peer ends before it is whole. A
   * request may have several: its time goes on until `clearDeadline`.
   * @throws EdgeError protocol_error for a line of more than `limit` bytes
   */
  async readLine(limit: number): Promise<Buffer | undefined> {
    if (!(await this.#until(() => this.#reader.hasLine(limit), limit + 1))) return undefined
    const line = this.#reader.takeLine(limit)
    this.#updateFlow()
    return line
  }

  /**
   * A buffer for one write. A small one is used again and again: the next may be asked for only when
   * the write is done.
   */
  frame(size: number): Buffer {
    if (size > REUSED_FRAME_BYTES) return Buffer.allocUnsafe(size)
    this.#frame ??= Buffer.allocUnsafeSlow(REUSED_FRAME_BYTES)
    return this.#frame.subarray(0, size)
  }

  /** Settles when the kernel has taken the bytes. @throws EdgeError connection_lost */
  async write(bytes: Buffer): Promise<void> {
    if (this.#gate.isClosed) await this.#gate.passed()
    await new Promise<void>((resolve, reject) => {
      this.#socket.write(bytes, (error) => (error ? reject(connectionLost(error)) : resolve()))
    })
  }

  /** Cuts the connection unless `clearDeadline` comes within the time of a request. */
  startDeadline(): void {
    this.#deadline ??= setTimeout(() => this.destroy(), this.#limits.requestTimeoutMs)
  }

  clearDeadline(): void {
    clearTimeout(this.#deadline)
    this.#deadline = undefined
  }

  /** Waits, but no longer than the connection lives. */
  async delay(delayMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, delayMs)
    await Promise.race([promise, this.closed])
    clearTimeout(timer)
  }

  /** Sends what is written and ends; the peer may finish what it is sending, for a moment. */
  finish(): void {
    if (this.#socket.destroyed) return
    if (this.#hasEnded) {
      this.#socket.destroySoon()
      return
    }
    this.#isDiscarding = true
    this.#socket.end()
    this.#updateFlow()
    const timer = setTimeout(() => this.#socket.destroy(), LINGER_MS)
    this.#socket.once('close', () => clearTimeout(timer))
  }

  destroy(): void {
    this.#socket.destroy()
  }

  /** Cuts the connection by a reset, as a host does on which nobody listens. */
  reset(): void {
    this.#socket.resetAndDestroy()
  }

  /** To be called when the gate was opened or closed. */
  followGate(): void {
    this.#socket.setTimeout(this.#limits.idleTimeoutMs)
    this.#updateFlow()
  }

  #onData(chunk: Buffer): void {
    if (this.#isDiscarding) return
    this.#reader.push(chunk)
    this.#updateFlow()
    if (this.#wanted === undefined) return
    if (this.#wanted.hasEnough()) this.#wake()
    else this.startDeadline()
  }

  #onEnd(): void {
    this.#hasEnded = true
    this.clearDeadline()
    this.#wake()
    if (this.#isDiscarding) this.#socket.destroySoon()
  }

  /** False when the peer has ended and there will never be enough. */
  async #until(hasEnough: () => boolean, limit: number): Promise<boolean> {
    if (this.#gate.isClosed) await this.#gate.passed()
    while (!hasEnough()) {
      if (this.#hasEnded) return false
      await new Promise<void>((wake) => {
        this.#wanted = { hasEnough, limit, wake }
        this.#updateFlow()
      })
    }
    return true
  }

  #wake(): void {
    this.#wanted?.wake()
    this.#wanted = undefined
  }

  #updateFlow(): void {
    const limit = Math.max(HIGH_WATER_BYTES, this.#wanted?.limit ?? 0)
    const isFull = this.#reader.length >= limit && !this.#isDiscarding
    if (isFull || this.#gate.isClosed) this.#socket.pause()
    else if (this.#socket.isPaused()) this.#socket.resume()
  }
}

function connectionLost(cause: Error): EdgeError {
  return new EdgeError('connection_lost', `the peer has gone: ${cause.message}`, { cause })
}
