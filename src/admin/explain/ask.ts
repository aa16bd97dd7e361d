import { asEdgeError } from '../../errors.ts'
import { type Fault, faultOf } from './fault.ts'

/** What one daemon said, or how it failed, and how long that took. */
export type Asked<T> =
  | { readonly value: T; readonly fault: null; readonly ms: number }
  | { readonly value: null; readonly fault: Fault; readonly ms: number }

/** Beside the deadlines of the clients: a body may go on trickling. */
const DEADLINE_MS = 4000

/** Never throws what a daemon did. */
export async function ask<T>(question: (signal: AbortSignal) => Promise<T>): Promise<Asked<T>> {
  const start = performance.now()
  const elapsed = (): number => Math.round(performance.now() - start)
  try {
    const value = await question(AbortSignal.timeout(DEADLINE_MS))
    return { value, fault: null, ms: elapsed() }
  } catch (error) {
    return { value: null, fault: faultOf(asEdgeError(error)), ms: elapsed() }
  }
}
