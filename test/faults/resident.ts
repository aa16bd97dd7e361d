import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { ServeProcess } from '../support/serve-process.ts'

/** What an edge process held before and after. */
export interface MemoryChange {
  readonly beforeBytes: number
  readonly afterBytes: number
}

/** How much more there may be afterwards. */
export const GROWTH_MAX = 1.2
const SETTLE_MS = 60_000

/** Of all edge processes together. */
export function residentBytes({ workers }: ServeProcess): number {
  return workers.reduce((sum, pid) => sum + residentBytesOf(pid), 0)
}

/** What is still held when it is within bounds, or does not get there. */
export function settledBytes(serve: ServeProcess, beforeBytes: number): Promise<number> {
  return bytesOnceBelow(serve, beforeBytes * GROWTH_MAX)
}

/** What is held when it is no more than so much, or does not get there: what nobody uses is not given back at once. */
export async function bytesOnceBelow(serve: ServeProcess, mostBytes: number): Promise<number> {
  const deadline = performance.now() + SETTLE_MS
  for (;;) {
    const bytes = residentBytes(serve)
    if (bytes <= mostBytes || performance.now() > deadline) return bytes
    await delay(200)
  }
}

export function isWithinBounds({ beforeBytes, afterBytes }: MemoryChange): boolean {
  return afterBytes <= beforeBytes * GROWTH_MAX
}

function residentBytesOf(pid: number): number {
  const [, kilobytes] =
    /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) * 1024
}
