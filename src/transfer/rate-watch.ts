import { EdgeError } from '../errors.ts'
import type { Source } from './open-replica.ts'

export interface RateOptions {
  /** Bytes per second. */
  readonly minRate: number
  /** How long it is waited for before it is judged; a second where not said. */
  readonly windowMs?: number
  /** Asked whenever it is too slow; absent: it is not worth waiting for. */
  mayGiveUp?(): boolean
}

interface RateWatchOptions extends Omit<RateOptions, 'mayGiveUp'> {
  onSlow(): void
}

const WINDOW_MS = 1000
const CHECKS_PER_WINDOW = 2

/**
 * The chunks of a source, which is given up where it sends too slowly.
 * @throws EdgeError too_slow, and what the body throws
 */
export async function* atRate(
  { host, body }: Pick<Source, 'host' | 'body'>,
  options: RateOptions,
): AsyncGenerator<Buffer, void, undefined> {
  let isSlow = false
  const onSlow = (): void => {
    if (options.mayGiveUp?.() === false) return
    isSlow = true
    body.cancel()
  }
  const watch = new RateWatch({ ...options, onSlow })
  try {
    watch.wait()
    for await (const chunk of body.chunks) {
      watch.received(chunk.length)
      yield chunk
      watch.wait()
    }
  } catch (error) {
    if (!isSlow) throw error
    throw new EdgeError('too_slow', `${host} sends too slowly`, { host })
  } finally {
    watch.stop()
  }
}

/**
 * Watches how fast a replica sends while it is being waited for; the time that the client takes
 * does not count.
 */
class RateWatch {
  readonly #options: RateWatchOptions
  readonly #windowMs: number
  readonly #timer: NodeJS.Timeout
  #bytes = 0
  #waitedMs = 0
  #waitingSince: number | undefined

  constructor(options: RateWatchOptions) {
    this.#options = options
    this.#windowMs = options.windowMs ?? WINDOW_MS
    this.#timer = setInterval(() => this.#check(), this.#windowMs / CHECKS_PER_WINDOW)
  }

  wait(): void {
    this.#waitingSince = performance.now()
  }

  received(bytes: number): void {
    this.#addWait()
    this.#waitingSince = undefined
    this.#bytes += bytes
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #addWait(): void {
    if (this.#waitingSince === undefined) return
    const now = performance.now()
    this.#waitedMs += now - this.#waitingSince
    this.#waitingSince = now
  }

  #check(): void {
    this.#addWait()
    if (this.#waitedMs < this.#windowMs) return
    const isSlow = this.#bytes < (this.#options.minRate * this.#waitedMs) / 1000
    this.#bytes = 0
    this.#waitedMs = 0
    if (isSlow) this.#options.onSlow()
  }
}
