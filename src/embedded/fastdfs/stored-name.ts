import { join } from 'node:path'
import { EdgeError } from '../../errors.ts'

/** Where a filename such as `M00/00/00/..` lies on disk. The file need not exist. */
export interface StoredName {
  readonly filename: string
  readonly storePathIndex: number
  /** `00/00` */
  readonly subdirs: string
  readonly path: string
  readonly metadataPath: string
}

// Names of FastDFS before 1.12 have no store path. Subdirs are upper-case hex, nothing follows the
// name: what a storage checks itself, for a name is written by a client.
const FILENAME = /^(?:M([0-9A-Fa-f]{2})\/)?([0-9A-F]{2}\/[0-9A-F]{2})\/([^/\\\p{Cc}]+)$/u

/** @throws EdgeError invalid_ref when the name leads nowhere inside the store paths */
export function storedName(storePaths: readonly string[], filename: string): StoredName {
  const [, index = '00', subdirs = '', name = '..'] = FILENAME.exec(filename) ?? []
  const storePathIndex = Number.parseInt(index, 16)
  const storePath = storePaths[storePathIndex]
  if (storePath === undefined || name === '.' || name === '..') {
    throw new EdgeError('invalid_ref', `"${filename}" is no name of this storage`)
  }
  const path = join(storePath, 'data', subdirs, name)
  return { filename, storePathIndex, subdirs, path, metadataPath: `${path}-m` }
}
