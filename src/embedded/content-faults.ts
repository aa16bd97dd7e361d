/** How the content of a file may be sent. */
export interface ContentFaults {
  /** The connection ends after so many bytes of each longer download. */
  readonly cutAfterBytes?: number | undefined
  /** In downloads that hold the byte at this offset of the file, it is wrong. */
  readonly wrongByteAt?: number | undefined
  /** Downloads are so many bytes longer (NULs follow) or, below zero, shorter than they should be. */
  readonly wrongLength?: number | undefined
  /** Downloads are no faster. */
  readonly bytesPerSecond?: number | undefined
}

/** Whether the content of downloads is not to be sent as it is. */
export function isContentFaulty(faults: ContentFaults): boolean {
  const { cutAfterBytes, wrongByteAt, wrongLength, bytesPerSecond } = faults
  return [cutAfterBytes, wrongByteAt, wrongLength, bytesPerSecond].some((it) => it !== undefined)
}
