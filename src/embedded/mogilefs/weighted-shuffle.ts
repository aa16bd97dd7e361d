/** What weighs twice as much comes first twice as often. Weight 0 counts as 100, as upstream has it. */
export function weightedShuffle<T>(items: readonly T[], weightOf: (item: T) => number): T[] {
  const left = [...items]
  const shuffled: T[] = []
  while (left.length > 0) {
    const weights = left.map((item) => weightOf(item) || 100)
    shuffled.push(...left.splice(pick(weights), 1))
  }
  return shuffled
}

function pick(weights: readonly number[]): number {
  let rest = Math.random() * weights.reduce((sum, weight) => sum + weight, 0)
  const index = weights.findIndex((weight) => {
    rest -= weight
    return rest < 0
  })
  return Math.max(0, index)
}
