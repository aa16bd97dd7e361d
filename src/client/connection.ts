import { connect, type Socket } from 'node:net'
import { EdgeError } from '../errors.ts'
import { ByteReader } from '../wire/byte-reader.ts'
import { type Address, formatAddress } from './address.ts'
import { isLocalLimit } from './local-limit.ts'
import { ReadRing } from './read-ring.ts'

/** Reading stops while this many bytes wait to be taken: the back-pressure towards a storage. */
const HIGH_WATER_BYTES = 64 * 1024

/**
 * What every connection reads into: each read is copied out of it before the next one. Node would
 * allocate 64 KB for each read instead, however few bytes come, and collecting that garbage took
 * more time than everything else.
 */
const READ_BUFFER = Buffer.allocUnsafeSlow(64 * 1024)

interface Waiter {
  hasEnough(): boolean
  resolve(): void
  reject(error: EdgeError): void
}

/**
 * One TCP connection to a daemon that answers one question at a time. Reads have deadlines; the
 * first failure ends the connection and is what every later call throws.
 */
export class Connection {
  readonly host: string
  readonly openedAt: number
  /** When the connection was last given back to its pool. */
  idleSince = 0
  /** It has served a request before: a daemon may have closed it meanwhile. */
  isReused = false
  readonly #socket: Socket
  readonly #reader = new ByteReader()
  #waiter: Waiter | undefined
  #failure: EdgeError | undefined
  #isPaused = false
  #ring: ReadRing | undefined

