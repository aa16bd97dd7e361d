import type { ServerAddress } from '../../wire/fastdfs/tracker-messages.ts'
import type { DaemonFaults } from '../daemon-faults.ts'

/** How a tracker misbehaves, for tests of those who ask it. Each may be switched at any time. */
export interface TrackerFaults extends DaemonFaults {
  /** What is listed in place of the servers that should be; the answers of 92 and 101 to 107 pass here. */
  readonly lie?: ((servers: readonly ServerAddress[]) => readonly ServerAddress[]) | undefined
  /** FETCH_ALL names the source alone, as it does of a file that may not have come to the others yet. */
  readonly isBehind?: boolean | undefined
  /** Every query for a file or a group is answered with this status. */
  readonly status?: number | undefined
}
