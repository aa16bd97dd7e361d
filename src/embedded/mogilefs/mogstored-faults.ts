import type { ContentFaults } from '../content-faults.ts'
import type { DaemonFaults } from '../daemon-faults.ts'

/** How a mogstored misbehaves, for tests of those who ask it. Each may be switched at any time. */
export interface MogstoredFaults extends DaemonFaults, ContentFaults {
  /** Paths (`/dev1/0/000/000/0000000003.fid`) that it says it does not have. */
  readonly missing?: ReadonlySet<string> | ((path: string) => boolean) | undefined
  /** Every request is answered with this status, such as 500. */
  readonly status?: number | undefined
  /** Requests for a range get the whole file. */
  readonly ignoreRange?: boolean | undefined
  /** What 206 answers say of themselves, such as `bytes 1-5/13`. */
  readonly wrongContentRange?: string | undefined
}

export function isMissing({ missing }: MogstoredFaults, path: string): boolean {
  if (missing === undefined) return false
  return typeof missing === 'function' ? missing(path) : missing.has(path)
}
