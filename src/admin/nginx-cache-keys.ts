/**
 * What `proxy_cache_key` says in the includes under `nginx/`. An entry of a whole answer has the key as
 * it stands here, a slice the same and `$slice_range` after a blank.
 */
export const NGINX_CACHE_KEY = {
  /** @param uri the path as nginx has it, decoded: `/group1/M00/00/00/..` */
  fastdfs: (uri: string): string => `fastdfs ${uri}`,
  /** Which content a key of MogileFS stands for. @param ref `/domain/key` */
  mogilefsKey: (ref: string): string => `mogilefs key ${ref}`,
  /** @param contentKey `fid 3` */
  mogilefsContent: (contentKey: string): string => `mogilefs ${contentKey}`,
} as const

/** The key of the slice that begins at `start`; its range is that long also at the end of a file. */
export function sliceKey(key: string, start: number, sliceBytes: number): string {
  return `${key} bytes=${start}-${start + sliceBytes - 1}`
}

/** The key of the content that an entry is the whole or a slice of. */
export function contentKeyOf(entryKey: string): string {
  return entryKey.replace(/ bytes=[0-9]+-[0-9]+$/, '')
}
