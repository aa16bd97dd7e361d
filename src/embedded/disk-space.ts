import { statfs } from 'node:fs/promises'

export interface DiskSpace {
  readonly totalBytes: number
  readonly freeBytes: number
}

/** Of the disk that holds a folder. */
export async function diskSpaceOf(folder: string): Promise<DiskSpace> {
  const { blocks, bavail, bsize } = await statfs(folder)
  return { totalBytes: blocks * bsize, freeBytes: bavail * bsize }
}
