import { constants, createReadStream } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Content } from '../../client/content.ts'
import { CommandError } from '../exit-code.ts'
import { withProgress } from '../progress.ts'

/** A local file as content to send, with a progress bar on a terminal. It is opened when it is sent. */
export async function readContent(path: string, label = basename(path)): Promise<Content> {
  const size = await sizeOf(path).catch((cause) => {
    throw new CommandError(`cannot read ${path}: ${cause.code ?? cause.message}`)
  })
  if (size === null) throw new CommandError(`${path} is not a file`)
  return { size, chunks: withProgress(readChunks(path), { total: size, label }) }
}

/** Null for what is no file. */
async function sizeOf(path: string): Promise<number | null> {
  await access(path, constants.R_OK)
  const stats = await stat(path)
  return stats.isFile() ? stats.size : null
}

async function* readChunks(path: string): AsyncGenerator<Buffer, void, undefined> {
  yield* createReadStream(path, { highWaterMark: 256 * 1024 })
}
