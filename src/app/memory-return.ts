import { type EventLoopUtilization, performance } from 'node:perf_hooks'

export interface MemoryReturnParts {
  /** Gives back all that it can, which takes some tens of milliseconds. */
  collect(): void
  residentBytes(): number
  /** Sockets and the like: each holds memory. */
  openResources(): number
  /** Part of the time since it was last asked in which the process had something to do. */
  busyShare(): number
}

const EVERY_MS = 5000
/** One who comes in just then waits for it: so it is done where hardly anybody comes. */
const QUIET_SHARE = 0.1
const GROWN = 1.15
/** With half of them gone, what they held is garbage, though nothing has grown. */
const GONE = 0.5

/**
 * After many clients at once a process holds memory that nobody uses: garbage is looked for as new things
 * are made, and with nobody there nothing is made. So it is collected in a quiet moment, once each time
 * that memory has grown or clients have gone; what is in use by right stays, and is the measure from then on.
 */
export class MemoryReturn {
  readonly #parts: MemoryReturnParts
  #settledBytes = 0
  #settledResources = 0

  constructor(parts: MemoryReturnParts) {
    this.#parts = parts
  }

  look(): void {
    const { collect, residentBytes, openResources, busyShare } = this.#parts
    const isQuiet = busyShare() < QUIET_SHARE
    const hasGrown = residentBytes() >= GROWN * this.#settledBytes
    const haveGone = openResources() <= GONE * this.#settledResources
    if (!isQuiet || !(hasGrown || haveGone)) return
    collect()
    this.#settledBytes = residentBytes()
    this.#settledResources = openResources()
  }
}

/** In this process, for as long as it lives. It was started with `--expose-gc`, or nothing is done. */
export function returnMemory(): void {
  const { gc } = globalThis
  if (gc === undefined) return
  const memory = new MemoryReturn({
    collect: () => gc({ type: 'major', flavor: 'last-resort', execution: 'sync' }),
    residentBytes: () => process.memoryUsage.rss(),
    openResources: () => process.getActiveResourcesInfo().length,
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
