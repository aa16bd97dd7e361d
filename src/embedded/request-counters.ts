/** FastDFS numbers its commands, MogileFS names them, HTTP has methods. */
export type CountedCommand = number | string

/** What a daemon has been asked since it was made. */
export class RequestCounters {
  connectionsAccepted = 0
  /** Connections that are open now, and the most that ever were. */
  connectionsOpen = 0
  connectionsMax = 0
  readonly #requests = new Map<CountedCommand, number>()

  /** Requests with this command. */
  requests(command: CountedCommand): number {
    return this.#requests.get(command) ?? 0
  }

  get allRequests(): number {
    return [...this.#requests.values()].reduce((sum, count) => sum + count, 0)
  }

  /** Keeps `connectionsOpen`, which is a state and no count. */
  reset(): void {
    this.connectionsAccepted = 0
    this.connectionsMax = this.connectionsOpen
    this.#requests.clear()
  }

  countRequest(command: CountedCommand): void {
    this.#requests.set(command, this.requests(command) + 1)
  }

  setOpen(count: number): void {
    this.connectionsOpen = count
    this.connectionsMax = Math.max(this.connectionsMax, count)
  }
}
