import { firstAnswer, type Outcome } from '../client/first-answer.ts'
import type { MogilefsFile, MogilefsKey, MogilefsLookup } from '../client/mogilefs-file.ts'
import { EdgeError } from '../errors.ts'
import type { FidUrl } from '../wire/mogilefs/fid-path.ts'

/** One way to find out where a key's content is: the trackers, or the database. */
export interface MogilefsSource {
  /**
   * `isAuthoritative`: it knows all that there is, a "no" of it is final. A replica of the database
   * is behind the primary, and a tracker may read from one.
   * @throws EdgeError no_tracker
   */
  locate(key: MogilefsKey, signal: AbortSignal): Promise<Located>
  /** What the primary database says; undefined where this way does not lead to it. */
  locateOnPrimary(key: MogilefsKey, signal: AbortSignal): Promise<MogilefsLookup | undefined>
  /**
   * Where a fid still is, though its key may have another one by now: until the trackers have deleted
   * its copies. @throws EdgeError no_tracker
   */
  copiesOf(fid: number, signal: AbortSignal): Promise<readonly FidUrl[]>
}

export interface Located {
  readonly lookup: MogilefsLookup
  readonly isAuthoritative: boolean
}

export interface MogilefsSourcesOptions {
  /** In the order to ask them. */
  readonly sources: readonly MogilefsSource[]
  /** After this silence of one the next is asked too, while the first may still win. */
  readonly hedgeMs: number
}

/** The hosts behind a source have a health and are told of; the source itself is no host. */
const NO_HOST = {
  health: { succeeded: () => undefined, failed: () => undefined, isFailing: () => false },
  observe: () => undefined,
}

/**
 * Several ways as one, asked in their order: the next where one fails, does not know, or is silent. One
 * that has lost is left to its own deadlines, so that it is known which of its hosts is silent.
 */
export class MogilefsSources {
  readonly #options: MogilefsSourcesOptions

  constructor(options: MogilefsSourcesOptions) {
    this.#options = options
  }

  /**
   * The "no" of a way that may be behind counts once the primary has confirmed it.
   * @throws EdgeError no_tracker
   */
  async lookUp(key: MogilefsKey, signal: AbortSignal): Promise<MogilefsLookup> {
    let unconfirmed: MogilefsLookup | undefined
    const outcome = await this.#first(signal, async (source) => {
      const { lookup, isAuthoritative } = await locateForSure(source, key, signal)
      if (isFound(lookup) || isAuthoritative) return lookup
      unconfirmed = lookup
      return null
    })
    const lookup = answerOf(outcome) ?? unconfirmed
    if (lookup !== undefined) return lookup
    throw new EdgeError('no_tracker', 'there is nobody to ask')
  }

  /**
   * Past all that may be behind; undefined where no way leads to the primary.
   * @throws EdgeError no_tracker where one does, and the primary does not answer
   */
  async lookUpOnPrimary(
    key: MogilefsKey,
    signal: AbortSignal,
  ): Promise<MogilefsLookup | undefined> {
    const ask = async (source: MogilefsSource): Promise<MogilefsLookup | null> =>
      (await source.locateOnPrimary(key, signal)) ?? null
    return answerOf(await this.#first(signal, ask))
  }

  /** Of the first way that knows any. @throws EdgeError no_tracker where none answers */
  async findCopies(fid: number, signal: AbortSignal): Promise<readonly FidUrl[]> {
    const ask = async (source: MogilefsSource): Promise<readonly FidUrl[] | null> => {
      const copies = await source.copiesOf(fid, signal)
      return copies.length > 0 ? copies : null
    }
    return answerOf(await this.#first(signal, ask)) ?? []
  }

  #first<T>(
    signal: AbortSignal,
    ask: (source: MogilefsSource) => Promise<T | null>,
  ): Promise<Outcome<T>> {
    const { sources, hedgeMs } = this.#options
    const candidates = sources.map((source, index) => ({
      host: `${index}`,
      ask: () => ask(source),
    }))
    return firstAnswer(candidates, { ...NO_HOST, signal, hedgeMs })
  }
}

/** Undefined where all say "no". @throws EdgeError where one that does not answer may know more */
function answerOf<T>({ answer, failures: [failure] }: Outcome<T>): T | undefined {
  if (answer !== undefined) return answer.value
  if (failure !== undefined) throw failure
  return undefined
}

/** @throws EdgeError no_tracker, also where the primary must be asked and does not answer */
async function locateForSure(
  source: MogilefsSource,
  key: MogilefsKey,
  signal: AbortSignal,
): Promise<Located> {
  const located = await source.locate(key, signal)
  if (isFound(located.lookup) || located.isAuthoritative) return located
  const onPrimary = await source.locateOnPrimary(key, signal)
  return onPrimary === undefined ? located : { lookup: onPrimary, isAuthoritative: true }
}

function isFound(lookup: MogilefsLookup): lookup is MogilefsFile {
  return typeof lookup === 'object'
}
