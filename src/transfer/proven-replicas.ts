import { LRUCache } from 'lru-cache'
import { abortedError } from '../client/connection.ts'
import { asEdgeError, EdgeError } from '../errors.ts'
import type { ByteRange, Facts } from '../resolver/resolver.ts'
import { BlockSums, blocksAround, type CheckedRange, checkBlocks } from './block-sums.ts'
import { among, type Place, type Source } from './open-replica.ts'
import { type Proof, Proofs, type ProofsOptions } from './proofs.ts'

export interface ProvenReplicasOptions extends ProofsOptions {
  /** Of larger files ranges are sent unchecked: it would take too long until their first byte. */
  readonly maxBytes: number
}

/** The sums of one version of a file whose checksum agreed. */
interface Proven {
  readonly etag: string
  readonly sums: Uint32Array
}

/** For the sums of all files: 2 KB for one of 32 MB. */
const SUMS_BYTES = 16 * 1024 * 1024
/** What an entry costs beside its sums. */
const ENTRY_BYTES = 512

/**
 * Ranges of large files are held against sums of their blocks. A range has no checksum, so all bytes of one
 * replica are read once, and theirs is held against the file's; from then on the sums of its blocks tell of
 * every replica whether the bytes that it gives are right. Whatever keeps slices (nginx in front) would else
 * keep wrong ones for as long as the file lives.
 */
export class ProvenReplicas {
  readonly #options: ProvenReplicasOptions
  readonly #proofs: Proofs
  readonly #proven = new LRUCache<string, Proven>({
    maxSize: SUMS_BYTES,
    sizeCalculation: ({ sums }) => sums.byteLength + ENTRY_BYTES,
  })

  constructor(options: ProvenReplicasOptions) {
    this.#options = options
    this.#proofs = new Proofs(options)
  }

  /** To be taken while all of a file passes, and to be added; null: it is too large, or has no checksum. */
  startSums(facts: Facts): BlockSums | null {
    return facts.checksum !== null && this.#isMeant(facts) ? new BlockSums(facts.checksum) : null
  }

  #isMeant({ size, checksum }: Facts): boolean {
    return checksum !== null && size <= this.#options.maxBytes
  }

  /** All bytes of the file have come, and they were right. */
  add(key: string, { etag }: Facts, sums: Uint32Array): void {
    this.#proven.set(key, { etag, sums })
  }

  forget(key: string): void {
    this.#proven.delete(key)
  }

  /** All files whose key begins so. */
  forgetPrefix(prefix: string): void {
    for (const key of [...this.#proven.keys()]) if (key.startsWith(prefix)) this.forget(key)
  }

  /**
   * A stream of the bytes of `range`, as `ReplicaOpener.stream` opens it, each block checked and the first one
   * there. Where no replica proves right because they are slow or break, it comes from one of those all the same,
   * but never from a wrong one.
   * @throws EdgeError replicas_failed (all are wrong), and what that throws; a body throws wrong_content
   */
  async stream(place: Place, range: ByteRange, facts: Facts): Promise<Source | null> {
    const { replicas } = this.#options
    if (!this.#isMeant(facts)) return replicas.stream(place, range, facts)
    const proof = await this.#proof(place, facts)
    if (proof === null) return null
    const { sums } = proof
    const left = among(place, proof.replicas)
    if (sums !== undefined) {
      const around = blocksAround(range, facts.size)
      const begin = (source: Source) => this.#begin(place.key, source, { range, around, sums })
      return replicas.stream(left, around, facts, begin)
    }
    if (proof.replicas.length > 0) return replicas.stream(left, range, facts)
    throw new EdgeError('replicas_failed', `every replica of ${place.key} is wrong`)
  }

  async #proof(place: Place, facts: Facts): Promise<Proof | null> {
    const { key, found, signal } = place
    const known = this.#proven.get(key)
    if (known?.etag === facts.etag) return { sums: known.sums, replicas: found.replicas }
    const proof = await this.#proofs.of(place, facts)
    if (proof?.sums !== undefined) this.add(key, facts, proof.sums)
    if (signal.aborted) throw abortedError()
    return proof
  }

  /**
   * The source when its first block is there and right: until then another replica can be asked, and nothing has
   * been sent. Its chunks are valid until the next one: of a range none is held back for the end.
   * @throws EdgeError wrong_content, and what the body throws
   */
  async #begin(
    key: string,
    { host, place, body }: Source,
    of: Omit<CheckedRange, 'host'>,
  ): Promise<Source> {
    const { replicas } = this.#options
    const blocks = checkBlocks(body.chunks, { ...of, host })
    const first = await blocks.next()
    const chunks = async function* (): AsyncGenerator<Buffer, void, undefined> {
      if (!first.done) yield first.value
      try {
        yield* blocks
      } catch (error) {
        if (asEdgeError(error).code === 'wrong_content') replicas.markWrong(key, place)
        throw error
      }
    }
    const length = of.range.end - of.range.start
    return { host, place, body: { length, chunks: chunks(), cancel: () => body.cancel() } }
  }
}
