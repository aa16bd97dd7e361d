import { EdgeError } from '../errors.ts'

/** Puts a question, in its own way: with a deadline, or without. */
export type Ask = <T>(question: (signal: AbortSignal) => Promise<T>) => Promise<T>

/** Waits for each answer as long as it takes. */
export function askPatiently(): Ask {
  return (question) => question(new AbortController().signal)
}

/** Each answer has so long, whether or not the one who is asked heeds its signal: EdgeError timeout. */
export function askWithin(deadlineMs: number): Ask {
  return async (question) => {
    const controller = new AbortController()
    const late = Promise.withResolvers<never>()
    const timer = setTimeout(() => {
      late.reject(new EdgeError('timeout', `no answer in ${deadlineMs} ms`))
      controller.abort()
    }, deadlineMs)
    try {
      return await Promise.race([question(controller.signal), late.promise])
    } finally {
      clearTimeout(timer)
    }
  }
}
