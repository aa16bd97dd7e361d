import { HttpStorage, type HttpStorageOptions } from '../../src/client/http-storage.ts'
import type { FidUrl } from '../../src/wire/mogilefs/fid-path.ts'
import {
  type ScriptedStorage,
  type StorageRequest,
  startStorage,
} from '../support/scripted-storage.ts'

export const { signal } = new AbortController()
export const PATH = '/dev1/0/000/000/0000000003.fid'

export function storageOf(
  t: { after(fn: () => unknown): void },
  options: Partial<HttpStorageOptions> = {},
): HttpStorage {
  const storage = new HttpStorage({
    maxConnections: 4,
    connectTimeoutMs: 2000,
    firstAnswerMs: 5000,
    networkTimeoutMs: 5000,
    idleMs: 20_000,
    ...options,
  })
  t.after(() => storage.close())
  return storage
}

/** One storage that answers as a test says, and its client. */
export async function start(
  t: { after(fn: () => unknown): void },
  answer: (request: StorageRequest) => string | Buffer | undefined,
  options: Partial<HttpStorageOptions> = {},
): Promise<{ daemon: ScriptedStorage; copy: FidUrl; storage: HttpStorage }> {
  const daemon = await startStorage(answer)
  const storage = storageOf(t, options)
  t.after(() => daemon.close())
  return { daemon, storage, copy: { ...daemon.address, devid: 1, fid: 3 } }
}

export async function contentOf(
  body: { readonly chunks: AsyncIterable<Buffer> } | null,
): Promise<Buffer | null> {
  return body && Buffer.concat(await Array.fromAsync(body.chunks))
}
