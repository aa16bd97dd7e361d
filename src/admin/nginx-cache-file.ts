import { createHash } from 'node:crypto'
import { close, open, read, unlink } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { NGINX_CACHE_KEY } from './nginx-cache-keys.ts'

const [openFile, readFile, closeFile] = [promisify(open), promisify(read), promisify(close)]
const unlinkFile = promisify(unlink)

/** nginx's own header, the key and the header fields of a usual answer are shorter. */
const HEAD_BYTES = 4096
const KEY_LINE = /\nKEY: ([^\n]*)\n/
const FID = /\r\nx-dfs-fid: *([0-9]+)\r\n/i
const FID_SIZE = /\r\nx-dfs-size: *([0-9]+)\r\n/i
const CONTENT_RANGE = /\r\ncontent-range: *bytes [0-9]+-[0-9]+\/([0-9]+)\r\n/i

/** What stands in front of the content in a file of nginx's cache. */
export interface CacheFileHead {
  readonly key: string
  /** Of the whole file, where this is a part of it. */
  readonly totalBytes: number | undefined
  /** What a key of MogileFS stood for (`http/key-answer.ts`). */
  readonly named: NginxContent | undefined
}

/** Content as a purge knows it. */
export interface NginxContent {
  /** One of `NGINX_CACHE_KEY`: all its slices are meant, and its whole entry. */
  readonly key: string
  /** Bytes; null where nobody knows. */
  readonly size: number | null
}

/** Where an entry lies below nginx's cache path, with `levels=1:2` as in `nginx/http.conf`. */
export function cacheFilePath(cachePath: string, key: string): string {
  const name = createHash('md5').update(key).digest('hex')
  return join(cachePath, name.slice(-1), name.slice(-3, -1), name)
}

/** Undefined: no such file, or none of nginx's. @throws what open and read throw otherwise */
export async function readCacheFileHead(path: string): Promise<CacheFileHead | undefined> {
  const start = await readCacheFileStart(path)
  return start && parseHead(start.toString('utf8'))
}

/** The bytes in front of the content, and some of it. Undefined: no such file. @throws likewise */
export async function readCacheFileStart(path: string): Promise<Buffer | undefined> {
  const fd = await openIfThere(path)
  if (fd === undefined) return undefined
  try {
    const buffer = Buffer.allocUnsafe(HEAD_BYTES)
    const { bytesRead } = await readFile(fd, buffer, 0, HEAD_BYTES, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await closeFile(fd)
  }
}

/** False: it was not there. @throws what unlink throws otherwise */
export async function removeFile(path: string): Promise<boolean> {
  try {
    await unlinkFile(path)
    return true
  } catch (error) {
    if (isMissing(error)) return false
    throw error
  }
}

export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

async function openIfThere(path: string): Promise<number | undefined> {
  try {
    return await openFile(path, 'r')
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

function parseHead(text: string): CacheFileHead | undefined {
  const [line = '', key] = KEY_LINE.exec(text) ?? []
  if (key === undefined) return undefined
  const rest = text.slice(text.indexOf(line) + line.length)
  const fields = `${rest.split('\r\n\r\n', 1)[0]}\r\n`
  const numberIn = (field: RegExp): number | undefined => {
    const text = field.exec(fields)?.[1]
    return text === undefined ? undefined : Number(text)
  }
  const fid = numberIn(FID)
  const named = fid === undefined ? undefined : contentOf(fid, numberIn(FID_SIZE))
  return { key, totalBytes: numberIn(CONTENT_RANGE), named }
}

function contentOf(fid: number, size: number | undefined): NginxContent {
  return { key: NGINX_CACHE_KEY.mogilefsContent(`fid ${fid}`), size: size ?? null }
}
