import { asEdgeError, EdgeError } from '../errors.ts'
import type { Facts, Replica } from '../resolver/resolver.ts'
import { BlockSums } from './block-sums.ts'
import { among, type Place, type ReplicaOpener, type Source } from './open-replica.ts'
import { atRate } from './rate-watch.ts'
import { wrongContent } from './verify.ts'

export interface ProofsOptions {
  readonly replicas: ReplicaOpener
  readonly hedgeMs: number
}

/** What came of reading a file whole. */
export interface Proof {
  /** Of its blocks; absent: no replica proved right. */
  readonly sums?: Uint32Array
  /** Who is to be asked for the file: who proved right first; else those that are slow or broke, and none wrong. */
  readonly replicas: readonly Replica[]
}

/** Bytes per second: a client waits for the proof, so what is slower is not waited for. */
const PROOF_RATE = 1024 * 1024
/** A proof is for all who wait for it, whoever of them goes away. */
const SHARED = new AbortController().signal

/** Reads files whole, from one replica after the other until the checksum agrees, once for all who wait for it. */
export class Proofs {
  readonly #options: ProofsOptions
  readonly #underWay = new Map<string, Promise<Proof | null>>()

  constructor(options: ProofsOptions) {
    this.#options = options
  }

  /** Null: no replica has the file. @throws EdgeError replicas_failed, replicas_timed_out, overloaded */
  of({ key, found }: Place, facts: Facts): Promise<Proof | null> {
    const name = `${key} ${facts.etag}`
    const underWay = this.#underWay.get(name)
    if (underWay !== undefined) return underWay
    const proof = this.#prove({ key, found, signal: SHARED }, facts).finally(() =>
      this.#underWay.delete(name),
    )
    this.#underWay.set(name, proof)
    return proof
  }

  async #prove(place: Place, facts: Facts): Promise<Proof | null> {
    let left = place.found.replicas
    const unread: Replica[] = []
    while (left.length > 0) {
      const source = await this.#open(among(place, left), facts, unread.length > 0)
      if (source === null) return unread.length === 0 ? null : { replicas: unread }
      const isSource = (replica: Replica): boolean => replica.place === source.place
      const others = left.filter((replica) => !isSource(replica))
      const sums = await this.#sumsOf(place.key, source, facts)
      if (!(sums instanceof EdgeError)) {
        return { sums, replicas: [...left.filter(isSource), ...others, ...unread] }
      }
      if (sums.code !== 'wrong_content') unread.push(...left.filter(isSource))
      left = others
    }
    return { replicas: unread }
  }

  /** Null where nobody has the file, or nobody who is left gives it and there are others. */
  async #open(place: Place, facts: Facts, hasOthers: boolean): Promise<Source | null> {
    try {
      return await this.#options.replicas.stream(place, { start: 0, end: facts.size }, facts)
    } catch (thrown) {
      if (!hasOthers) throw asEdgeError(thrown)
      return null
    }
  }

  /** Or why the replica does not give them. */
  async #sumsOf(key: string, source: Source, facts: Facts): Promise<Uint32Array | EdgeError> {
    const { replicas, hedgeMs } = this.#options
    try {
      return await readSums(source, facts, hedgeMs)
    } catch (thrown) {
      const error = asEdgeError(thrown)
      if (error.code === 'wrong_content') replicas.markWrong(key, source.place)
      else if (error.code !== 'too_slow') replicas.noteFailure(source.host, error)
      return error
    }
  }
}

/** @throws EdgeError too_slow, wrong_content, and what the body throws */
async function readSums(
  source: Source,
  { checksum }: Facts,
  windowMs: number,
): Promise<Uint32Array> {
  const sums = checksum && new BlockSums(checksum)
  try {
    const chunks = atRate(source, { minRate: PROOF_RATE, windowMs })
    for await (const chunk of chunks) sums?.update(chunk)
  } finally {
    source.body.cancel()
  }
  if (!sums?.isRight()) throw wrongContent(source.host, 'its checksum is another one')
  return sums.ofBlocks
}
