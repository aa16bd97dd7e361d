import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'

export type FileRead =
  | { readonly isRead: true; readonly content: Buffer; readonly mode: number }
  | { readonly isRead: false; readonly reason: string }

const REASONS: { readonly [code: string]: string } = {
  ENOENT: 'no such file or folder',
  ENOTDIR: 'no such file or folder',
  EACCES: 'permission denied',
  EISDIR: 'it is a folder',
  ELOOP: 'its symbolic links form a loop',
  ENAMETOOLONG: 'its name is too long',
}

/** A whole file of at most `maxBytes`. Never throws and never waits: a FIFO or a device is refused. */
export function readBoundedFile(path: string, maxBytes: number): FileRead {
  try {
    // Without O_NONBLOCK the open of a FIFO waits for somebody to write into it.
    const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      return readOpenFile(descriptor, maxBytes)
    } finally {
      closeSync(descriptor)
    }
  } catch (error) {
    return { isRead: false, reason: explainFileError(error) }
  }
}

function readOpenFile(descriptor: number, maxBytes: number): FileRead {
  const stat = fstatSync(descriptor)
  if (stat.isDirectory()) return { isRead: false, reason: 'it is a folder' }
  if (!stat.isFile()) return { isRead: false, reason: 'it is not a regular file' }
  // Not sized by the stat: the file may be growing, and one of /proc says that it is empty.
  const buffer = Buffer.alloc(maxBytes + 1)
  let length = 0
  for (let read = -1; read !== 0 && length < buffer.length; length += read) {
    read = readSync(descriptor, buffer, length, buffer.length - length, null)
  }
  if (length > maxBytes) return { isRead: false, reason: `it is larger than ${maxBytes} bytes` }
  const content = Buffer.from(buffer.subarray(0, length))
  return { isRead: true, content, mode: stat.mode }
}

/** In an operator's words why the file system refused. */
export function explainFileError(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
  return REASONS[code] ?? code
}
