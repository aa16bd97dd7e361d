import { type ByteRange, type Facts, formatRef, type Ref } from '../../src/resolver/resolver.ts'
import type {
  FactsOptions,
  Opened,
  OpenedInMemory,
  OpenOptions,
  Transfer,
} from '../../src/transfer/transfer.ts'

/** Notes what a transfer is asked for: `facts /img/a`, `open /img/a 0..10`, `peek /img/a`. */
export class RecordingTransfer implements Transfer {
  readonly questions: string[] = []
  readonly #inner: () => Transfer
  /** Questions wait for them. */
  readonly gates = { facts: Promise.resolve(), content: Promise.resolve() }

  constructor(inner: () => Transfer) {
    this.#inner = inner
  }

  async facts(ref: Ref, signal: AbortSignal, options?: FactsOptions): Promise<Facts | null> {
    this.questions.push(`facts ${formatRef(ref)}`)
    await this.gates.facts
    return this.#inner().facts(ref, signal, options)
  }

  async open(ref: Ref, range: ByteRange | null, options: OpenOptions): Promise<Opened | null> {
    const asked = range === null ? 'whole' : `${range.start}..${range.end}`
    this.questions.push(`open ${formatRef(ref)} ${asked}`)
    await this.gates.content
    return this.#inner().open(ref, range, options)
  }

  peek(ref: Ref): OpenedInMemory | undefined {
    const opened = this.#inner().peek(ref)
    if (opened !== undefined) this.questions.push(`peek ${formatRef(ref)}`)
    return opened
  }
}
