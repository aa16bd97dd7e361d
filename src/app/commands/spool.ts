import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { formatBytes } from '../../admin/byte-text.ts'
import { CommandError } from '../exit-code.ts'

const SPOOL_MAX_BYTES = 4 * 1024 ** 3

/**
 * Gives `use` a file with all of the standard input. A storage wants to know the length first, and
 * may fail: then the same bytes go to another one.
 */
export async function withSpooledInput<T>(use: (path: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'dfs-edge-input-'))
  try {
    const path = join(folder, 'content')
    await pipeline(process.stdin, bounded, createWriteStream(path, { mode: 0o600 }))
    return await use(path)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function* bounded(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  let bytes = 0
  for await (const chunk of chunks) {
    bytes += chunk.length
    if (bytes > SPOOL_MAX_BYTES) {
      const limit = formatBytes(SPOOL_MAX_BYTES)
      throw new CommandError(`standard input has more than ${limit}: put it into a file first`)
    }
    yield chunk
  }
}
