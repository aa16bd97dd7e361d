/** Waits until a condition holds; fails loudly when it never does, with what `tell` knows of it. */
export async function waitFor(
  what: string,
  holds: () => boolean,
  tell: () => string = () => '',
): Promise<void> {
  const deadline = performance.now() + 10_000
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`waited in vain: ${what}\n${tell()}`)
    await new Promise((resolve) => setImmediate(resolve))
  }
}
