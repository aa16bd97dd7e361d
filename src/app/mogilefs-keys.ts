import type { KeyRange, MogilefsTracker } from '../client/mogilefs-tracker.ts'
import { EdgeError } from '../errors.ts'

/** Trackers give no more at a time. */
const PAGE_MAX = 1000

/**
 * The keys of a domain in their order, page after page. Null where there is no such domain.
 * @param range its `limit` is that of all pages together
 */
export async function listAllKeys(
  tracker: MogilefsTracker,
  range: KeyRange,
  signal: AbortSignal,
): Promise<AsyncIterable<readonly string[]> | null> {
  const limit = Math.min(range.limit ?? PAGE_MAX, PAGE_MAX)
  const first = await tracker.listKeys({ ...range, limit }, signal)
  return first === 'no_domain' ? null : pagesFrom(tracker, { range, first: first.keys }, signal)
}

async function* pagesFrom(
  tracker: MogilefsTracker,
  { range, first }: { range: KeyRange; first: readonly string[] },
  signal: AbortSignal,
): AsyncGenerator<readonly string[], void, undefined> {
  let keys = first
  let left = range.limit ?? Number.POSITIVE_INFINITY
  for (let after = range.after; keys.length > 0; ) {
    yield keys
    left -= keys.length
    if (left <= 0) return
    after = nextAfter(keys, after)
    const page = await tracker.listKeys(
      { ...range, after, limit: Math.min(left, PAGE_MAX) },
      signal,
    )
    keys = page === 'no_domain' ? [] : page.keys
  }
}

/** A tracker that does not go on would be asked for ever. */
function nextAfter(keys: readonly string[], after: string | undefined): string {
  const last = keys.at(-1) ?? ''
  if (last !== after) return last
  throw new EdgeError('protocol_error', `the tracker lists ${JSON.stringify(last)} again and again`)
}
