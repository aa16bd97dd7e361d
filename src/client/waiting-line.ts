import { EdgeError } from '../errors.ts'
import { abortedError } from './connection.ts'

export interface WaitingLineOptions {
  /** Requests that may wait for one of a host's connections. */
  readonly maxWaiting: number
  /** How long a request may wait for a connection that others use. */
  readonly waitTimeoutMs: number
}

/** Who had to wait for a host's connections, since the start. */
export interface WaitCounts {
  waits: number
  waitedMs: number
  /** Those who were sent away, because too many waited or for too long. */
  refusals: number
}

export function noWaits(): WaitCounts {
  return { waits: 0, waitedMs: 0, refusals: 0 }
}

type Give<T> = (given: T) => void

/** Those who wait until a host has a connection for them, first come, first served. */
export class WaitingLine<T> {
  readonly #host: string
  readonly #options: WaitingLineOptions
  readonly #counts: WaitCounts
  readonly #waiting = new Set<Give<T>>()

  constructor(host: string, options: WaitingLineOptions, counts: WaitCounts = noWaits()) {
    this.#host = host
    this.#options = options
    this.#counts = counts
  }

  get length(): number {
    return this.#waiting.size
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
    const counts = this.#counts
    if (this.#waiting.size >= this.#options.maxWaiting) {
      counts.refusals += 1
      throw new EdgeError('pool_exhausted', `too many requests wait for ${host}`, { host })
    }
    counts.waits += 1
    const since = performance.now()
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        counts.waitedMs += performance.now() - since
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
        counts.refusals += 1
        const message = `no connection to ${host} became free`
        reject(new EdgeError('pool_exhausted', message, { host }))
      }, this.#options.waitTimeoutMs)
      signal.addEventListener('abort', abort)
      this.#waiting.add(give)
    })
  }
}
