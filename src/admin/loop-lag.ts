import { monitorEventLoopDelay } from 'node:perf_hooks'

const RESOLUTION_MS = 20

/** How late the event loop comes to what is due: what every request waits, whatever it asks for. */
export class LoopLag {
  readonly #delays: ReturnType<typeof monitorEventLoopDelay>

  constructor() {
    this.#delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
    this.#delays.enable()
  }

  /** The 99th percentile, in milliseconds, since it was taken before. */
  take(): number {
    const delays = this.#delays
    // A delay is the whole time between two looks at the clock.
    const lagMs = delays.count === 0 ? 0 : delays.percentile(99) / 1e6 - RESOLUTION_MS
    delays.reset()
    return Math.max(0, lagMs)
  }

  close(): void {
    this.#delays.disable()
  }
}
