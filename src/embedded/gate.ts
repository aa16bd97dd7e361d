/** Lets everyone through, or holds all until it is opened again: a daemon that was stopped by SIGSTOP. */
export class Gate {
  #opened: PromiseWithResolvers<void> | undefined

  get isClosed(): boolean {
    return this.#opened !== undefined
  }

  close(): void {
    this.#opened ??= Promise.withResolvers()
  }

  open(): void {
    this.#opened?.resolve()
    this.#opened = undefined
  }

  async passed(): Promise<void> {
    await this.#opened?.promise
  }
}
