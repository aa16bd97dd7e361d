/** Rounds of the event loop that an answer may take: connected, sent, received. */
const ROUNDS = 3

/**
 * Calls `act` when `ms` have passed, and this process has looked since at what has come in: one that is behind with
 * its own work would else take for silence what it has not read yet. Returns what calls it off.
 */
export function afterSilence(ms: number, act: () => void): () => void {
  let round: NodeJS.Immediate | undefined
  let left = ROUNDS
  const look = (): void => {
    if (left > 0) round = setImmediate(look)
    else act()
    left -= 1
  }
  const timer = setTimeout(look, ms)
  return () => {
    clearTimeout(timer)
    clearImmediate(round)
  }
}
