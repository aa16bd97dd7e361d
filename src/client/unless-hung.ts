import { EdgeError } from '../errors.ts'
import { afterSilence } from './silence.ts'

export interface UnlessHungOptions {
  readonly host: string
  readonly signal: AbortSignal
  /** Half of it for an answer, half for the ping. */
  readonly patienceMs: number
}

/**
 * What `ask` answers, for a question that nobody else can answer as well: where the host is silent it is pinged, and
 * given up where that has no answer either. One that has much to do is so told from one that hangs.
 * @throws EdgeError timeout (it hangs), and what `ask` throws
 */
export async function unlessHung<T>(
  ask: (signal: AbortSignal) => Promise<T>,
  ping: (signal: AbortSignal) => Promise<void>,
  { host, signal, patienceMs }: UnlessHungOptions,
): Promise<T> {
  const given = new AbortController()
  const both = AbortSignal.any([signal, given.signal])
  const { promise: hung, reject } = Promise.withResolvers<never>()
  const giveUp = (): void => {
    reject(new EdgeError('timeout', `${host} hangs: it answers no ping`, { host }))
    given.abort()
  }
  let callOff = afterSilence(patienceMs / 2, () => {
    callOff = afterSilence(patienceMs / 2, giveUp)
    ping(both).then(callOff, () => undefined)
  })
  try {
    return await Promise.race([ask(both), hung])
  } finally {
    callOff()
  }
}
