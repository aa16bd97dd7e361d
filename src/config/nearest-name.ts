/** The name that was probably meant by a misspelt one, if any comes near. */
export function nearestName(misspelt: string, names: readonly string[]): string | undefined {
  const word = misspelt.toLowerCase()
  const most = Math.min(4, Math.max(1, Math.floor(word.length / 3)))
  let best: { name: string; distance: number } | undefined
  for (const name of names) {
    if (Math.abs(name.length - word.length) > most) continue
    const distance = editDistance(word, name)
    if (distance <= most && distance < (best?.distance ?? Infinity)) best = { name, distance }
  }
  return best?.name
}

/** Levenshtein's: how many letters to put in, take out or change. */
function editDistance(left: string, right: string): number {
  let previous = Array.from({ length: right.length + 1 }, (_, column) => column)
  for (let row = 1; row <= left.length; row++) {
    const current = [row]
    for (let column = 1; column <= right.length; column++) {
      const change = left[row - 1] === right[column - 1] ? 0 : 1
      current.push(
        Math.min(
          (previous[column] ?? 0) + 1,
          (current[column - 1] ?? 0) + 1,
          (previous[column - 1] ?? 0) + change,
        ),
      )
    }
    previous = current
  }
  return previous[right.length] ?? 0
}
