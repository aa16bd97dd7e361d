import type { EdgeError } from '../../src/errors.ts'
import { type ByteRange, type Facts, formatRef, type Ref } from '../../src/resolver/resolver.ts'
import type { Opened, OpenedInMemory, OpenOptions, Transfer } from '../../src/transfer/transfer.ts'

export interface MemoryFile {
  readonly bytes: Buffer
  readonly facts: Facts
  /** Had without waiting. */
  readonly isCached: boolean
  /** How an answer that is waited for gives its bytes; one Buffer where absent. */
  readonly stream?: (bytes: Buffer, signal: AbortSignal) => AsyncIterable<Buffer>
}

export interface MemoryFileOptions {
  readonly modified?: number | null
  readonly isPermanent?: boolean
  readonly isCached?: boolean
  readonly stream?: MemoryFile['stream']
}

/** A Transfer of files in memory. Counts what it is asked; `fault` makes every question fail. */
export class MemoryTransfer implements Transfer {
  readonly #files = new Map<string, MemoryFile>()
  readonly questions: string[] = []
  readonly signals: AbortSignal[] = []
  fault: Error | EdgeError | undefined
  /** Questions wait for it. */
  gate: Promise<void> = Promise.resolve()

  /** @param path `/group1/M00/00/00/..` */
  add(path: string, bytes: Buffer, options: MemoryFileOptions = {}): MemoryFile {
    const { modified = 784_111_777, isPermanent = true, isCached = false, stream } = options
    const etag = `"${(modified ?? 0).toString(16)}-${bytes.length.toString(16)}"`
    const isImmutable = isPermanent
    const facts = { size: bytes.length, modified, etag, isImmutable, isPermanent, checksum: null }
    const file = { bytes, facts, isCached, ...(stream && { stream }) }
    this.#files.set(path, file)
    return file
  }

  remove(path: string): void {
    this.#files.delete(path)
  }

  async facts(ref: Ref, signal: AbortSignal): Promise<Facts | null> {
    const file = await this.#ask(`facts ${formatRef(ref)}`, ref, signal)
    return file?.facts ?? null
  }

  async open(ref: Ref, range: ByteRange | null, options: OpenOptions): Promise<Opened | null> {
    const asked = range === null ? 'whole' : `${range.start}..${range.end}`
    const file = await this.#ask(`open ${formatRef(ref)} ${asked}`, ref, options.signal)
    if (file === undefined) return null
    const { start, end } = range ?? { start: 0, end: file.bytes.length }
    const bytes = file.bytes.subarray(start, end)
    const body = file.stream === undefined ? bytes : file.stream(bytes, options.signal)
    return { facts: file.facts, range: { start, end }, body }
  }

  peek(ref: Ref): OpenedInMemory | undefined {
    const file = this.#files.get(formatRef(ref))
    if (file === undefined || !file.isCached || this.fault !== undefined) return undefined
    return { facts: file.facts, range: { start: 0, end: file.bytes.length }, body: file.bytes }
  }

  async #ask(question: string, ref: Ref, signal: AbortSignal): Promise<MemoryFile | undefined> {
    this.questions.push(question)
    this.signals.push(signal)
    await this.gate
    if (this.fault !== undefined) throw this.fault
    return this.#files.get(formatRef(ref))
  }
}
