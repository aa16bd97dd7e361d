import type { DaemonFaults } from '../daemon-faults.ts'

/** How a tracker misbehaves, for tests of those who ask it. Each may be switched at any time. */
export interface MogilefsdFaults extends DaemonFaults {
  /** Every command but NOOP is answered with this error: `failure` is a database that is down. */
  readonly error?: string | undefined
  /** The connection ends after so many bytes of each answer. */
  readonly cutAfterBytes?: number | undefined
  /** What GET_PATHS says in place of the paths that it should. */
  readonly lie?: ((paths: readonly string[]) => readonly string[]) | undefined
}
