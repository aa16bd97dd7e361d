import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Opened } from '../../transfer/transfer.ts'
import { withProgress } from '../progress.ts'

/** Writes a file, under a temporary name until it is whole; `-` is standard output. */
export async function save({ facts, body }: Opened, path: string): Promise<void> {
  const chunks = Buffer.isBuffer(body) ? Readable.from([body]) : copyChunks(body)
  const label = basename(path)
  const source = withProgress(chunks, { total: facts.size, label })
  if (path === '-') {
    await pipeline(source, process.stdout, { end: false })
    return
  }
  const temporary = join(dirname(path), `.${label}.${process.pid}.part`)
  try {
    await pipeline(source, createWriteStream(temporary))
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

/** A file stream may hold on to a chunk for longer than the chunk is valid. */
async function* copyChunks(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  for await (const chunk of chunks) yield Buffer.from(chunk)
}
