import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder that is gone after the test. */
export async function temporaryFolder(t: { after(fn: () => unknown): void }): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'dfs-edge-'))
  t.after(() => rm(path, { recursive: true, force: true }))
  return path
}
