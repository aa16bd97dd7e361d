import { basename } from 'node:path'
import type { FileId } from '../../wire/fastdfs/file-id.ts'
import { isMetadataName, parseFileId, splitFileId } from '../../wire/fastdfs/file-id.ts'
import { CommandError, EXIT } from '../exit-code.ts'

/** The id that was typed, with or without a leading slash. */
export function requireFileId(text: string): FileId {
  const name = splitFileId(text)
  const id = name === undefined ? undefined : parseFileId(name)
  if (id !== undefined && !isMetadataName(id.filename)) return id
  const example = 'group1/M00/00/00/wKgeAlodCEGAXOuMB3o1rOpTQ-0771.zip'
  throw new CommandError(`"${text}" is no file id; one looks like ${example}`, EXIT.USAGE)
}

/**
 * The extension that FastDFS keeps of a file name: at most six characters, `tar.gz` counts as one,
 * a longer one is none.
 */
export function extensionOf(path: string): string {
  const [, extName = ''] = /\.((?:tar\.)?[^./]+)$/.exec(basename(path)) ?? []
  return Buffer.byteLength(extName) <= 6 ? extName : ''
}
