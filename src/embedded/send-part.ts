import { EdgeError } from '../errors.ts'
import type { Connection } from './connection.ts'
import { type ContentFaults, isContentFaulty } from './content-faults.ts'
import { type OpenFile, readAt } from './open-files.ts'
import { sendFaultily } from './send-faultily.ts'

/** `size` bytes of a content, beginning at its byte `offset`. */
export interface Part {
  readonly file: OpenFile
  /** Where the content begins in the file. */
  readonly start: number
  readonly offset: number
  readonly size: number
}

/** What goes before a body of so many bytes. */
export type HeadOf = (size: number) => Buffer

/** Up to this size head and content go out in one write. */
const MAX_WHOLE_BYTES = 1024 * 1024
const CHUNK_BYTES = 512 * 1024

/** Sends a head and the part, with back-pressure. @throws EdgeError connection_lost */
export async function sendPart(
  connection: Connection,
  part: Part,
  { headOf, faults }: { readonly headOf: HeadOf; readonly faults: ContentFaults },
): Promise<void> {
  if (isContentFaulty(faults)) await sendFaultily(connection, part, { headOf, faults })
  else if (part.size <= MAX_WHOLE_BYTES) await sendWhole(connection, part, headOf(part.size))
  else await sendChunks(connection, part, headOf(part.size))
}

async function sendWhole(connection: Connection, part: Part, head: Buffer): Promise<void> {
  const { file, start, offset, size } = part
  const frame = connection.frame(head.length + size)
  head.copy(frame)
  const target = { offset: head.length, size, position: start + offset }
  const count = await readAt(file, frame, target)
  if (count < size) throw shrunk(part)
  await connection.write(frame)
}

/** While one chunk goes out the next is read into a second buffer. */
async function sendChunks(connection: Connection, part: Part, head: Buffer): Promise<void> {
  const buffers = [Buffer.allocUnsafe(CHUNK_BYTES), Buffer.allocUnsafe(CHUNK_BYTES)] as const
  let chunk = head
  for (let done = 0, turn = 0; chunk.length > 0; turn++) {
    const buffer = buffers[turn % 2 === 0 ? 0 : 1]
    const results = [readChunk(part, done, buffer), connection.write(chunk)] as const
    const [next, written] = await Promise.allSettled(results)
    if (written.status === 'rejected') throw written.reason
    if (next.status === 'rejected') throw cutShort(next.reason)
    chunk = next.value
    done += chunk.length
  }
}

/** Empty when all was read. */
export async function readChunk(part: Part, done: number, buffer: Buffer): Promise<Buffer> {
  const size = Math.min(buffer.length, part.size - done)
  const position = part.start + part.offset + done
  const count = await readAt(part.file, buffer, { size, position })
  if (count < size) throw shrunk(part)
  return buffer.subarray(0, count)
}

/** The announced length cannot be kept any more: only cutting the connection says so. */
function shrunk({ file }: Part): EdgeError {
  return new EdgeError('connection_lost', `${file.path} became shorter while it was sent`)
}

function cutShort(cause: unknown): EdgeError {
  if (cause instanceof EdgeError) return cause
  return new EdgeError('connection_lost', 'a file could not be read to its end', { cause })
}
