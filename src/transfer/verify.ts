import { createHash, type Hash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { EdgeError } from '../errors.ts'
import type { Facts, ReplicaBody } from '../resolver/resolver.ts'
import type { Checksum } from '../wire/checksum.ts'

/** The checksum of bytes as they pass; asked for once, at their end. */
export interface RunningChecksum {
  update(chunk: Buffer): void
  isRight(): boolean
}

export function startChecksum(expected: Checksum): RunningChecksum {
  return expected.algorithm === 'crc32'
    ? new RunningCrc32(expected.value)
    : new RunningHash(createHash(expected.algorithm), expected.value)
}

class RunningCrc32 implements RunningChecksum {
  readonly #expected: number
  #value = 0

  constructor(expected: number) {
    this.#expected = expected
  }

  update(chunk: Buffer): void {
    this.#value = crc32(chunk, this.#value)
  }

  isRight(): boolean {
    return this.#value === this.#expected
  }
}

class RunningHash implements RunningChecksum {
  readonly #hash: Hash
  readonly #expected: string

  constructor(hash: Hash, expected: string) {
    this.#hash = hash
    this.#expected = expected
  }

  update(chunk: Buffer): void {
    this.#hash.update(chunk)
  }

  isRight(): boolean {
    return this.#hash.digest('hex') === this.#expected
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
  const checksum = startChecksum(facts.checksum)
  checksum.update(content)
  if (!checksum.isRight()) throw wrongContent(host, 'its checksum is another one')
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