  private constructor({ host, port }: Address, now: number) {
    this.host = formatAddress({ host, port })
    this.openedAt = now
    const onread = {
      buffer: () => this.#ring?.slot ?? READ_BUFFER,
      callback: (length: number, buffer: Uint8Array) => this.#receive(length, buffer),
    }
    const socket = connect({ host, port, noDelay: true, onread })
    socket.on('end', () => this.#fail('closed the connection'))
    socket.on('close', () => this.#fail('closed the connection'))
    this.#socket = socket
  }

  /** @throws EdgeError connect_failed, timeout, overloaded, aborted */
  static async open(
    address: Address,
    { timeoutMs, signal, now }: { timeoutMs: number; signal: AbortSignal; now: number },
  ): Promise<Connection> {
    const connection = new Connection(address, now)
    const { host } = connection
    const abort = (): void => connection.destroy(abortedError())
    const timer = setTimeout(() => {
      const message = `${host} took no connection in ${timeoutMs} ms`
      connection.destroy(new EdgeError('timeout', message, { host, isConnecting: true }))
    }, timeoutMs)
    signal.addEventListener('abort', abort)
    if (signal.aborted) abort()
    try {
      await connection.#connected()
      return connection
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
    }
  }

  #connected(): Promise<void> {
    const { host } = this
    return new Promise((resolve, reject) => {
      const refuse = (cause: NodeJS.ErrnoException): void => {
        const code = isLocalLimit(cause) ? 'overloaded' : 'connect_failed'
        const why = cause.code === undefined ? '' : ` (${cause.code})`
        this.destroy(new EdgeError(code, `cannot connect to ${host}${why}`, { host, cause }))
      }
      this.#socket.once('error', refuse)
      this.#socket.once('close', () => reject(this.#failure))
      this.#socket.once('connect', () => {
        this.#socket.off('error', refuse)
        this.#socket.on('error', (cause) => this.#fail('broke the connection', cause))
        resolve()
      })
    })
  }

  /** Nothing is wrong with it and no bytes of an earlier answer are left over. */
  get isUsable(): boolean {
    return this.#failure === undefined && this.#reader.length === 0
  }

  /** Bytes that have come and were not read yet; they stay readable when the connection ends. */
  get receivedBytes(): number {
    return this.#reader.length
  }

  /** Sends bytes; resolves when the socket can take more. */
  write(bytes: Buffer): Promise<void> | undefined {
    if (this.#failure !== undefined) throw this.#failure
    if (this.#socket.write(bytes)) return undefined
    return this.#drained()
  }

  async #drained(): Promise<void> {
    await new Promise<void>((resolve) => {
      const settle = (): void => {
        this.#socket.off('drain', settle).off('close', settle)
        resolve()
      }
      this.#socket.on('drain', settle).on('close', settle)
    })
    if (this.#failure !== undefined) throw this.#failure
  }

  /** Exactly `size` bytes. @throws EdgeError timeout, connection_lost */
  async read(size: number, timeoutMs: number): Promise<Buffer> {
    const hasEnough = (): boolean => this.#reader.length >= size
    if (!hasEnough()) await this.#wait(hasEnough, timeoutMs)
    const bytes = this.#reader.take(size)
    if (bytes === undefined) throw this.#failure ?? new EdgeError('connection_lost', this.host)
    this.#resumeUnlessFull()
    return bytes
  }

  /** At least one byte and at most `limit`. @throws EdgeError timeout, connection_lost */
  async readSome(limit: number, timeoutMs: number): Promise<Buffer> {
    if (this.#reader.length === 0) await this.#wait(() => true, timeoutMs)
    const bytes = this.#reader.takeSome(limit)
    if (bytes === undefined) throw this.#failure ?? new EdgeError('connection_lost', this.host)
    this.#resumeUnlessFull()
    return bytes
  }

  /**
   * A line without its end, CRLF or LF; bytes behind it stay for the next call. The deadline is for
   * the whole line. @throws EdgeError timeout, connection_lost, protocol_error (more than `limit`)
   */
  async readLine(limit: number, timeoutMs: number): Promise<Buffer> {
    const hasEnough = (): boolean => this.#reader.hasLine(limit)
    if (!hasEnough()) await this.#wait(hasEnough, timeoutMs)
    const line = this.#reader.takeLine(limit)
    if (line === undefined) throw this.#failure ?? new EdgeError('connection_lost', this.host)
    this.#resumeUnlessFull()
    return line
  }

  /**
   * A long body follows, to be read by `readSome` until `endStream`. Its chunks lie in memory that
   * is used again: each is valid until the second one after it is asked for.
   */
  beginStream(): void {
    this.#ring = new ReadRing()
  }

  endStream(): void {
    this.#ring = undefined
  }

  /** Ends the connection at once; whoever waits on it gets `error`. */
  destroy(error = new EdgeError('connection_lost', `gave up ${this.host}`)): void {
    this.#failWith(error)
    this.#socket.destroy()
  }

  /** Takes what was read; false stops reading. */
  #receive(length: number, buffer: Uint8Array): boolean {
    this.#reader.push(this.#keep(length, buffer))
    const waiter = this.#waiter
    if (waiter?.hasEnough()) {
      this.#waiter = undefined
      waiter.resolve()
    }
    this.#isPaused = this.#waiter === undefined && this.#isFull()
    return !this.#isPaused
  }

  /** A slot of the ring is taken as it is; what all connections read into is copied. */
  #keep(length: number, buffer: Uint8Array): Buffer {
    const slot = this.#ring?.slot
    if (buffer !== slot) return Buffer.from(buffer.subarray(0, length))
    this.#ring?.advance(length)
    return slot.subarray(0, length)
  }

  #isFull(): boolean {
    if (this.#ring !== undefined) return this.#ring.isFull(this.#reader.chunkCount)
    return this.#reader.length > HIGH_WATER_BYTES
  }

  #resumeUnlessFull(): void {
    if (this.#isPaused && !this.#isFull()) this.#resume()
  }

  #resume(): void {
    this.#isPaused = false
    this.#socket.resume()
  }

  #wait(hasEnough: () => boolean, timeoutMs: number): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    if (this.#isPaused) this.#resume()
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const message = `${this.host} sent nothing for ${timeoutMs} ms`
        this.destroy(new EdgeError('timeout', message, { host: this.host }))
      }, timeoutMs)
      this.#waiter = {
        hasEnough,
        resolve: () => {
          clearTimeout(timer)
          resolve()
        },
        reject: (error) => {
          clearTimeout(timer)
          reject(error)
        },
      }
    })
  }

  #fail(what: string, cause?: unknown): void {
    const { host } = this
    this.#failWith(new EdgeError('connection_lost', `${host} ${what}`, { host, cause }))
  }

  #failWith(error: EdgeError): void {
    if (this.#failure !== undefined) return
    this.#failure = error
    this.#socket.destroy()
    const waiter = this.#waiter
    this.#waiter = undefined
    waiter?.reject(error)
  }
}

export function abortedError(): EdgeError {
  return new EdgeError('aborted', 'the one who asked has gone away')
}

/** Ends a connection when the one who asked goes away, until `ignore` is called. */
export function destroyOnAbort(connection: Connection, signal: AbortSignal): { ignore(): void } {
  const abort = (): void => connection.destroy(abortedError())
  signal.addEventListener('abort', abort)
  if (signal.aborted) abort()
  return { ignore: () => signal.removeEventListener('abort', abort) }
}
