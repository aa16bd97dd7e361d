import type { Checksum } from '../wire/checksum.ts'
import type { FileName } from '../wire/fastdfs/tracker-messages.ts'

/** What a URL names. */
export type Ref = FastdfsRef | MogilefsRef

export interface FastdfsRef extends FileName {
  readonly system: 'fastdfs'
}

export interface MogilefsRef {
  readonly system: 'mogilefs'
  readonly domain: string
  readonly key: string
  /** The content of this fid is meant, or none, whatever the key stands for by now. */
  readonly fid?: number
}

/** One string per ref, for caches and logs. */
export function formatRef(ref: Ref): string {
  return ref.system === 'fastdfs'
    ? `/${ref.groupName}/${ref.filename}`
    : `/${ref.domain}/${ref.key}`
}

/** What HTTP needs before any byte. */
export interface Facts {
  /** Bytes. */
  readonly size: number
  /** Unix seconds; null where the system keeps no time (MogileFS). */
  readonly modified: number | null
  /** A strong validator with its quotes, the same on every replica. */
  readonly etag: string
  /** These bytes never change: every replica of them is as good as another. */
  readonly isImmutable: boolean
  /** The ref never names other bytes than these (the file may be deleted). */
  readonly isPermanent: boolean
  /** Of the whole content; null where none is known. */
  readonly checksum: Checksum | null
}

/** Bytes `start` to `end`, `end` not included. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/** The bytes of one answer of one replica, to be read once. Ending the iteration gives it up. */
export interface ReplicaBody {
  /** Bytes that will come if nothing breaks. */
  readonly length: number
  /** Memory is used again: a chunk is valid until the second one after it is asked for. */
  readonly chunks: AsyncIterable<Buffer>
  /** Gives the body up, read or not; harmless after its end. */
  cancel(): void
}

/** Who else could send a replica's bytes over HTTP. */
export type Elsewhere =
  /** A file of its own on this host: `/group1/M00/00/00/..`, below `data` of that store path. */
  | { readonly kind: 'file'; readonly path: string }
  /** A storage that a tracker has listed, under an address that can be reached. */
  | { readonly kind: 'host'; readonly host: string }

/** One place that can give the bytes. */
export interface Replica {
  /** `host:port`, or the folder of a store path on this host: for logs, health and metrics. */
  readonly host: string
  /** The host, or the device on it: no two replicas of a file have the same. */
  readonly place: string
  /** Absent: only the edge can read them. */
  readonly elsewhere?: Elsewhere
  /**
   * The bytes of `range`, or of the whole file as this replica has it; null when the replica says
   * that it has no such file. The body's length is the replica's word, to be checked by the caller.
   * @throws EdgeError connect_failed, timeout, connection_lost, protocol_error, refused_by_server
   */
  open(range: ByteRange | null, signal: AbortSignal): Promise<ReplicaBody | null>
  /** There where the others may have less: while it answers this it is waited for. */
  ping?(signal: AbortSignal): Promise<void>
}

/** Whether the replicas of a file were remembered, asked for, or lie on this host. */
export type LocationResult = 'location' | 'miss' | 'none'

/** A resolved ref. */
export interface Found {
  readonly facts: Facts
  /** What these bytes are kept under: the same for every ref that names them. */
  readonly contentKey: string
  /** In the order to try them; never empty. */
  readonly replicas: readonly Replica[]
  /** False while `facts` are only what the client's id says. */
  readonly isConfirmed: boolean
  /** True when the replicas were not taken from a cache. */
  readonly isFresh: boolean
  /** True when whoever might name other replicas was asked, and not one tracker of several. */
  readonly isExhaustive: boolean
  readonly cache: LocationResult
  /** The replica whose "not found" settles the matter: the live source, where it is known. */
  readonly source: string | null
  /** Each question may find another version (an appender). */
  readonly isChanging: boolean
  /** How long content that belongs to `facts` may be kept, in milliseconds. */
  readonly keepMs: number
}

export interface ResolveOptions {
  /** Ask past the caches: what they named did not have the file. */
  readonly isFresh?: boolean
  /** Ask a storage for the facts, unless one has vouched for them within the cache time. */
  readonly isConfirmed?: boolean
  /** What is remembered of a key counts for so long; by default as configured. */
  readonly maxAgeMs?: number
}

/** All refs of one system whose `formatRef` begins in the same way. */
export interface RefPrefix {
  readonly system: Ref['system']
  readonly prefix: string
}

/** What went out of a resolver's caches. */
export interface Forgotten {
  /** `formatRef` of those of which something was remembered: replicas, facts, or "not found". */
  readonly refs: readonly string[]
  /** Content that they name, as far as it was known. */
  readonly contents: readonly KnownContent[]
  /** Content whose key begins so belongs to them as well. */
  readonly contentPrefix: string | null
}

export interface KnownContent {
  /** `Found.contentKey`. */
  readonly key: string
  /** Bytes; null where nobody knows. */
  readonly size: number | null
}

export const NOTHING_FORGOTTEN: Forgotten = { refs: [], contents: [], contentPrefix: null }

/**
 * ref -> facts + replicas, with caches. Null is "there is no such file". Every wait inside has its
 * own deadline, and work under way is shared by all who ask for the same ref.
 */
export interface Resolver<R extends Ref = Ref> {
  /** @throws EdgeError invalid_ref, no_tracker, no_replica, replicas_failed, replicas_timed_out */
  resolve(ref: R, options?: ResolveOptions): Promise<Found | null>
  /** A replica has given the whole file in the size that the facts say. */
  confirm(ref: R, facts: Facts): void
  /** Every replica said that there is no such file. */
  rememberNotFound(ref: R): void
  /** `Found.contentKey`, where it is known without asking anybody. */
  contentKey(ref: R): string | undefined
  /**
   * Drops all that is remembered of a ref, and of others that name the same content. Questions under
   * way still answer those who asked, but what they bring is not remembered.
   */
  forget(ref: R): Forgotten
  forgetPrefix(prefix: RefPrefix): Forgotten
}
