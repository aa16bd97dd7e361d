/** Bytes of one read for a reader that is in no hurry, and for one that keeps up. */
const SLOT_BYTES = { small: 64 * 1024, large: 1024 * 1024 } as const
/**
 * How fast a body must be taken for large slots, in bytes per millisecond: 24 MB a second. Few
 * clients are that fast at a time, or the network would be full.
 */
const FAST = 24 * 1024
/** So many bytes vanish in the buffers of the system at any speed, however slow the client. */
const BUFFERED_BYTES = 12 * 1024 * 1024
/** The speed is looked at each time when so many bytes were read. */
const MEASURED_BYTES = 1024 * 1024
/** Chunks that wait to be taken. */
const WAITING_MAX = 1
/** Chunks that whoever reads may still hold: the one it is busy with and one held back. */
const HELD_MAX = 2

/**
 * The memory that a long body is read into, over and over: fresh memory for each chunk costs more
 * in garbage collection than the reading itself. A chunk is valid until the second one after it is
 * asked for. Large slots halve the system's work for a fast client; small ones bound the memory
 * that many slow clients take.
 */
export class ReadRing {
  readonly #slots: Buffer[] = []
  #slotBytes: number = SLOT_BYTES.small
  #reads = 0
  #measuredBytes = -BUFFERED_BYTES
  #measuredSince = performance.now()

  /** Where the next read goes. It may begin once `isFull` is false. */
  get slot(): Buffer {
    const index = this.#reads % (WAITING_MAX + HELD_MAX)
    const known = this.#slots[index]
    if (known?.length === this.#slotBytes) return known
    const slot = memory(this.#slotBytes)
    this.#slots[index] = slot
    return slot
  }

  /** So many bytes were read into the slot. */
  advance(bytes: number): void {
    this.#reads += 1
    this.#measuredBytes += bytes
    if (this.#measuredBytes >= 0) this.#measure()
  }

  #measure(): void {
    if (this.#measuredBytes < MEASURED_BYTES) return
    const now = performance.now()
    const isFast = this.#measuredBytes > FAST * (now - this.#measuredSince)
    this.#slotBytes = isFast ? SLOT_BYTES.large : SLOT_BYTES.small
    this.#measuredBytes = 0
    this.#measuredSince = now
  }

  /** Whether the next slot may still be in somebody's hands while so many chunks wait. */
  isFull(waitingChunks: number): boolean {
    return waitingChunks >= WAITING_MAX
  }
}

/**
 * Pages of its own, which the system gets back: what malloc hands out in such sizes lies between small
 * things that live on, and a process would for ever be as large as when it had most slow clients.
 */
function memory(bytes: number): Buffer {
  return Buffer.from(new ArrayBuffer(bytes, { maxByteLength: bytes }), 0, bytes)
}
