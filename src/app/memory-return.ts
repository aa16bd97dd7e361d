import { type EventLoopUtilization, performance } from 'node:perf_hooks'

export interface MemoryReturnParts {
  /** Gives back all that it can, which takes some tens of milliseconds. */
  collect(): void
  residentBytes(): number
  /** Part of the time since it was last asked in which the process had something to do. */
  busyShare(): number
}

const EVERY_MS = 5000
/** One who comes in just then waits for it: so it is done where hardly anybody comes. */
const QUIET_SHARE = 0.1
const GROWN = 1.15

/**
 * After many clients at once a process holds memory that nobody uses: garbage is looked for as new things
 * are made, and with nobody there nothing is made. So it is collected in a quiet moment, once each time
 * that memory has grown; what is in use by right stays, and counts as the measure from then on.
 */
export class MemoryReturn {
  readonly #parts: MemoryReturnParts
  #settledBytes = 0

  constructor(parts: MemoryReturnParts) {
    this.#parts = parts
  }

  look(): void {
    const { collect, residentBytes, busyShare } = this.#parts
    const isQuiet = busyShare() < QUIET_SHARE
    if (!isQuiet || residentBytes() < GROWN * this.#settledBytes) return
    collect()
    this.#settledBytes = residentBytes()
  }
}

/** In this process, for as long as it lives. It was started with `--expose-gc`, or nothing is done. */
export function returnMemory(): void {
  const { gc } = globalThis
  if (gc === undefined) return
  const memory = new MemoryReturn({
    collect: () => gc({ type: 'major', flavor: 'last-resort', execution: 'sync' }),
    residentBytes: () => process.memoryUsage.rss(),
    busyShare: busyShareOfLoop(),
  })
  setInterval(() => memory.look(), EVERY_MS).unref()
}

function busyShareOfLoop(): () => number {
  let last: EventLoopUtilization = performance.eventLoopUtilization()
  return () => {
    const now = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(now, last)
    last = now
    return utilization
  }
}
