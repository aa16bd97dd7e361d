import { crc32 } from 'node:zlib'
import { EdgeError } from '../errors.ts'
import type { Checksum, Facts, ReplicaBody } from '../resolver/resolver.ts'

/** The checksum of bytes as they pass. */
export class RunningChecksum {
  readonly #expected: Checksum
  #value = 0

  constructor(expected: Checksum) {
    this.#expected = expected
  }

  update(chunk: Buffer): void {
    this.#value = crc32(chunk, this.#value)
  }

  get isRight(): boolean {
    return this.#value === this.#expected.value
  }
}

export function wrongContent(host: string, what: string): EdgeError {
  return new EdgeError('wrong_content', `${host} gave wrong content: ${what}`, { host })
}

/**
 * All of a small body in memory, its length and checksum as the facts say.
 * @throws EdgeError wrong_content, and what the body throws
 */
export async function readVerified(body: ReplicaBody, facts: Facts, host: string): Promise<Buffer> {
  requireLength(body, facts.size, host)
  const content = await gather(body.chunks)
  if (content.length !== facts.size) {
    throw wrongContent(host, `${content.length} bytes of ${facts.size}`)
  }
  if (facts.checksum === null) return content
  const checksum = new RunningChecksum(facts.checksum)
  checksum.update(content)
  if (!checksum.isRight) throw wrongContent(host, 'the checksum is not the one in the id')
  return content
}

/** What came in one chunk is taken as it is. */
async function gather(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const chunk of chunks) parts.push(chunk)
  const [first] = parts
  return first !== undefined && parts.length === 1 ? first : Buffer.concat(parts)
}

/** Gives the body up when it is not as long as it must be. */
export function requireLength(body: ReplicaBody, length: number, host: string): void {
  if (body.length === length) return
  body.cancel()
  throw wrongContent(host, `${body.length} bytes where ${length} are due`)
}
