import { Readable } from 'node:stream'
import { EdgeError } from '../errors.ts'
import type { Content } from './content.ts'

/** Content as the body of a request: as long as announced, and telling when a piece of it is taken. */
export class Sending {
  /** Null for empty content. */
  readonly body: Readable | null
  onProgress: () => void = () => undefined
  readonly #content: Content

  constructor(content: Content) {
    this.#content = content
    this.body = content.size === 0 ? null : Readable.from(this.#chunks(), { highWaterMark: 1 })
  }

  async *#chunks(): AsyncGenerator<Buffer, void, undefined> {
    const { size, chunks } = this.#content
    let sent = 0
    for await (const chunk of chunks) {
      sent += chunk.length
      if (sent > size) break
      this.onProgress()
      yield chunk
    }
    if (sent === size) return
    throw new EdgeError('local_file', `the content changed while it was sent: ${sent} of ${size}`)
  }
}
