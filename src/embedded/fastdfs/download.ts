import { COMMAND } from '../../wire/fastdfs/commands.ts'
import { HEADER } from '../../wire/fastdfs/header.ts'
import { STATUS } from '../../wire/fastdfs/status.ts'
import { decodeDownload } from '../../wire/fastdfs/storage-messages.ts'
import { sendPart } from '../send-part.ts'
import { type Reply, type Request, refusal } from './request.ts'
import { requireGroup, type StorageContext } from './storage-context.ts'
import { isMissing } from './storage-faults.ts'
import { withContent } from './stored-content.ts'

/** DOWNLOAD_FILE: offset beyond the end is EINVAL, a length beyond it is cut (since 6.15.4). */
export async function download(
  storage: StorageContext,
  request: Request,
): Promise<Reply | undefined> {
  const { groupName, filename, offset, length } = decodeDownload(await request.body.whole())
  const { faults } = storage
  requireGroup(storage, groupName)
  const name = storage.store.nameOf(filename)
  if (faults.status !== undefined) return refusal(faults.status)
  if (isMissing(faults, filename)) return refusal(STATUS.ENOENT)
  return await withContent(storage, name, async ({ file, start, size: wholeSize }) => {
    // So an empty file cannot be downloaded, as upstream has it.
    if (offset < 0 || length < 0 || offset >= wholeSize) return refusal(STATUS.EINVAL)
    const rest = wholeSize - offset
    const size = length === 0 ? rest : Math.min(length, rest)
    await sendPart(request.connection, { file, start, offset, size }, { headOf, faults })
    storage.stats.addBytes('Download', size)
    return undefined
  })
}

function headOf(bodyLength: number): Buffer {
  return HEADER.encode({ bodyLength, command: COMMAND.RESPONSE, status: STATUS.OK })
}
