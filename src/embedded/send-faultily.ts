import type { Connection } from './connection.ts'
import type { ContentFaults } from './content-faults.ts'
import { type HeadOf, type Part, readChunk } from './send-part.ts'

const CHUNK_BYTES = 64 * 1024
const CHUNKS_PER_SECOND = 50

/** Sends content as the faults want it: cut, too long or short, with a wrong byte, slowly. */
export async function sendFaultily(
  connection: Connection,
  part: Part,
  { headOf, faults }: { readonly headOf: HeadOf; readonly faults: ContentFaults },
): Promise<void> {
  const size = Math.max(0, part.size + (faults.wrongLength ?? 0))
  await connection.write(headOf(size))
  const end = Math.min(size, faults.cutAfterBytes ?? size)
  const buffer = Buffer.alloc(chunkBytes(faults))
  for (let done = 0; done < end && connection.isOpen; ) {
    const chunk = (await paddedChunk(part, done, buffer)).subarray(0, end - done)
    spoil(chunk, part.offset + done, faults.wrongByteAt)
    await connection.write(chunk)
    done += chunk.length
    if (faults.bytesPerSecond !== undefined && done < end) {
      await connection.delay((chunk.length / faults.bytesPerSecond) * 1000)
    }
  }
  if (end < size) connection.finish()
}

function chunkBytes({ bytesPerSecond = Infinity }: ContentFaults): number {
  return Math.min(CHUNK_BYTES, Math.max(1, Math.floor(bytesPerSecond / CHUNKS_PER_SECOND)))
}

/** NULs where the file has ended. */
async function paddedChunk(part: Part, done: number, buffer: Buffer): Promise<Buffer> {
  if (done < part.size) return await readChunk(part, done, buffer)
  return buffer.fill(0)
}

/** `offset` is where the chunk begins in the content. */
function spoil(chunk: Buffer, offset: number, wrongByteAt: number | undefined): void {
  const index = (wrongByteAt ?? -1) - offset
  if (index >= 0 && index < chunk.length) chunk.writeUInt8(chunk.readUInt8(index) ^ 0xff, index)
}
