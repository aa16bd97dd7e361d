import { statfs } from 'node:fs/promises'

/** What is neither used nor free is kept for root by the file system. */
export interface DiskSpace {
  readonly totalBytes: number
  readonly usedBytes: number
  readonly freeBytes: number
}

/** Of the disk that holds a folder. */
export async function diskSpaceOf(folder: string): Promise<DiskSpace> {
  const { blocks, bfree, bavail, bsize } = await statfs(folder)
  return {
    totalBytes: blocks * bsize,
    usedBytes: (blocks - bfree) * bsize,
    freeBytes: bavail * bsize,
  }
}
