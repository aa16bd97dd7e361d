/** The first SIGTERM or SIGINT; a second one ends the process at once, for an impatient operator. */
export function untilSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let isAsked = false
    const handle = (signal: NodeJS.Signals): void => {
      if (isAsked) process.exit(1)
      isAsked = true
      resolve(signal)
    }
    process.on('SIGTERM', handle)
    process.on('SIGINT', handle)
  })
}

/** How long answers under way may take to end. */
export const DRAIN_MS = 10_000
