import { abortedError } from '../client/connection.ts'
import type { ByteBudget } from './byte-budget.ts'
import { LentBuffer } from './lent-buffer.ts'
import type { Loaded } from './open-replica.ts'
import type { Opening } from './opening.ts'
import type { Opened } from './transfer.ts'

/** A client that takes its time may hold on to a buffer of this size without a reservation. */
export const UNRESERVED_BYTES = 128 * 1024

type Read = (signal: AbortSignal) => Promise<Loaded | null>

/** One flight per content: all who ask for the same at the same time share one buffer. */
export class SharedLoads {
  readonly #budget: ByteBudget
  readonly #loads = new Map<string, Load>()

  constructor(budget: ByteBudget) {
    this.#budget = budget
  }

  /** Whether a load of this name is under way or still in use. */
  has(name: string): boolean {
    return this.#loads.has(name)
  }

  /** That load, or a new one of so many bytes; undefined when memory is used up. */
  share(name: string, bytes: number, read: Read): Load | undefined {
    const underWay = this.#loads.get(name)
    if (underWay !== undefined) return underWay
    if (!this.#budget.reserve(bytes)) return undefined
    const end = (): void => {
      if (this.#loads.get(name) === started) this.#loads.delete(name)
      this.#budget.release(bytes)
    }
    const started = new Load(read, end)
    this.#loads.set(name, started)
    return started
  }

  /** Nobody joins what is under way any more; those who have get it. */
  clear(): void {
    this.#loads.clear()
  }
}

/** Content that is being loaded, or is loaded and in use. The last one to leave ends it. */
export class Load {
  readonly #controller = new AbortController()
  readonly #content: Promise<Loaded | null>
  readonly #onEnd: () => void
  #isLoading = true
  #users = 0

  /** @param onEnd called once, when nobody uses the content any more */
  constructor(read: Read, onEnd: () => void) {
    this.#content = read(this.#controller.signal).finally(() => {
      this.#isLoading = false
    })
    // Whoever joins gets the failure; when all have left, nobody is there to get it.
    this.#content.catch(() => undefined)
    this.#onEnd = onEnd
  }

  /** The content, for as long as it is used: call `leave` once it was returned. */
  async join(signal: AbortSignal): Promise<Loaded | null> {
    this.#users += 1
    let abort: (() => void) | undefined
    const aborted = new Promise<never>((_, reject) => {
      abort = () => reject(abortedError())
      signal.addEventListener('abort', abort)
    })
    try {
      return await Promise.race([this.#content, aborted])
    } catch (error) {
      this.leave()
      throw error
    } finally {
      if (abort !== undefined) signal.removeEventListener('abort', abort)
    }
  }

  leave(): void {
    this.#users -= 1
    if (this.#users > 0) return
    if (this.#isLoading) this.#controller.abort()
    this.#onEnd()
  }
}

export interface OpenedPart extends Pick<Opened, 'facts' | 'range'> {
  /** Where in the file the loaded content begins. */
  readonly from: number
}

/** One client's part of what is loaded, which it lets go of when it has taken it or has gone away. */
export async function openLoaded(
  load: Load,
  { options: { signal, trace } }: Opening,
  { facts, range, from }: OpenedPart,
): Promise<Opened | null> {
  const loaded = await load.join(signal)
  if (loaded === null) {
    load.leave()
    return null
  }
  trace?.cameFrom(loaded.host)
  const bytes = loaded.content.subarray(range.start - from, range.end - from)
  if (bytes.length > UNRESERVED_BYTES) {
    return { facts, range, body: new LentBuffer(bytes, () => load.leave(), signal) }
  }
  load.leave()
  return { facts, range, body: bytes }
}
