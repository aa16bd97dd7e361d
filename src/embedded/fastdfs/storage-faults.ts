import type { ContentFaults } from '../content-faults.ts'
import type { DaemonFaults } from '../daemon-faults.ts'

/** How a storage misbehaves, for tests of those who ask it. Each may be switched at any time. */
export interface StorageFaults extends DaemonFaults, ContentFaults {
  /** Filenames (`M00/00/00/..`) that this storage says it does not have. */
  readonly missing?: ReadonlySet<string> | ((filename: string) => boolean) | undefined
  /** Downloads are answered with this status. */
  readonly status?: number | undefined
  /** Its tracker hears nothing of it and takes it for OFFLINE, though it answers all who ask. */
  readonly isUnheard?: boolean | undefined
}

export function isMissing({ missing }: StorageFaults, filename: string): boolean {
  if (missing === undefined) return false
  return typeof missing === 'function' ? missing(filename) : missing.has(filename)
}
