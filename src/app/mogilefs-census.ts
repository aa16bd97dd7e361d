import type { MogilefsTracker } from '../client/mogilefs-tracker.ts'
import type { ListedFid } from '../wire/mogilefs/file-messages.ts'

/** Files of one class, counted. */
export interface ClassCount {
  readonly domain: string
  readonly className: string
  readonly files: number
  /** Bytes of the files, each counted once. */
  readonly bytes: number
  /** By the trackers' count, which lags a little behind. */
  readonly copies: number
  /** Bytes of all copies. */
  readonly storedBytes: number
}

export interface Census {
  readonly classes: readonly ClassCount[]
  /** False: there are more files than were to be counted. */
  readonly isComplete: boolean
}

/** Trackers give no more at a time. */
const PAGE_MAX = 500

/** Counts the files that the trackers list, at most so many. @param maxFiles from 1 on */
export async function countFiles(
  tracker: MogilefsTracker,
  maxFiles: number,
  signal: AbortSignal,
): Promise<Census> {
  const classes = new Map<string, ClassCount>()
  let from = 0
  for (let left = maxFiles; left > 0; ) {
    const count = Math.min(left, PAGE_MAX)
    const page = (await tracker.listFids({ from, count }, signal)).filter(({ fid }) => fid > from)
    for (const file of page) add(classes, file)
    if (page.length === 0) return { classes: sorted(classes), isComplete: true }
    from = Math.max(...page.map(({ fid }) => fid))
    left -= page.length
  }
  const more = await tracker.listFids({ from, count: 1 }, signal)
  return { classes: sorted(classes), isComplete: more.length === 0 }
}

function add(classes: Map<string, ClassCount>, file: ListedFid): void {
  const { domain, className, length, devcount } = file
  const name = JSON.stringify([domain, className])
  const { files = 0, bytes = 0, copies = 0, storedBytes = 0 } = classes.get(name) ?? {}
  classes.set(name, {
    domain,
    className,
    files: files + 1,
    bytes: bytes + length,
    copies: copies + devcount,
    storedBytes: storedBytes + length * devcount,
  })
}

function sorted(classes: ReadonlyMap<string, ClassCount>): readonly ClassCount[] {
  return [...classes].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, count]) => count)
}
