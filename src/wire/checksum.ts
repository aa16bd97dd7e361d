/** Of a file's whole content. */
export type Checksum =
  | { readonly algorithm: 'crc32'; readonly value: number }
  /** `value` is lower-case hex. */
  | { readonly algorithm: 'md5' | 'sha1'; readonly value: string }
