import { formatRef, type Ref } from '../../resolver/resolver.ts'
import { cacheFilePath, readCacheFileStart } from '../nginx-cache-file.ts'
import { NGINX_CACHE_KEY, sliceKey } from '../nginx-cache-keys.ts'
import type { NginxReport } from './explanation.ts'

export interface NginxPlace {
  readonly path: string
  readonly sliceBytes: number
}

/**
 * The file of an entry begins with a structure whose fifth version has nginx 1.7.7 to today
 * (ngx_http_cache.h: ngx_http_file_cache_header_t): version[8] valid_sec[8] updating_sec[8]
 * error_sec[8] last_modified[8] date[8] .., in the byte order of the machine.
 */
const VERSION = 5n
const AT = { version: 0, validSec: 8, date: 40 } as const
const HEADER_MIN_BYTES = 48
const STATUS_LINE = /\nKEY: [^\n]*\nHTTP\/1\.[01] ([0-9]{3})/

/** The entry that nginx has of a file, or of its first slice; never touched. */
export async function findNginxEntry(
  ref: Ref,
  fid: number | null,
  { place, nowSeconds }: { place: NginxPlace; nowSeconds: number },
): Promise<NginxReport> {
  const keys = keysOf(ref, fid).flatMap((key) => [key, sliceKey(key, 0, place.sliceBytes)])
  for (const key of keys) {
    const path = cacheFilePath(place.path, key)
    const start = await readCacheFileStart(path).catch(() => undefined)
    if (start !== undefined) return { path, ...readEntry(start, nowSeconds) }
  }
  return { path: place.path, status: null, ageSeconds: null, expiresInSeconds: null }
}

function keysOf(ref: Ref, fid: number | null): readonly string[] {
  if (ref.system === 'fastdfs') {
    return [NGINX_CACHE_KEY.fastdfs(formatRef(ref)), NGINX_CACHE_KEY.fastdfs(`/${ref.filename}`)]
  }
  const key = NGINX_CACHE_KEY.mogilefsKey(formatRef(ref))
  return fid === null ? [key] : [key, NGINX_CACHE_KEY.mogilefsContent(`fid ${fid}`)]
}

function readEntry(start: Buffer, nowSeconds: number): Omit<NginxReport, 'path'> {
  const [, status] = STATUS_LINE.exec(start.toString('latin1')) ?? []
  const seen = { status: status === undefined ? null : Number(status) }
  if (start.length < HEADER_MIN_BYTES || start.readBigUInt64LE(AT.version) !== VERSION) {
    return { ...seen, ageSeconds: null, expiresInSeconds: null }
  }
  const secondsAt = (offset: number): number => Number(start.readBigInt64LE(offset))
  return {
    ...seen,
    ageSeconds: Math.round(nowSeconds - secondsAt(AT.date)),
    expiresInSeconds: Math.round(secondsAt(AT.validSec) - nowSeconds),
  }
}
