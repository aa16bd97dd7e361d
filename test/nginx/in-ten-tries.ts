/** For what a machine with much else to do may keep from holding now and then. */
export async function inTenTries(attempt: () => Promise<void>): Promise<void> {
  for (let left = 9; left > 0; left -= 1) {
    try {
      return await attempt()
    } catch {}
  }
  await attempt()
}
