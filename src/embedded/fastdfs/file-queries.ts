import { readFile, rm, unlink } from 'node:fs/promises'
import { type FileId, parseFileId } from '../../wire/fastdfs/file-id.ts'
import { decodeMetadata, encodeMetadata } from '../../wire/fastdfs/metadata.ts'
import { STATUS } from '../../wire/fastdfs/status.ts'
import {
  decodeSetMetadata,
  encodeFileInfo,
  FILE_INFO_FLAG,
  type SetMetadataRequest,
} from '../../wire/fastdfs/storage-messages.ts'
import { decodeFileName } from '../../wire/fastdfs/tracker-messages.ts'
import { answer, DONE, type Reply, type Request, refusal } from './request.ts'
import { requireGroup, type StorageContext } from './storage-context.ts'
import { isMissing } from './storage-faults.ts'
import { contentCrc32, freeTrunkSlot, requireContent, withContent } from './stored-content.ts'
import type { StoredName } from './stored-name.ts'

/** A name of a plain file has exactly so many characters, and slaves as short pass for one. */
const PLAIN_NAME_CHARS = 44
const ENCODED_CHARS = 27
const ANY_SUFFIX = '0000000'

const EMPTY = Buffer.alloc(0)

async function readName(storage: StorageContext, request: Request): Promise<StoredName> {
  const { groupName, filename } = decodeFileName(await request.body.whole())
  requireGroup(storage, groupName)
  return storage.store.nameOf(filename)
}

/** QUERY_FILE_INFO: size and mtime from the disk, crc32 and source from the id where it has them. */
export async function queryFileInfo(storage: StorageContext, request: Request): Promise<Reply> {
  const name = await readName(storage, request)
  const { groupName, addressWidth } = storage
  const id = parseFileId({ groupName, filename: name.filename })
  if (id === undefined && name.filename.length >= PLAIN_NAME_CHARS) return refusal(STATUS.EINVAL)
  if (isMissing(storage.faults, name.filename)) return refusal(STATUS.ENOENT)
  return await withContent(storage, name, async (content) => {
    const isUnwanted = (request.flags & FILE_INFO_FLAG.NOT_CALC_CRC32) !== 0
    const crc32 = crc32OfId(id) ?? (isUnwanted ? 0 : await contentCrc32(content))
    const { size, modified } = content
    const sourceIpAddr = id?.sourceIp ?? storage.ipAddrOf(id?.sourceId ?? 0) ?? ''
    return answer(encodeFileInfo({ size, modified, crc32, sourceIpAddr }, addressWidth))
  })
}

/**
 * A slave is known only by a name longer than a plain file's: of one with 44 characters the crc32
 * is its master's, as the id holds it.
 */
function crc32OfId(id: FileId | undefined): number | null {
  if (id === undefined || id.kind !== 'slave') return id?.crc32 ?? null
  if (id.filename.length > PLAIN_NAME_CHARS) return null
  const encodedEnd = id.filename.lastIndexOf('/') + 1 + ENCODED_CHARS
  const filename = id.filename.slice(0, encodedEnd) + ANY_SUFFIX
  return parseFileId({ groupName: id.groupName, filename })?.crc32 ?? null
}

/** GET_METADATA: of an unknown file as of one without metadata ENOENT. */
export async function getMetadata(storage: StorageContext, request: Request): Promise<Reply> {
  const name = await readName(storage, request)
  await requireContent(storage, name)
  return answer(await readFile(name.metadataPath))
}

/** SET_METADATA: `O` replaces, and without any metadata removes; `M` merges. */
export async function setMetadata(storage: StorageContext, request: Request): Promise<Reply> {
  const asked = decodeSetMetadata(await request.body.whole())
  requireGroup(storage, asked.groupName)
  const name = storage.store.nameOf(asked.filename)
  await storage.store.locks.run(name.path, async () => {
    await requireContent(storage, name)
    const bytes = await newMetadata(name, asked)
    if (bytes.length > 0) await writeMetadata(storage, name, bytes)
    else await rm(name.metadataPath, { force: true })
    storage.store.openFiles.retire(name.metadataPath)
  })
  return DONE
}

async function newMetadata(
  name: StoredName,
  { flag, metadata }: SetMetadataRequest,
): Promise<Buffer> {
  const old = flag === 'O' ? EMPTY : await readFile(name.metadataPath).catch(() => EMPTY)
  const pairs = [...decodeMetadata(old, 'latin1'), ...decodeMetadata(metadata, 'latin1')]
  return encodeMetadata(new Map(pairs), 'latin1')
}

async function writeMetadata(
  { store, nowSeconds }: StorageContext,
  name: StoredName,
  bytes: Buffer,
): Promise<void> {
  await store.withTemporary(name.storePathIndex, async (file) => {
    await file.write(bytes)
    await store.makeFolder(name)
    await file.commit(name.metadataPath, nowSeconds())
  })
}

/** DELETE_FILE: its metadata goes with it, its slaves stay. */
export async function deleteFile(storage: StorageContext, request: Request): Promise<Reply> {
  const name = await readName(storage, request)
  const { openFiles, locks } = storage.store
  await locks.run(name.path, async () => {
    if (!(await freeTrunkSlot(storage, name))) await unlink(name.path)
    await rm(name.metadataPath, { force: true })
  })
  openFiles.retire(name.path)
  openFiles.retire(name.metadataPath)
  return DONE
}
