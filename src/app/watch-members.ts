import { Refreshed } from '../client/refreshed.ts'
import { monotonicMs } from './timing.ts'

/**
 * Whether daemons had an item in a list of theirs when it was last read, which is done again every
 * `refreshMs`. Nobody waits: before it was read once, they have nothing.
 */
export function watchMembers<T>(
  refreshMs: number,
  list: () => Promise<readonly T[]>,
): (item: T) => boolean {
  const load = async (): Promise<ReadonlySet<T>> => new Set(await list())
  const members = new Refreshed({ load, refreshMs, now: monotonicMs })
  return (item) => members.last?.has(item) ?? false
}
