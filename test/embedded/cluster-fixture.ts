import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type EmbeddedFastdfs,
  type EmbeddedFastdfsOptions,
  type FdfsStoraged,
  startEmbeddedFastdfs,
} from '../../src/embedded/embedded-fastdfs.ts'
import { COMMAND } from '../../src/wire/fastdfs/commands.ts'
import { encodeDownload, UPLOAD, UPLOAD_SLAVE } from '../../src/wire/fastdfs/storage-messages.ts'
import { decodeFileName, encodeFileName } from '../../src/wire/fastdfs/tracker-messages.ts'
import { type Answer, askOnce } from './wire-peer.ts'

export const GROUP = 'group1'

export interface TestContext {
  after(fn: () => unknown): void
}

export async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'dfs-edge-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** A cluster with one group and one storage on free ports, unless `options` say otherwise. */
export async function startCluster(
  t: TestContext,
  options: Partial<EmbeddedFastdfsOptions> = {},
): Promise<EmbeddedFastdfs> {
  const dataDir = options.dataDir ?? (await temporaryFolder(t))
  const cluster = await startEmbeddedFastdfs({
    tracker: { host: '127.0.0.1', port: 0 },
    groups: [{ groupName: GROUP, storages: [{ host: '127.0.0.1', port: 0 }] }],
    onError: (error) => assert.fail(`the store met an error of its own: ${error}`),
    ...options,
    dataDir,
  })
  t.after(() => cluster.close())
  return cluster
}

export function storageOf(cluster: EmbeddedFastdfs, index = 0): FdfsStoraged {
  const storage = cluster.storages[index]
  assert.ok(storage, `there is no storage ${index}`)
  return storage
}

export function uploadBody(content: Buffer, { extName = 'jpg', storePathIndex = 0 } = {}): Buffer {
  const head = UPLOAD.head.encode({ storePathIndex, size: content.length, extName })
  return Buffer.concat([head, content])
}

/** Uploads over the wire; the filename `M00/..` that the storage gave. */
export async function upload(
  { address }: FdfsStoraged,
  content: Buffer,
  options: { extName?: string; storePathIndex?: number; isAppender?: boolean } = {},
): Promise<string> {
  const command = options.isAppender ? COMMAND.UPLOAD_APPENDER_FILE : COMMAND.UPLOAD_FILE
  const { status, body } = await askOnce(address, command, uploadBody(content, options))
  assert.equal(status, 0, 'status of the upload')
  return decodeFileName(body).filename
}

export function slaveBody(
  master: string,
  content: Buffer,
  { prefix = '_s', extName = 'jpg' } = {},
): Buffer {
  const name = Buffer.from(master)
  const lengths = { masterLength: name.length, size: content.length }
  const head = UPLOAD_SLAVE.head.encode({ ...lengths, prefix, extName })
  return Buffer.concat([head, name, content])
}

export function nameBody(filename: string, groupName = GROUP): Buffer {
  return encodeFileName({ groupName, filename })
}

export function downloadBody(filename: string, { offset = 0, length = 0 } = {}): Buffer {
  return encodeDownload({ groupName: GROUP, filename, offset, length })
}

export function download(
  { address }: FdfsStoraged,
  filename: string,
  part?: { offset?: number; length?: number },
): Promise<Answer> {
  return askOnce(address, COMMAND.DOWNLOAD_FILE, downloadBody(filename, part))
}

/** Every file below a folder, its path relative to it. */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort()
}
