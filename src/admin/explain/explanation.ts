import type { ErrorCode } from '../../errors.ts'
import type { Ref } from '../../resolver/resolver.ts'
import type { FileKind, TrunkSlot } from '../../wire/fastdfs/file-id.ts'
import type { Verdict } from './causes.ts'
import type { Fault } from './fault.ts'

/** Why a URL is answered as it is: plain data, for a terminal, a page and programs alike. */
export interface Explanation extends Evidence {
  readonly verdict: Verdict
}

/** What was found out. Null: there was nothing to find out, or no need. */
export interface Evidence {
  readonly url: string
  readonly reading: Reading
  readonly id: IdReport | null
  /** What MogileFS knows of the key. */
  readonly file: MogilefsFileReport | null
  readonly token: TokenReport
  /** One for each tracker and database. */
  readonly lookups: readonly LookupReport[]
  readonly replicas: readonly ReplicaReport[]
  readonly localFile: LocalFileReport | null
  readonly nginx: NginxReport | null
  readonly answer: AnswerReport | null
  /** What disagrees, and what is odd, one sentence each. */
  readonly notes: readonly string[]
}

export interface MogilefsFileReport {
  readonly fid: number
  readonly length: number | null
  /** Null where only the database was asked. */
  readonly className: string | null
  readonly devcount: number
  /** `MD5:hex`; null for a class without a hash type. */
  readonly checksum: string | null
}

/** How the URL was read. */
export interface Reading {
  /** The canonical path; null where the URL has none. */
  readonly path: string | null
  /** The Host header, or what stood in the URL. */
  readonly host: string | null
  /** The MogileFS domain that [vhost] gives this host. */
  readonly vhostDomain: string | null
  readonly ref: Ref | null
  /** Why it is not the other system's. */
  readonly notes: readonly string[]
  /** What is wrong with it; null: it names a file. */
  readonly fault: Verdict | null
}

/** What a FastDFS id says by itself. */
export interface IdReport {
  readonly kind: FileKind
  readonly source: string
  readonly createTimestamp: number
  readonly size: number | null
  readonly crc32: number | null
  readonly storePathIndex: number
  readonly trunk: TrunkSlot | null
  readonly oddities: readonly string[]
}

export interface TokenReport {
  /** Whether the edge asks for one. */
  readonly isChecked: boolean
  readonly token: string | null
  readonly ts: string | null
  /** What the md5 is to be taken of, without the secret. */
  readonly expectedInput: string | null
  /** `ok`, or why not. */
  readonly state: string
  /** Seconds until the token ends, below zero since it ended; null where it never does. */
  readonly leftSeconds: number | null
  /** The Date given, less the clock of this host. */
  readonly clockDifferenceSeconds: number | null
  readonly fault: Verdict | null
}

/** What one tracker or database said. */
export interface LookupReport {
  readonly kind: 'FastDFS tracker' | 'MogileFS tracker' | 'database'
  readonly address: string
  readonly ms: number
  readonly answer: string
  readonly fault: Fault | null
}

/** One place that the trackers or the database name. */
export interface ReplicaReport {
  /** As the storage registered it. */
  readonly registered: string
  /** As it is connected to, after [address_map]. */
  readonly address: string
  readonly state: string
  /** The trackers or the database send readers of this file there. */
  readonly isOffered: boolean
  /** The file was uploaded to it (FastDFS). */
  readonly isSource: boolean
  readonly outcome: ReplicaOutcome
  readonly ms: number
}

export type ReplicaOutcome =
  | {
      readonly kind: 'has'
      readonly size: number
      /** Unix seconds. */
      readonly modified: number | null
      /** By its first bytes. */
      readonly type: string | null
      readonly isSizeRight: boolean
      /** Null: not looked at, for the file is large or no sum is known. */
      readonly isChecksumRight: boolean | null
    }
  | { readonly kind: 'absent' }
  | { readonly kind: 'failed'; readonly fault: Fault }

export interface LocalFileReport {
  readonly path: string
  readonly size: number | null
  /** Why it is of no use; null: it is served. */
  readonly trouble: string | null
}

/** What nginx keeps of it. */
export interface NginxReport {
  readonly path: string
  /** Of the answer that was kept; null: nothing is kept. */
  readonly status: number | null
  readonly ageSeconds: number | null
  readonly expiresInSeconds: number | null
}

/** What the edge answers now. */
export interface AnswerReport {
  readonly status: number
  readonly type: string | null
  readonly size: string | null
  /** Replicas in the order to try them. */
  readonly order: readonly string[]
  readonly error: { readonly code: ErrorCode; readonly message: string } | null
  readonly ms: number
}
