import { EdgeError } from '../errors.ts'

const LF = 0x0a
const CR = 0x0d

/**
 * Collects the chunks of a connection and hands them out in the lengths that the protocol asks for.
 * Surplus bytes stay for the next call: a header and its body often come in one packet.
 * It copies only where what is asked for lies in more than one chunk.
 */
export class ByteReader {
  #chunks: Buffer[] = []
  /** The first chunk that is left: to shift each out of a long array would move all the others. */
  #head = 0
  #length = 0
  /** So many chunks, and bytes in them, hold no LF: a line that comes in pieces is searched once. */
  #searched = { chunks: 0, bytes: 0 }

  /** Bytes that were pushed and not yet taken. */
  get length(): number {
    return this.#length
  }

  /** Pushed chunks that were not taken whole yet. */
  get chunkCount(): number {
    return this.#chunks.length - this.#head
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
    const first = this.#chunks[this.#head]
    if (first !== undefined && first.length >= size) return this.#takeFromFirst(first, size)
    return this.#takeFromSeveral(size)
  }

  /** The bytes at hand of the first chunk, at most `limit`; undefined when there are none. */
  takeSome(limit: number): Buffer | undefined {
    requireLength(limit)
    const first = this.#chunks[this.#head]
    if (first === undefined) return undefined
    return this.#takeFromFirst(first, Math.min(limit, first.length))
  }

  /** Whether `takeLine` has something to say: a line has come, or more than a line may hold. */
  hasLine(limit: number): boolean {
    return this.#lineLength() !== undefined || this.#length > limit
  }

  /**
   * The bytes before the next LF, without it and without a CR before it; undefined, and nothing
   * taken, while none has come. @throws EdgeError protocol_error for a line of more than `limit`
   */
  takeLine(limit: number): Buffer | undefined {
    const length = this.#lineLength()
    if ((length ?? this.#length) > limit) {
      throw new EdgeError('protocol_error', `a line of more than ${limit} bytes`)
    }
    if (length === undefined) return undefined
    const line = this.take(length + 1)?.subarray(0, length)
    return line?.at(-1) === CR ? line.subarray(0, -1) : line
  }

  #lineLength(): number | undefined {
    const searched = this.#searched
    for (; searched.chunks < this.#chunks.length; searched.chunks += 1) {
      const chunk = this.#chunks[searched.chunks]
      const index = chunk?.indexOf(LF) ?? -1
      if (index >= 0) return searched.bytes + index
      searched.bytes += chunk?.length ?? 0
    }
    return undefined
  }

  #takeFromFirst(first: Buffer, size: number): Buffer {
    this.#length -= size
    if (first.length === size) this.#dropChunks(1)
    else this.#cutFirst(size)
    return first.length === size ? first : first.subarray(0, size)
  }

  #takeFromSeveral(size: number): Buffer {
    let [end, left] = [this.#head, size]
    for (
      let chunk = this.#chunks[end];
      left > 0 && chunk !== undefined;
      chunk = this.#chunks[end]
    ) {
      if (chunk.length > left) break
      left -= chunk.length
      end += 1
    }
    const taken = Buffer.concat(this.#chunks.slice(this.#head, end + 1), size)
    this.#length -= size
    this.#dropChunks(end - this.#head)
    if (left > 0) this.#cutFirst(left)
    return taken
  }

  #dropChunks(count: number): void {
    this.#head += count
    if (this.#head * 2 >= this.#chunks.length) {
      this.#chunks = this.#chunks.slice(this.#head)
      this.#head = 0
    }
    this.#searched = { chunks: this.#head, bytes: 0 }
  }

  #cutFirst(size: number): void {
    const first = this.#chunks[this.#head]
    if (first !== undefined) this.#chunks[this.#head] = first.subarray(size)
    this.#searched = { chunks: this.#head, bytes: 0 }
  }
}

/** A length out of a daemon's header that is below zero would give bytes twice. */
function requireLength(size: number): void {
  if (Number.isSafeInteger(size) && size >= 0) return
  throw new EdgeError('protocol_error', `${size} is no length`)
}
