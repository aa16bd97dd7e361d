import { EdgeError } from '../errors.ts'
import { abortedError } from './connection.ts'

export interface WaitingLineOptions {
  /** Requests that may wait for one of a host's connections. */
  readonly maxWaiting: number
  /** How long a request may wait for a connection that others use. */
  readonly waitTimeoutMs: number
}

type Give<T> = (given: T) => void

/** Those who wait until a host has a connection for them, first come, first served. */
export class WaitingLine<T> {
  readonly #host: string
  readonly #options: WaitingLineOptions
  readonly #waiting = new Set<Give<T>>()

  constructor(host: string, options: WaitingLineOptions) {
    this.#host = host
    this.#options = options
  }

  /** The first in line leaves it and is to be given something at once; undefined if there is none. */
  next(): Give<T> | undefined {
    const [first] = this.#waiting
    if (first !== undefined) this.#waiting.delete(first)
    return first
  }

  /**
   * Waits until it is given something; `take` runs in that moment.
   * @throws EdgeError pool_exhausted, aborted
   */
  wait<R>(signal: AbortSignal, take: (given: T) => R | Promise<R>): Promise<R> {
    const host = this.#host
    if (this.#waiting.size >= this.#options.maxWaiting) {
      throw new EdgeError('pool_exhausted', `too many requests wait for ${host}`, { host })
    }
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', abort)
        this.#waiting.delete(give)
      }
      const give = (given: T): void => {
        leave()
        resolve(take(given))
      }
      const abort = (): void => {
        leave()
        reject(abortedError())
      }
      const timer = setTimeout(() => {
        leave()
        const message = `no connection to ${host} became free`
        reject(new EdgeError('pool_exhausted', message, { host }))
      }, this.#options.waitTimeoutMs)
      signal.addEventListener('abort', abort)
      this.#waiting.add(give)
    })
  }
}
