import { COMMAND } from '../../wire/fastdfs/commands.ts'
import { HEADER } from '../../wire/fastdfs/header.ts'
import { STATUS } from '../../wire/fastdfs/status.ts'
import type { Connection } from './connection.ts'
import { type Part, readChunk } from './download.ts'
import type { StorageFaults } from './storage-faults.ts'

const CHUNK_BYTES = 64 * 1024
const CHUNKS_PER_SECOND = 50

/** Sends content as the faults want it: cut, too long or short, with a wrong byte, slowly. */
export async function sendFaultily(
  faults: StorageFaults,
  connection: Connection,
  part: Part,
): Promise<void> {
  const size = Math.max(0, part.size + (faults.wrongLength ?? 0))
  const header = { bodyLength: size, command: COMMAND.RESPONSE, status: STATUS.OK }
  await connection.write(HEADER.encode(header))
  const end = Math.min(size, faults.cutAfterBytes ?? size)
  const buffer = Buffer.alloc(chunkBytes(faults))
  for (let done = 0; done < end && connection.isOpen; ) {
    const chunk = (await paddedChunk(part, done, buffer)).subarray(0, end - done)
    spoil(chunk, part.position - part.content.start + done, faults.wrongByteAt)
    await connection.write(chunk)
    done += chunk.length
    if (faults.bytesPerSecond !== undefined && done < end) {
      await connection.delay((chunk.length / faults.bytesPerSecond) * 1000)
    }
  }
  if (end < size) connection.finish()
}

function chunkBytes({ bytesPerSecond = Infinity }: StorageFaults): number {
  return Math.min(CHUNK_BYTES, Math.max(1, Math.floor(bytesPerSecond / CHUNKS_PER_SECOND)))
}

/** NULs where the file has ended. */
async function paddedChunk(part: Part, done: number, buffer: Buffer): Promise<Buffer> {
  if (done < part.size) return await readChunk(part, done, buffer)
  return buffer.fill(0)
}

/** `offset` is where the chunk begins in the file. */
function spoil(chunk: Buffer, offset: number, wrongByteAt: number | undefined): void {
  const index = (wrongByteAt ?? -1) - offset
  if (index >= 0 && index < chunk.length) chunk.writeUInt8(chunk.readUInt8(index) ^ 0xff, index)
}
