/**
 * What all who are asked answer, but for those that fail, or are still silent so long after the first
 * answer. @throws what the first one threw, where all throw
 */
export async function everyAnswer<T>(
  asked: readonly Promise<T>[],
  graceMs: number,
): Promise<readonly T[]> {
  const answers: T[] = []
  const noted = asked.map(async (one) => answers.push(await one))
  const settled = Promise.allSettled(noted)
  await Promise.any(noted).catch(() => undefined)
  if (answers.length === 0) await Promise.all(noted)
  let timer: NodeJS.Timeout | undefined
  const patience = new Promise((resolve) => {
    timer = setTimeout(resolve, graceMs)
  })
  await Promise.race([settled, patience])
  clearTimeout(timer)
  return [...answers]
}
