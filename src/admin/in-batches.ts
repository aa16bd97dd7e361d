/** Runs `act` for each item, so many at a time, and returns what it returned. */
export async function inBatches<T, R>(
  items: Iterable<T>,
  size: number,
  act: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = []
  let batch: T[] = []
  const run = async (): Promise<void> => {
    results.push(...(await Promise.all(batch.map(act))))
    batch = []
  }
  for (const item of items) {
    batch.push(item)
    if (batch.length === size) await run()
  }
  await run()
  return results
}
