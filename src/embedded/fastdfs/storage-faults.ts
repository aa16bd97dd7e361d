/** How a storage misbehaves, for tests of those who ask it. Each may be switched at any time. */
export interface StorageFaults {
  /** Connections are reset as soon as they are accepted. For a closed port see `stop()`. */
  readonly refuse?: boolean | undefined
  /** Requests are read and never answered. */
  readonly hang?: boolean | undefined
  /** Requests are answered with random bytes that are no frame. */
  readonly garbage?: boolean | undefined
  /** The connection ends after so many bytes of each longer download. */
  readonly cutAfterBytes?: number | undefined
  /** In downloads that hold the byte at this offset of the file, it is wrong. */
  readonly wrongByteAt?: number | undefined
  /** Downloads are so many bytes longer (NULs follow) or, below zero, shorter than they should be. */
  readonly wrongLength?: number | undefined
  /** Downloads are no faster. */
  readonly bytesPerSecond?: number | undefined
  /** Filenames (`M00/00/00/..`) that this storage says it does not have. */
  readonly missing?: ReadonlySet<string> | ((filename: string) => boolean) | undefined
  /** Downloads are answered with this status. */
  readonly status?: number | undefined
}

export function isMissing({ missing }: StorageFaults, filename: string): boolean {
  if (missing === undefined) return false
  return typeof missing === 'function' ? missing(filename) : missing.has(filename)
}

/** Whether the content of downloads is not to be sent as it is. */
export function isContentFaulty(faults: StorageFaults): boolean {
  const { cutAfterBytes, wrongByteAt, wrongLength, bytesPerSecond } = faults
  return [cutAfterBytes, wrongByteAt, wrongLength, bytesPerSecond].some((it) => it !== undefined)
}
