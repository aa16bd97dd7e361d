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

/**
 * Several ways as one, asked in their order: the next where one does not answer or does not know
 * the key. The "no" of one that may be behind counts once the primary has confirmed it.
 * @throws EdgeError no_tracker
 */
export async function lookUp(
  sources: readonly MogilefsSource[],
  key: MogilefsKey,
  signal: AbortSignal,
): Promise<MogilefsLookup> {
  let unconfirmed: MogilefsLookup | undefined
  let failure: EdgeError | undefined
  for (const source of sources) {
    const located = await attempt(() => locateForSure(source, key, signal))
    if (located instanceof EdgeError) failure ??= located
    else if (isFound(located.lookup) || located.isAuthoritative) return located.lookup
    else unconfirmed = located.lookup
  }
  if (unconfirmed !== undefined && failure === undefined) return unconfirmed
  throw failure ?? new EdgeError('no_tracker', 'there is nobody to ask')
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

/** Of the first way that knows any. @throws EdgeError no_tracker where none answers */
export async function findCopies(
  sources: readonly MogilefsSource[],
  fid: number,
  signal: AbortSignal,
): Promise<readonly FidUrl[]> {
  let failure: EdgeError | undefined
  for (const source of sources) {
    const copies = await attempt(() => source.copiesOf(fid, signal))
    if (copies instanceof EdgeError) failure ??= copies
    else if (copies.length > 0) return copies
  }
  if (failure !== undefined) throw failure
  return []
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
