import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { LoadResult } from './load.ts'

const SCRIPT = fileURLToPath(new URL('wrk.lua', import.meta.url))

/**
 * Like `load`, for a server that is faster than this Node: wrk asks 100 000 times a second. One answer
 * with an error is an error.
 */
export async function loadByWrk(
  { url, paths }: { url: string; paths: readonly string[] },
  { connections, seconds }: { connections: number; seconds: number },
): Promise<LoadResult> {
  const scale = ['-t1', `-c${connections}`, `-d${Math.ceil(seconds)}s`, '--timeout', '60s']
  const args = [...scale, '-s', SCRIPT, url, '--', ...paths]
  const { stdout } = await promisify(execFile)('wrk', args)
  const line = stdout.trim().split('\n').at(-1) ?? ''
  const { failures, ...result } = JSON.parse(line) as LoadResult & { failures: number }
  if (failures > 0 || result.bytes === 0) throw new Error(`${url}: ${line}`)
  return result
}
