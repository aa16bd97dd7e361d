/** One event, or undefined to end the stream. */
export type NextEvent = () => Promise<string | undefined>

const HEADERS = { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' } as const

/** Server-sent events to a bounded number of clients; each has its next when it has read the last. */
export class EventStreams {
  readonly #max: number
  readonly #open = new Set<AbortController>()

  constructor(max: number) {
    this.#max = max
  }

  get count(): number {
    return this.#open.size
  }

  /** Undefined: there are too many. @param start makes what tells the events of this client */
  open(start: (signal: AbortSignal) => NextEvent): Response | undefined {
    if (this.#open.size >= this.#max) return undefined
    const client = new AbortController()
    this.#open.add(client)
    client.signal.addEventListener('abort', () => this.#open.delete(client))
    const next = start(client.signal)
    const body = new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          const event = client.signal.aborted ? undefined : await next()
          if (event !== undefined && !client.signal.aborted) {
            controller.enqueue(Buffer.from(`data: ${event}\n\n`))
            return
          }
          client.abort()
          controller.close()
        },
        cancel: () => client.abort(),
      },
      // Nothing is made before it is asked for.
      { highWaterMark: 0 },
    )
    return new Response(body, { headers: HEADERS })
  }

  /** Ends all: clients come back by themselves, to whoever answers then. */
  close(): void {
    for (const client of this.#open) client.abort()
  }
}
