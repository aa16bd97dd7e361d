import { type FileHandle, open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { EdgeError } from '../../errors.ts'
import { parseFileId } from '../../wire/fastdfs/file-id.ts'
import { APPEND, decodeTruncate, MODIFY } from '../../wire/fastdfs/storage-messages.ts'
import { encodeFileName } from '../../wire/fastdfs/tracker-messages.ts'
import { syncFolder, writeAll } from '../temporary-file.ts'
import { answer, DONE, type Reply, type Request, readContentHead } from './request.ts'
import type { StorageContext } from './storage-context.ts'
import { contentCrc32, requireContent, withContent } from './stored-content.ts'
import type { StoredName } from './stored-name.ts'

/** APPEND_FILE: an append that does not arrive whole is taken back. */
export async function appendFile(storage: StorageContext, request: Request): Promise<Reply> {
  const { name } = await readContentHead(request, APPEND)
  await changeAppender(storage, name, async (handle) => {
    const { size } = await handle.stat()
    try {
      await receiveAt(request, handle, size)
    } catch (error) {
      await handle.truncate(size)
      throw error
    }
    storage.stats.addBytes('Append', (await handle.stat()).size - size)
  })
  return DONE
}

/** MODIFY_FILE: overwrites in place, beginning at the present end at the latest. */
export async function modifyFile(storage: StorageContext, request: Request): Promise<Reply> {
  const { head, name } = await readContentHead(request, MODIFY)
  await changeAppender(storage, name, async (handle) => {
    if (head.offset > (await handle.stat()).size) {
      throw new EdgeError('invalid_ref', `${name} ends before byte ${head.offset}`)
    }
    await receiveAt(request, handle, head.offset)
    storage.stats.addBytes('Modify', head.size)
  })
  return DONE
}

/** TRUNCATE_FILE: may also lengthen a file, by NULs, as upstream does. */
export async function truncateFile(storage: StorageContext, request: Request): Promise<Reply> {
  const { filename, size } = decodeTruncate(await request.body.whole())
  await changeAppender(storage, filename, (handle) => handle.truncate(size))
  return DONE
}

/** REGENERATE_APPENDER_FILENAME => filename. The old name is gone with the answer. */
export async function regenerateFilename(
  storage: StorageContext,
  request: Request,
): Promise<Reply> {
  const oldFilename = (await request.body.whole()).toString()
  const { store, groupName } = storage
  const old = store.nameOf(oldFilename)
  const filename = await store.locks.run(old.path, async () => {
    await requireAppender(storage, old)
    const name = await normalName(storage, old)
    await rename(old.path, name.path)
    await rename(old.metadataPath, name.metadataPath).catch(ignoreMissing)
    await syncFolder(dirname(name.path))
    store.openFiles.retire(old.path)
    store.openFiles.retire(old.metadataPath)
    return name.filename
  })
  return answer(encodeFileName({ groupName, filename }))
}

async function normalName(storage: StorageContext, old: StoredName): Promise<StoredName> {
  const { storePathIndex, subdirs } = old
  const createTimestamp = storage.nowSeconds()
  const { size, crc32 } = await withContent(storage, old, async (content) => ({
    size: content.size,
    crc32: await contentCrc32(content),
  }))
  const handle = await open(old.path, 'r+')
  await handle.utimes(createTimestamp, createTimestamp).finally(() => handle.close())
  return await storage.store.unusedName({
    ...{ storePathIndex, subdirs, createTimestamp, size, crc32, source: storage.source },
    isAppender: false,
    extName: extNameOf(old.filename),
  })
}

function extNameOf(filename: string): string {
  const [, extName = ''] = /\.(.*)$/.exec(filename.slice(-7)) ?? []
  return extName
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error
}

async function changeAppender(
  storage: StorageContext,
  filename: string,
  change: (handle: FileHandle) => Promise<void>,
): Promise<void> {
  const name = storage.store.nameOf(filename)
  await storage.store.locks.run(name.path, async () => {
    await requireAppender(storage, name)
    const handle = await open(name.path, 'r+')
    try {
      await change(handle)
      await handle.utimes(storage.nowSeconds(), storage.nowSeconds())
      await handle.sync()
    } finally {
      await handle.close()
    }
  })
}

/** @throws ENOENT; EdgeError invalid_ref for a file of another kind */
async function requireAppender(storage: StorageContext, name: StoredName): Promise<void> {
  await requireContent(storage, name)
  const { groupName } = storage
  if (parseFileId({ groupName, filename: name.filename })?.kind === 'appender') return
  throw new EdgeError('invalid_ref', `${name.filename} is no appender file`)
}

async function receiveAt({ body }: Request, handle: FileHandle, start: number): Promise<void> {
  let position = start
  for await (const chunk of body.content()) {
    await writeAll(handle, chunk, position)
    position += chunk.length
  }
}
