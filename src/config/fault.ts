/** Where in a configuration something stands; no line where a whole file or setting is missing. */
export interface Place {
  readonly file: string
  readonly line?: number
}

/** One thing that is wrong in a configuration. `message` never holds a secret's value. */
export interface Fault extends Place {
  readonly message: string
}

/** A file of noise would otherwise yield a fault for every one of its lines. */
const MAX_FINDINGS = 200

/** Collects what is found wrong on the way, so that an operator sees all of it at once. */
export class Findings {
  readonly #faults: Fault[] = []
  readonly #warnings: Fault[] = []

  /** Something that must be put right before the edge can start. */
  fault(place: Place, message: string): void {
    add(this.#faults, place, message)
  }

  /** Something that has no effect here, or probably another one than was meant. */
  warn(place: Place, message: string): void {
    add(this.#warnings, place, message)
  }

  get faults(): readonly Fault[] {
    return inFileOrder(this.#faults)
  }

  get warnings(): readonly Fault[] {
    return inFileOrder(this.#warnings)
  }

  get isFull(): boolean {
    return this.#faults.length > MAX_FINDINGS
  }
}

function add(list: Fault[], { file, line }: Place, message: string): void {
  if (list.length > MAX_FINDINGS) return
  if (list.length === MAX_FINDINGS) list.push({ file, message: 'and more; the rest is left out' })
  else list.push(line === undefined ? { file, message } : { file, line, message })
}

/** Files in the order of their first fault, what concerns a whole file after its lines. */
function inFileOrder(faults: readonly Fault[]): Fault[] {
  const files = [...new Set(faults.map(({ file }) => file))]
  const lineOf = ({ line = Number.MAX_SAFE_INTEGER }: Fault) => line
  return faults.toSorted(
    (a, b) => files.indexOf(a.file) - files.indexOf(b.file) || lineOf(a) - lineOf(b),
  )
}
