import { EdgeError } from '../../errors.ts'
import { COMMAND } from '../../wire/fastdfs/commands.ts'
import { HEADER } from '../../wire/fastdfs/header.ts'
import { STATUS } from '../../wire/fastdfs/status.ts'
import { decodeDownload } from '../../wire/fastdfs/storage-messages.ts'
import type { Connection } from './connection.ts'
import { sendFaultily } from './faulty-download.ts'
import { readAt } from './open-files.ts'
import { type Reply, type Request, refusal } from './request.ts'
import { requireGroup, type StorageContext } from './storage-context.ts'
import { isContentFaulty, isMissing } from './storage-faults.ts'
import { type StoredContent, withContent } from './stored-content.ts'

/** Bytes `position` to `position + size` of `content.file`, to be sent. */
export interface Part {
  readonly content: StoredContent
  readonly position: number
  readonly size: number
}

/** Up to this size header and content go out in one write. */
const MAX_WHOLE_BYTES = 1024 * 1024
const CHUNK_BYTES = 512 * 1024

/** DOWNLOAD_FILE: offset beyond the end is EINVAL, a length beyond it is cut (since 6.15.4). */
export async function download(
  storage: StorageContext,
  request: Request,
): Promise<Reply | undefined> {
  const { groupName, filename, offset, length } = decodeDownload(await request.body.whole())
  requireGroup(storage, groupName)
  const name = storage.store.nameOf(filename)
  if (storage.faults.status !== undefined) return refusal(storage.faults.status)
  if (isMissing(storage.faults, filename)) return refusal(STATUS.ENOENT)
  return await withContent(storage, name, async (content) => {
    // So an empty file cannot be downloaded, as upstream has it.
    if (offset < 0 || length < 0 || offset >= content.size) return refusal(STATUS.EINVAL)
    const rest = content.size - offset
    const size = length === 0 ? rest : Math.min(length, rest)
    await send(storage, request.connection, { content, position: content.start + offset, size })
    storage.stats.addBytes('Download', size)
    return undefined
  })
}

function send(storage: StorageContext, connection: Connection, part: Part): Promise<void> {
  if (isContentFaulty(storage.faults)) return sendFaultily(storage.faults, connection, part)
  return part.size <= MAX_WHOLE_BYTES ? sendWhole(connection, part) : sendChunks(connection, part)
}

async function sendWhole(connection: Connection, { content, position, size }: Part): Promise<void> {
  const frame = connection.frame(HEADER.size + size)
  HEADER.write(frame, 0, { bodyLength: size, command: COMMAND.RESPONSE, status: STATUS.OK })
  const count = await readAt(content.file, frame, { offset: HEADER.size, size, position })
  if (count < size) throw shrunk(content)
  await connection.write(frame)
}

/** While one chunk goes out the next is read into a second buffer. */
async function sendChunks(connection: Connection, part: Part): Promise<void> {
  const header = { bodyLength: part.size, command: COMMAND.RESPONSE, status: STATUS.OK }
  const buffers = [Buffer.allocUnsafe(CHUNK_BYTES), Buffer.allocUnsafe(CHUNK_BYTES)] as const
  let chunk = HEADER.encode(header)
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
  const count = await readAt(part.content.file, buffer, { size, position: part.position + done })
  if (count < size) throw shrunk(part.content)
  return buffer.subarray(0, count)
}

/** The announced length cannot be kept any more: only cutting the connection says so. */
function shrunk({ file }: StoredContent): EdgeError {
  return new EdgeError('connection_lost', `${file.path} became shorter while it was sent`)
}

function cutShort(cause: unknown): EdgeError {
  if (cause instanceof EdgeError) return cause
  return new EdgeError('connection_lost', 'a file could not be read to its end', { cause })
}
