import { LRUCache } from 'lru-cache'
import { abortedError } from '../client/connection.ts'
import { asEdgeError, EdgeError } from '../errors.ts'
import type { ByteRange, Facts, Replica } from '../resolver/resolver.ts'
import { BlockSums, blocksAround, type CheckedRange, checkBlocks } from './block-sums.ts'
import type { Place, ReplicaOpener, Source } from './open-replica.ts'
import { RateWatch } from './rate-watch.ts'
import { requireLength, startChecksum, wrongContent } from './verify.ts'

export interface ProvenReplicasOptions {
  readonly replicas: ReplicaOpener
  /** Of larger files ranges are sent unchecked: it would take too long until their first byte. */
  readonly maxBytes: number
  readonly hedgeMs: number
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
/** Bytes per second: a client waits for the proof, so what is slower is not waited for. */
const PROOF_RATE = 1024 * 1024
/** A proof is for all who wait for it, whoever of them goes away. */
const SHARED = new AbortController().signal

/**
 * Ranges of large files are held against sums of their blocks. A range has no checksum, so all bytes of one
 * replica are read once, and theirs is held against the file's; from then on the sums of its blocks tell of
 * every replica whether the bytes that it gives are right. Whatever keeps slices (nginx in front) would else
 * keep wrong ones for as long as the file lives.
 */
export class ProvenReplicas {
  readonly #options: ProvenReplicasOptions
  readonly #proven = new LRUCache<string, Proven>({
    maxSize: SUMS_BYTES,
    sizeCalculation: ({ sums }) => sums.byteLength + ENTRY_BYTES,
  })
  readonly #proofs = new Map<string, Promise<Uint32Array>>()

  constructor(options: ProvenReplicasOptions) {
    this.#options = options
  }

  isMeant({ size, checksum }: Facts): boolean {
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
   * A stream of the bytes of `range`, as `ReplicaOpener.stream` opens it, each block checked. Where no replica
   * proves right because they are slow or break, it comes from one of those all the same, but never from a
   * wrong one.
   * @throws EdgeError replicas_failed (all are wrong), and what that throws; a body throws wrong_content
   */
  async stream(place: Place, range: ByteRange, facts: Facts): Promise<Source | null> {
    const { replicas } = this.#options
    if (!this.isMeant(facts)) return replicas.stream(place, range, facts)
    const around = blocksAround(range, facts.size)
    let left = place.found.replicas
    const unread: Replica[] = []
    while (left.length > 0) {
      const hasOthers = unread.length > 0
      const source = await this.#open(among(place, left), { range: around, facts, hasOthers })
      if (source === null) break
      const replica = left.find((one) => one.place === source.place)
      if (replica === undefined) throw new Error(`${source.place} was not asked`)
      const sums = await this.#sumsFrom(place, { source, replica }, facts)
      if (!(sums instanceof EdgeError)) {
        return this.#checked(place.key, source, { range, around, sums })
      }
      if (sums.code !== 'wrong_content') unread.push(replica)
      left = left.filter((one) => one !== replica)
    }
    if (unread.length > 0) return replicas.stream(among(place, unread), range, facts)
    if (left.length > 0) return null
    throw new EdgeError('replicas_failed', `every replica of ${place.key} is wrong`)
  }

  /** Null where nobody has the file, or nobody who is left gives it and there are others. */
  async #open(
    place: Place,
    { range, facts, hasOthers }: { range: ByteRange; facts: Facts; hasOthers: boolean },
  ): Promise<Source | null> {
    try {
      return await this.#options.replicas.stream(place, range, facts)
    } catch (thrown) {
      const error = asEdgeError(thrown)
      if (!hasOthers || error.code === 'aborted') throw error
      return null
    }
  }

  #checked(key: string, { host, place, body }: Source, of: Omit<CheckedRange, 'host'>): Source {
    const { replicas } = this.#options
    const checked = async function* (): AsyncGenerator<Buffer, void, undefined> {
      try {
        yield* checkBlocks(body.chunks, { ...of, host })
      } catch (error) {
        if (asEdgeError(error).code === 'wrong_content') replicas.markWrong(key, place)
        throw error
      }
    }
    const length = of.range.end - of.range.start
    return { host, place, body: { length, chunks: checked(), cancel: () => body.cancel() } }
  }

  /** Or why the replica does not give them; then its stream has been given up. */
  async #sumsFrom(
    { key, signal }: Place,
    { source, replica }: { source: Source; replica: Replica },
    facts: Facts,
  ): Promise<Uint32Array | EdgeError> {
    const known = this.#proven.get(key)
    if (known?.etag === facts.etag) return known.sums
    try {
      const sums = await this.#prove(key, replica, facts)
      if (!signal.aborted) return sums
    } catch (error) {
      source.body.cancel()
      return asEdgeError(error)
    }
    source.body.cancel()
    throw abortedError()
  }

  #prove(key: string, replica: Replica, facts: Facts): Promise<Uint32Array> {
    const name = `${key} ${facts.etag} ${replica.place}`
    const underWay = this.#proofs.get(name)
    if (underWay !== undefined) return underWay
    const proof = this.#readWhole(replica, facts)
      .then((sums) => {
        this.add(key, facts, sums)
        return sums
      })
      .catch((thrown) => {
        this.#note(key, replica, asEdgeError(thrown))
        throw thrown
      })
      .finally(() => this.#proofs.delete(name))
    this.#proofs.set(name, proof)
    return proof
  }

  #note(key: string, { host, place }: Replica, error: EdgeError): void {
    const { replicas } = this.#options
    if (error.code === 'wrong_content') replicas.markWrong(key, place)
    else if (error.code !== 'too_slow') replicas.noteFailure(host, error)
  }

  async #readWhole({ host, open }: Replica, { size, checksum }: Facts): Promise<Uint32Array> {
    const body = checksum && (await open(null, SHARED))
    if (checksum === null || body === null) {
      throw new EdgeError('connection_lost', `${host} has it no more`, { host })
    }
    requireLength(body, size, host)
    const [running, sums] = [startChecksum(checksum), new BlockSums()]
    let isSlow = false
    const giveUp = (): void => {
      isSlow = true
      body.cancel()
    }
    const { hedgeMs: windowMs } = this.#options
    const watch = new RateWatch({ minRate: PROOF_RATE, windowMs, onSlow: giveUp })
    try {
      watch.wait()
      for await (const chunk of body.chunks) {
        watch.received(chunk.length)
        running.update(chunk)
        sums.update(chunk)
        watch.wait()
      }
    } catch (error) {
      if (!isSlow) throw error
      throw new EdgeError('too_slow', `${host} sends too slowly to be checked`, { host })
    } finally {
      watch.stop()
      body.cancel()
    }
    if (!running.isRight()) throw wrongContent(host, 'its checksum is another one')
    return sums.end()
  }
}

function among(place: Place, replicas: readonly Replica[]): Place {
  return { ...place, found: { ...place.found, replicas } }
}
