interface Flight<T> {
  readonly answer: Promise<T>
  readonly isThorough: boolean
}

export interface FlightOptions<T> {
  load(): Promise<T>
  /** Whoever asks past what is remembered must not get the answer of one who did not. */
  readonly isThorough: boolean
  /** Called with the answer unless the question was forgotten, or put again, in the meantime. */
  remember(answer: T): void
}

/** Questions under way: all who ask the same at the same time share one. */
export class Flights<T> {
  readonly #flights = new Map<string, Flight<T>>()

  /** @throws what `load` throws */
  join(key: string, { load, isThorough, remember }: FlightOptions<T>): Promise<T> {
    const underWay = this.#flights.get(key)
    if (underWay !== undefined && (underWay.isThorough || !isThorough)) return underWay.answer
    const isCurrent = (): boolean => this.#flights.get(key) === flight
    const answer = load()
      .then((value) => {
        if (isCurrent()) remember(value)
        return value
      })
      .finally(() => isCurrent() && this.#flights.delete(key))
    const flight = { answer, isThorough }
    this.#flights.set(key, flight)
    return answer
  }

  keys(): IterableIterator<string> {
    return this.#flights.keys()
  }

  /** It still answers those who asked, and is not remembered. */
  forget(key: string): void {
    this.#flights.delete(key)
  }
}
