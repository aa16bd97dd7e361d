import { Presets, SingleBar } from 'cli-progress'
import { formatBytes } from '../admin/byte-text.ts'

/** A transfer that is done sooner gets no bar. */
const QUIET_MS = 1000

/** Passes chunks on and, on a terminal, shows how far they are once that takes more than a second. */
export async function* withProgress(
  chunks: AsyncIterable<Buffer>,
  { total, label }: { total: number; label: string },
): AsyncGenerator<Buffer, void, undefined> {
  if (!process.stderr.isTTY) {
    yield* chunks
    return
  }
  const bar = new SingleBar(
    {
      stream: process.stderr,
      format: `${label} {bar} {percentage}% of {size}, {eta_formatted} left`,
      clearOnComplete: true,
    },
    Presets.shades_classic,
  )
  const startsAt = performance.now() + QUIET_MS
  let done = 0
  try {
    for await (const chunk of chunks) {
      yield chunk
      done += chunk.length
      if (bar.isActive) bar.update(done)
      else if (performance.now() > startsAt) bar.start(total, done, { size: formatBytes(total) })
    }
  } finally {
    bar.stop()
  }
}
