import { LRUCache } from 'lru-cache'
import { abortedError } from '../client/connection.ts'
import { asEdgeError, EdgeError } from '../errors.ts'
import type { ByteRange, Facts, Replica } from '../resolver/resolver.ts'
import type { Place, ReplicaOpener, Source } from './open-replica.ts'
import { RateWatch } from './rate-watch.ts'
import { requireLength, startChecksum, wrongContent } from './verify.ts'
import { rememberedFor } from './wrong-replicas.ts'

export interface ProvenReplicasOptions {
  readonly replicas: ReplicaOpener
  /** Of larger files ranges are sent unchecked: it would take too long until their first byte. */
  readonly maxBytes: number
  readonly hedgeMs: number
}

const FILES_MAX = 50_000
/** What was right may rot: so long it is believed to be. */
const PROVEN_MS = 60 * 60 * 1000
/** Bytes per second: a client waits for the proof, so what is slower is not waited for. */
const PROOF_RATE = 1024 * 1024
/** The places of one version of a file that have proven right. */
interface Proven {
  readonly etag: string
  readonly places: ReadonlySet<string>
}

/** A proof is for all who wait for it, whoever of them goes away. */
const SHARED = new AbortController().signal

/**
 * Ranges of large files come from replicas that have proven right: a range has no checksum, so all bytes
 * of the replica are read once, and theirs is held against the file's. Whatever keeps slices (nginx in
 * front) would else keep wrong ones for as long as the file lives.
 */
export class ProvenReplicas {
  readonly #options: ProvenReplicasOptions
  readonly #proven = new LRUCache<string, Proven>(rememberedFor(PROVEN_MS, FILES_MAX))
  readonly #proofs = new Map<string, Promise<void>>()

  constructor(options: ProvenReplicasOptions) {
    this.#options = options
  }

  /** A replica has given all bytes of the file, and they were right. */
  add(key: string, place: string, facts: Facts): void {
    if (this.#isMeant(facts)) this.#remember(key, place, facts)
  }

  #remember(key: string, place: string, { etag }: Facts): void {
    const known = this.#proven.get(key)
    const places = known?.etag === etag ? known.places : []
    this.#proven.set(key, { etag, places: new Set([...places, place]) })
  }

  #isProven(key: string, place: string, { etag }: Facts): boolean {
    const known = this.#proven.get(key)
    return known?.etag === etag && known.places.has(place)
  }

  forget(key: string): void {
    this.#proven.delete(key)
  }

  /** All files whose key begins so. */
  forgetPrefix(prefix: string): void {
    for (const key of [...this.#proven.keys()]) if (key.startsWith(prefix)) this.forget(key)
  }

  /**
   * A stream of the bytes of `range`, as `ReplicaOpener.stream` opens it. Where none proves right
   * because they are slow or break, it comes from one of those all the same, but never from a wrong one.
   * @throws EdgeError replicas_failed (all are wrong), and what that throws
   */
  async stream(place: Place, range: ByteRange, facts: Facts): Promise<Source | null> {
    const { replicas } = this.#options
    if (!this.#isMeant(facts)) return replicas.stream(place, range, facts)
    let left = place.found.replicas
    const unread: Replica[] = []
    while (left.length > 0) {
      const source = await this.#open(among(place, left), {
        range,
        facts,
        hasOthers: unread.length > 0,
      })
      if (source === null) break
      const replica = left.find((one) => one.place === source.place)
      const fault = replica && (await this.#faultOf(place, { source, replica }, facts))
      if (replica === undefined || fault === undefined) return source
      if (fault.code !== 'wrong_content') unread.push(replica)
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

  #isMeant({ size, checksum }: Facts): boolean {
    return checksum !== null && size <= this.#options.maxBytes
  }

  /** Why the replica is not to be read from; then its stream has been given up. */
  async #faultOf(
    { key, signal }: Place,
    { source, replica }: { source: Source; replica: Replica },
    facts: Facts,
  ): Promise<EdgeError | undefined> {
    if (this.#isProven(key, replica.place, facts)) return undefined
    try {
      await this.#prove(key, replica, facts)
      if (!signal.aborted) return undefined
    } catch (error) {
      source.body.cancel()
      return asEdgeError(error)
    }
    source.body.cancel()
    throw abortedError()
  }

  #prove(key: string, replica: Replica, facts: Facts): Promise<void> {
    const name = `${key} ${facts.etag} ${replica.place}`
    const underWay = this.#proofs.get(name)
    if (underWay !== undefined) return underWay
    const proof = this.#readWhole(replica, facts)
      .then(() => this.#remember(key, replica.place, facts))
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

  async #readWhole({ host, open }: Replica, { size, checksum }: Facts): Promise<void> {
    const body = checksum && (await open(null, SHARED))
    if (checksum === null || body === null) {
      throw new EdgeError('connection_lost', `${host} has it no more`, { host })
    }
    requireLength(body, size, host)
    const running = startChecksum(checksum)
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
  }
}

function among(place: Place, replicas: readonly Replica[]): Place {
  return { ...place, found: { ...place.found, replicas } }
}
