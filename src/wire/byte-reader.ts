import { EdgeError } from '../errors.ts'

/**
 * Collects the chunks of a connection and hands them out in the lengths that the protocol asks for.
 * Surplus bytes stay for the next call: a header and its body often come in one packet.
 * It copies only where what is asked for lies in more than one chunk.
 */
export class ByteReader {
  #chunks: Buffer[] = []
  #length = 0

  /** Bytes that were pushed and not yet taken. */
  get length(): number {
    return this.#length
  }

  /** Pushed chunks that were not taken whole yet. */
  get chunkCount(): number {
    return this.#chunks.length
  }

  push(chunk: Buffer): void {
    if (chunk.length === 0) return
    this.#chunks.push(chunk)
    this.#length += chunk.length
  }

  /** Exactly `size` bytes, or undefined (and nothing taken) while fewer have come. */
  take(size: number): Buffer | undefined {
    requireLength(size)
    if (size > this.#length) return undefined
    const first = this.#chunks[0]
    if (first !== undefined && first.length >= size) return this.#takeFromFirst(first, size)
    const taken = Buffer.concat(this.#chunks, size)
    this.#drop(size)
    return taken
  }

  /** The bytes at hand of the first chunk, at most `limit`; undefined when there are none. */
  takeSome(limit: number): Buffer | undefined {
    requireLength(limit)
    const first = this.#chunks[0]
    if (first === undefined) return undefined
    return this.#takeFromFirst(first, Math.min(limit, first.length))
  }

  #takeFromFirst(first: Buffer, size: number): Buffer {
    this.#length -= size
    if (first.length === size) {
      this.#chunks.shift()
      return first
    }
    this.#chunks[0] = first.subarray(size)
    return first.subarray(0, size)
  }

  #drop(size: number): void {
    this.#length -= size
    let left = size
    while (left > 0) {
      const first = this.#chunks[0]
      if (first === undefined) return
      if (first.length > left) {
        this.#chunks[0] = first.subarray(left)
        return
      }
      left -= first.length
      this.#chunks.shift()
    }
  }
}

/** A length out of a daemon's header that is below zero would give bytes twice. */
function requireLength(size: number): void {
  if (Number.isSafeInteger(size) && size >= 0) return
  throw new EdgeError('protocol_error', `${size} is no length`)
}
