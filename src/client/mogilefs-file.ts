import type { Checksum } from '../wire/checksum.ts'
import type { FidUrl } from '../wire/mogilefs/fid-path.ts'

export interface MogilefsKey {
  readonly domain: string
  readonly key: string
}

/** What a tracker or the database says of a key. */
export interface MogilefsFile {
  /** An overwrite makes a new one: it names these bytes and no others. */
  readonly fid: number
  /** Bytes; null where the tracker gives paths but cannot tell (a class without a row). */
  readonly length: number | null
  /** In the order to try them. None: no device is readable, though the file exists. */
  readonly copies: readonly FidUrl[]
  readonly checksum: Checksum | null
}

/** A file, or why there is none. */
export type MogilefsLookup = MogilefsFile | 'no_key' | 'no_domain'
