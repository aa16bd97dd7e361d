import type { MogilefsFile, MogilefsKey, MogilefsLookup } from '../client/mogilefs-file.ts'
import { EdgeError } from '../errors.ts'

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
}

export interface Located {
  readonly lookup: MogilefsLookup
  readonly isAuthoritative: boolean
}

type Missing = Exclude<MogilefsLookup, MogilefsFile>

/**
 * Several ways as one, asked in their order: the next where one does not answer or does not know
 * the key. What only such know not to be there as may be behind is asked of the primary.
 * @throws EdgeError no_tracker
 */
export async function lookUp(
  sources: readonly MogilefsSource[],
  key: MogilefsKey,
  signal: AbortSignal,
): Promise<MogilefsLookup> {
  let missing: Missing | undefined
  let failure: EdgeError | undefined
  for (const source of sources) {
    const located = await attempt(() => source.locate(key, signal))
    if (located instanceof EdgeError) {
      failure ??= located
      continue
    }
    const { lookup, isAuthoritative } = located
    if (isFound(lookup) || isAuthoritative) return lookup
    missing = lookup
  }
  if (missing === undefined) throw failure ?? new EdgeError('no_tracker', 'nobody to ask')
  return (await lookUpOnPrimary(sources, key, signal)) ?? missing
}

/**
 * Past all that may be behind; undefined where no way leads to the primary.
 * @throws EdgeError no_tracker where one does, and the primary does not answer
 */
export async function lookUpOnPrimary(
  sources: readonly MogilefsSource[],
  key: MogilefsKey,
  signal: AbortSignal,
): Promise<MogilefsLookup | undefined> {
  let failure: EdgeError | undefined
  for (const source of sources) {
    const lookup = await attempt(() => source.locateOnPrimary(key, signal))
    if (lookup instanceof EdgeError) failure ??= lookup
    else if (lookup !== undefined) return lookup
  }
  if (failure !== undefined) throw failure
  return undefined
}

function isFound(lookup: MogilefsLookup): lookup is MogilefsFile {
  return typeof lookup === 'object'
}

async function attempt<T>(ask: () => Promise<T>): Promise<T | EdgeError> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof EdgeError && error.code !== 'aborted') return error
    throw error
  }
}
