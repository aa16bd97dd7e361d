/** File content to send: its length is announced before its bytes. */
export interface Content {
  /** Bytes. */
  readonly size: number
  readonly chunks: AsyncIterable<Buffer> | Iterable<Buffer>
}
