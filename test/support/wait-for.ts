/** Long, for a machine that has much else to do. */
const DEADLINE_MS = 30_000

/** Waits until a condition holds; fails loudly when it never does, with what `tell` knows of it. */
export async function waitFor(
  what: string,
  holds: () => boolean,
  tell: () => string = () => '',
): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`waited in vain: ${what}\n${tell()}`)
    // Not at once: what is waited for may need this core.
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}
