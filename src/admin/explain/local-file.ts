import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { LocalGroup } from '../../resolver/local-store-path.ts'
import { LocalStorePaths } from '../../resolver/local-store-path.ts'
import type { FileId } from '../../wire/fastdfs/file-id.ts'
import { trunkFilename } from '../../wire/fastdfs/trunk.ts'
import type { LocalFileReport } from './explanation.ts'

/** The file on a store path of this host, and why it is not served from there; null: no such path. */
export async function reportLocalFile(
  id: FileId,
  groups: readonly LocalGroup[],
): Promise<LocalFileReport | null> {
  const group = groups.find(({ groupName }) => groupName === id.groupName)
  if (group === undefined) return null
  const storePath = group.storePaths[id.storePathIndex]
  if (storePath === undefined) {
    const trouble = `there is no store_path${id.storePathIndex} in edge.conf`
    return { path: '', size: null, trouble }
  }
  const path = join(storePath, 'data', id.trunk === null ? id.dataPath : trunkFilename(id))
  const found = await new LocalStorePaths(groups).find(id)
  if (found !== null) return { path, size: found.size, trouble: null }
  return { path, ...(await whyUnused(path, id)) }
}

async function whyUnused(
  path: string,
  id: FileId,
): Promise<Pick<LocalFileReport, 'size' | 'trouble'>> {
  try {
    const file = await open(path, 'r')
    const { size } = await file.stat().finally(() => file.close())
    if (id.kind === 'appender') {
      return { size, trouble: 'an appender is left to the storages, for this copy may lag behind' }
    }
    if (id.trunk !== null) return { size, trouble: 'its slot in the trunk file holds another file' }
    return { size, trouble: `it has ${size} bytes where the id says ${id.size}` }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? `${error.code}` : `${error}`
    return { size: null, trouble: TROUBLES[code] ?? code }
  }
}

const TROUBLES: Readonly<Record<string, string>> = {
  ENOENT: 'it is not there',
  ENOTDIR: 'it is not there',
  EACCES: 'the user of the edge may not read it (EACCES)',
}
