/** A case that fails by silence takes long each time. */
const MAX_MS = 10_000

/** The smallest text that still fails, found by leaving ever shorter spans out. */
export async function minimize(
  text: string,
  fails: (text: string) => Promise<boolean>,
): Promise<string> {
  let smallest = text
  const deadline = performance.now() + MAX_MS
  for (let size = Math.ceil(text.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let start = 0; start < smallest.length && performance.now() < deadline; ) {
      const candidate = smallest.slice(0, start) + smallest.slice(start + size)
      if (await fails(candidate)) smallest = candidate
      else start += size
    }
  }
  return smallest
}
