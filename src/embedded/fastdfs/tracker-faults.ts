import type { ServerAddress } from '../../wire/fastdfs/tracker-messages.ts'

/** How a tracker misbehaves, for tests of those who ask it. Each may be switched at any time. */
export interface TrackerFaults {
  /** Connections are reset as soon as they are accepted. For a closed port see `stop()`. */
  readonly refuse?: boolean | undefined
  /** Requests are read and never answered. */
  readonly hang?: boolean | undefined
  /** Requests are answered with random bytes that are no frame. */
  readonly garbage?: boolean | undefined
  /** What is listed in place of the servers that should be; the answers of 101 to 107 pass here. */
  readonly lie?: ((servers: readonly ServerAddress[]) => readonly ServerAddress[]) | undefined
  /** Every query for a file or a group is answered with this status. */
  readonly status?: number | undefined
}
