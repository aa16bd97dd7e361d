import { crc32 } from 'node:zlib'
import { EdgeError } from '../../errors.ts'
import { createSlaveFilename, parseFileId } from '../../wire/fastdfs/file-id.ts'
import { STATUS } from '../../wire/fastdfs/status.ts'
import { ANY_STORE_PATH, UPLOAD, UPLOAD_SLAVE } from '../../wire/fastdfs/storage-messages.ts'
import { encodeFileName } from '../../wire/fastdfs/tracker-messages.ts'
import type { TemporaryFile } from '../temporary-file.ts'
import { answer, type Reply, type Request, readContentHead, refusal } from './request.ts'
import type { StorageCommand, StorageContext } from './storage-context.ts'
import { requireContent } from './stored-content.ts'
import type { StoredName } from './stored-name.ts'

export const upload: StorageCommand = (storage, request) =>
  uploadNew(storage, request, { isAppender: false })

export const uploadAppender: StorageCommand = (storage, request) =>
  uploadNew(storage, request, { isAppender: true })

async function uploadNew(
  storage: StorageContext,
  request: Request,
  { isAppender }: { isAppender: boolean },
): Promise<Reply> {
  const { head } = await readContentHead(request, UPLOAD)
  requireExtName(head.extName)
  const { store } = storage
  const isFree = head.storePathIndex === ANY_STORE_PATH
  const storePathIndex = isFree ? store.nextStorePath() : head.storePathIndex
  if (!(await hasRoom(storage, head.size))) return refusal(STATUS.ENOSPC)
  return await store.withTemporary(storePathIndex, async (content) => {
    const contentCrc32 = await receive(storage, request, content)
    const filename = await store.commitNew(content, storePathIndex, {
      source: storage.source,
      createTimestamp: storage.nowSeconds(),
      // An appender's size is for its storage to say; its crc32 stays that of its first content.
      size: isAppender ? 0 : content.size,
      crc32: contentCrc32,
      isAppender,
      extName: head.extName,
    })
    return named(storage, filename)
  })
}

/** UPLOAD_SLAVE_FILE: the master must be there, the slave must not. */
export async function uploadSlave(storage: StorageContext, request: Request): Promise<Reply> {
  const { head, name: master } = await readContentHead(request, UPLOAD_SLAVE)
  requireExtName(head.extName)
  const name = slaveName(storage, master, head)
  await requireContent(storage, storage.store.nameOf(master))
  if (await storage.store.exists(name)) return refusal(STATUS.EEXIST)
  if (!(await hasRoom(storage, head.size))) return refusal(STATUS.ENOSPC)
  return await storage.store.withTemporary(name.storePathIndex, async (content) => {
    await receive(storage, request, content)
    if (await storage.store.commitIfNew(content, name, storage.nowSeconds())) {
      return named(storage, name.filename)
    }
    await content.discard()
    return refusal(STATUS.EEXIST)
  })
}

/** @throws EdgeError invalid_ref when master and prefix make no name of a slave */
function slaveName(
  { groupName, store }: StorageContext,
  master: string,
  { prefix, extName }: { readonly prefix: string; readonly extName: string },
): StoredName {
  const masterName = { groupName, filename: master }
  const filename = createSlaveFilename(masterName, prefix, extName)
  const isLikeMaster = prefix === '' && filename.length === master.length
  const isId = parseFileId(masterName) !== undefined && parseFileId({ groupName, filename })
  if (isLikeMaster || !isId) throw new EdgeError('invalid_ref', `"${filename}" is no slave's name`)
  return store.nameOf(filename)
}

/** The crc32 of what was received. */
async function receive(
  { stats }: StorageContext,
  { body }: Request,
  content: TemporaryFile,
): Promise<number> {
  let sum = 0
  for await (const chunk of body.content()) {
    await content.write(chunk)
    sum = crc32(chunk, sum)
  }
  stats.addBytes('Upload', content.size)
  return sum
}

function requireExtName(extName: string): void {
  if (/^[A-Za-z0-9_.-]*$/.test(extName)) return
  throw new EdgeError('invalid_ref', `"${extName}" is no extension`)
}

/** Refuses before the first byte what cannot fit; what fills the disk meanwhile fails on writing. */
async function hasRoom({ store }: StorageContext, size: number): Promise<boolean> {
  const { freeBytes } = await store.diskSpace()
  return size <= freeBytes
}

function named({ groupName }: StorageContext, filename: string): Reply {
  return answer(encodeFileName({ groupName, filename }))
}
