import { connect, type Socket } from 'node:net'

const DEADLINE_MS = 10_000

/** One connection to a daemon: it collects bytes, and shares no code with src/client. */
export class BytePeer {
  readonly socket: Socket
  #received = Buffer.alloc(0)
  #hasEnded = false
  #wake: () => void = () => undefined

  constructor({ host, port }: { readonly host: string; readonly port: number }) {
    this.socket = connect({ host, port, noDelay: true })
    this.socket.on('error', () => undefined)
    this.socket.on('data', (chunk) => {
      this.#received = Buffer.concat([this.#received, chunk])
      this.#wake()
    })
    for (const event of ['end', 'close']) {
      this.socket.on(event, () => {
        this.#hasEnded = true
        this.#wake()
      })
    }
  }

  /** Everything that has arrived and was not taken by an answer. */
  get received(): Buffer {
    return this.#received
  }

  send(bytes: Buffer | string): void {
    this.socket.write(bytes)
  }

  /** Waits for the end of the connection. */
  async ended(): Promise<void> {
    await this.#wait(() => this.#hasEnded)
  }

  /** Waits until so many bytes are there that no answer has taken. */
  async has(size: number): Promise<void> {
    await this.until(() => this.#received.length >= size)
  }

  close(): void {
    this.socket.destroy()
  }

  /** @throws when the connection ends before it holds */
  async until(holds: () => boolean): Promise<void> {
    await this.#wait(() => holds() || this.#hasEnded)
    if (!holds()) throw new Error(`the daemon ended after ${this.#received.length} bytes`)
  }

  take(size: number): Buffer {
    const taken = this.#received.subarray(0, size)
    this.#received = this.#received.subarray(size)
    return taken
  }

  async #wait(holds: () => boolean): Promise<void> {
    let isLate = false
    const deadline = setTimeout(() => {
      isLate = true
      this.#wake()
    }, DEADLINE_MS)
    while (!holds() && !isLate) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    clearTimeout(deadline)
    if (!holds()) throw new Error(`waited in vain, with ${this.#received.length} bytes at hand`)
  }
}
