import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { EdgeResponse } from './message.ts'
import { formatRawResponse } from './raw-response.ts'

interface Pair {
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

/** The other end of a connection. */
export interface Peer {
  readonly address: string
  /** A proxy whose words about its client are believed. */
  readonly isTrusted: boolean
}

/** How long a client that sends no more is taken to wait for an answer to begin. */
const HALF_CLOSED_MS = 1000

/** A client's connection: what it waits for, and how it ends. */
export class Connection {
  readonly socket: Socket
  readonly peer: Peer
  readonly #lingerMs: number
  #waiting = 0
  /** Of pipelined requests the last; node:http sends its answer after all others. */
  #latest: Pair | undefined
  #isEnding = false
  #isCut = false
  #isOneTooMany = false

  constructor(socket: Socket, peer: Peer, lingerMs: number) {
    this.socket = socket
    this.peer = peer
    this.#lingerMs = lingerMs
  }

  /** There are too many already: its request, which must come soon, is to be refused. */
  refuseFirst(): void {
    this.#isOneTooMany = true
    const timer = setTimeout(() => this.socket.destroy(), this.#lingerMs)
    this.socket.once('close', () => clearTimeout(timer))
  }

  get isOneTooMany(): boolean {
    return this.#isOneTooMany
  }

  begin(request: IncomingMessage, response: ServerResponse): void {
    this.#latest = { request, response }
  }

  /** An answer has to be waited for. */
  startWaiting(): void {
    this.#waiting++
  }

  stopWaiting(): void {
    this.#waiting--
  }

  /** True while it is the edge that the client waits for, and not the other way round. */
  get isWaitingForAnswer(): boolean {
    return this.#waiting > 0 && this.socket.writableLength === 0
  }

  /**
   * Answers what node:http cannot, after the answers that are still to come, and ends. Where the
   * latest request is the one that cannot be read to its end, its own answer is the last.
   * @returns whether this answer is one
   */
  refuse(response: EdgeResponse, isHead: boolean): boolean {
    if (this.#isEnding) return false
    this.#isEnding = true
    const isOfLatest = this.#latest?.request.complete === false
    const bytes = isOfLatest ? Buffer.alloc(0) : formatRawResponse(response, isHead)
    this.#afterLatest(() => this.#end(bytes))
    return !isOfLatest
  }

  /**
   * The client sends no more. It may read on or have gone, which only bytes on their way to it find out: one
   * that none begin to move to is let go.
   */
  hearOut(): void {
    if (this.#waiting === 0) return
    const { socket } = this
    const { bytesWritten } = socket
    const timer = setTimeout(() => {
      if (socket.bytesWritten === bytesWritten) socket.destroy()
    }, HALF_CLOSED_MS)
    socket.once('close', () => clearTimeout(timer))
  }

  /** Ends the connection when the answers on their way have gone out. */
  endWhenIdle(): void {
    // One that has sent nothing has nothing to lose; node:http does not count it as idle.
    if (this.#latest === undefined && this.socket.bytesRead === 0) this.socket.destroy()
    const response = this.#latest?.response
    if (response === undefined || response.closed) return
    response.once('close', () => this.socket.end())
  }

  /** Ends it at once. @returns whether an answer was under way */
  cut(): boolean {
    const response = this.#latest?.response
    this.#isCut = response !== undefined && !response.closed
    this.socket.destroy()
    return this.#isCut
  }

  /** By the edge, in the middle of an answer. */
  get isCut(): boolean {
    return this.#isCut
  }

  #afterLatest(act: () => void): void {
    const response = this.#latest?.response
    if (response === undefined || response.closed) act()
    else response.once('close', act)
  }

  /**
   * What the client still sends is read and dropped for a while: a socket closed with unread bytes
   * is reset, and the reset can overtake the answer (RFC 9112 9.6).
   */
  #end(bytes: Buffer): void {
    const { socket } = this
    if (!socket.writable) {
      socket.destroy()
      return
    }
    socket.on('error', () => socket.destroy())
    socket.end(bytes)
    socket.resume()
    const timer = setTimeout(() => socket.destroy(), this.#lingerMs)
    socket.once('close', () => clearTimeout(timer))
  }
}
